import { createBell } from '../core/bell.ts'
import type { Clock } from '../core/clock.ts'
import type { Answer, Principal } from '../http/route.ts'
import type { SseStream } from '../http/sse.ts'
import type { Store } from '../store/store.ts'
import { type EventFilter, isAskedFor } from './filter.ts'
import { lastSequence, listenForEvents, readEvents } from './log.ts'
import { viewEvent } from './view.ts'

const PAGE = 200
/** Between looks where a wake-up may get lost on its way from another process (machine time). */
const LOOK_EVERY_MS = 1_000

interface StreamDeps {
  store: Store
  clock: Clock
}

/**
 * A user's events in order, as they happen. The log is the only source: what was missed and what happens now are read
 * from it alike, page by page from the last event that the client has, so nothing falls between the two. `after` null =
 * from now on. What retention took away meanwhile is told first, as `stream.gap`.
 */
export async function streamEvents(
  deps: StreamDeps,
  principal: Principal,
  input: EventFilter & { after: number | null },
): Promise<Answer> {
  const last = await lastSequence(deps.store.read, principal.userId)
  // Beyond the log there is nothing yet: such a number is of another store.
  const from = Math.min(input.after ?? last, last)
  return { status: 200, stream: (stream) => follow(deps, principal, { ...input, from }, stream) }
}

async function follow(
  { store, clock }: StreamDeps,
  principal: Principal,
  input: EventFilter & { from: number },
  stream: SseStream,
): Promise<void> {
  const { userId } = principal
  const bell = createBell()
  const stopListening = listenForEvents(store, (grown) => {
    if (grown === userId) bell.ring()
  })
  stream.signal.addEventListener('abort', bell.ring)
  try {
    let told = input.from
    while (!stream.signal.aborted) {
      const page = await readEvents(store.read, { userId, after: told, limit: PAGE })
      const first = page[0]?.sequence ?? told + 1
      if (first > told + 1) {
        const data = { from: told + 1, to: first - 1 }
        stream.send({ id: String(first - 1), type: 'stream.gap', data })
      }
      for (const event of page) {
        told = event.sequence
        if (!isAskedFor(principal, input, event)) continue
        stream.send({ id: String(event.sequence), type: event.type, data: viewEvent(event) })
      }
      await stream.drained()
      if (page.length === PAGE) continue
      const timer = store.engine === 'postgres' ? clock.after(LOOK_EVERY_MS, bell.ring) : null
      await bell.heard()
      timer?.cancel()
    }
  } finally {
    stopListening()
    stream.signal.removeEventListener('abort', bell.ring)
  }
}
