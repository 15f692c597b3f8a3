import type { Clock } from '../core/clock.ts'
import { type Transport, TransportError } from '../core/transport.ts'

/** The same transport, telling how long each exchange took and how it ended: `2xx` … `5xx`, or the kind of trouble. */
export function measured(
  send: Transport,
  { clock, observe }: { clock: Pick<Clock, 'elapsed'>; observe(outcome: string, durationMs: number): void },
): Transport {
  return async (request) => {
    const startedMs = clock.elapsed()
    try {
      const response = await send(request)
      observe(`${Math.floor(response.status / 100)}xx`, clock.elapsed() - startedMs)
      return response
    } catch (error) {
      observe(error instanceof TransportError ? error.kind : 'failed', clock.elapsed() - startedMs)
      throw error
    }
  }
}
