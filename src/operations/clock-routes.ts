import { Type } from 'typebox'
import type { SystemClock } from '../core/clock-system.ts'
import { GatewayError } from '../core/errors.ts'
import { type Route, route } from '../http/route.ts'

const YEAR_MS = 366 * 24 * 3_600_000

/** Moving product time by hand: for rehearsing days of limits, pauses and expiry in milliseconds. */
export function clockRoutes(deps: { clock: Pick<SystemClock, 'now' | 'advance'>; mode: 'sandbox' | 'live' }): Route[] {
  return [
    route({
      operation: 'advanceClock',
      method: 'POST',
      path: '/admin/clock',
      summary: 'Move product time forward (sandbox mode)',
      tag: 'Operating',
      scope: 'admin',
      body: Type.Object(
        { advanceMs: Type.Integer({ minimum: 0, maximum: YEAR_MS, description: 'Milliseconds to move forward.' }) },
        { additionalProperties: false },
      ),
      answers: { 200: Type.Object({ now: Type.String({ format: 'date-time' }) }) },
      errors: ['NOT_SUPPORTED', 'CLOCK_BUSY'],
      handler: async ({ body }) => {
        if (deps.mode === 'live') {
          throw new GatewayError('NOT_SUPPORTED', { message: 'Time can be moved in sandbox mode only.' })
        }
        await deps.clock.advance(body.advanceMs)
        return { status: 200, data: { now: new Date(deps.clock.now()).toISOString() } }
      },
    }),
  ]
}
