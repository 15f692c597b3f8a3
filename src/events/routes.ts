import Type from 'typebox'
import type { Clock } from '../core/clock.ts'
import { invalidFields } from '../core/errors.ts'
import type { Random } from '../core/random.ts'
import { type Route, route } from '../http/route.ts'
import { STREAM_QUERY, ticketRoutes } from '../http/tickets.ts'
import type { Store } from '../store/store.ts'
import { type EventFilter, expandTypes } from './filter.ts'
import { listEvents } from './list-events.ts'
import { streamEvents } from './stream-events.ts'
import { EventView } from './view.ts'

const PAGE = 50
const PAGE_MAX = 1_000
const SEQUENCE = /^\d{1,15}$/

const After = Type.Optional(
  Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description: 'A sequence number; 0 = the beginning.' }),
)
const FILTER_QUERY = {
  types: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 2_000,
      description: 'With commas between; `message.*` is all that begin so.',
    }),
  ),
  sessionId: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
}

/** Reading the log: by page, as a stream, and the ticket that opens a stream. */
export function eventRoutes(deps: { store: Store; clock: Clock; random: Random }): Route[] {
  return [
    route({
      operation: 'listEvents',
      method: 'GET',
      path: '/events',
      summary: 'Read events in order',
      tag: 'Events',
      scope: 'read',
      query: Type.Object({
        after: After,
        ...FILTER_QUERY,
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: PAGE_MAX, description: `${PAGE} when absent.` })),
      }),
      answers: { 200: Type.Array(EventView) },
      errors: [],
      handler: ({ principal, query }) =>
        listEvents(deps, principal, { ...readFilter(query), after: query.after ?? 0, limit: query.limit ?? PAGE }),
    }),
    route({
      operation: 'streamEvents',
      method: 'GET',
      path: '/events/stream',
      summary: 'Follow events in order as server-sent events',
      tag: 'Events',
      scope: 'read',
      query: Type.Object({ after: After, ...FILTER_QUERY, ...STREAM_QUERY }),
      streams: true,
      answers: { 200: EventView },
      errors: [],
      handler: ({ principal, query, lastEventId }) =>
        streamEvents(deps, principal, { ...readFilter(query), after: readLast(lastEventId) ?? query.after ?? null }),
    }),
    ...ticketRoutes(deps),
  ]
}

function readFilter(query: { types?: string; sessionId?: string }): EventFilter {
  const names = query.types?.split(',').map((name) => name.trim())
  return {
    types: names === undefined ? null : expandTypes('types', names),
    sessionId: query.sessionId ?? null,
  }
}

function readLast(lastEventId: string | null): number | null {
  if (lastEventId === null) return null
  if (!SEQUENCE.test(lastEventId)) {
    throw invalidFields([{ path: 'lastEventId', message: 'must be the id of an event of this stream' }])
  }
  return Number(lastEventId)
}
