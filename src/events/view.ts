import Type from 'typebox'
import type { StoredEvent } from './event.ts'

/** An event as lists, streams and webhooks show it. */
export const EventView = Type.Object({
  id: Type.String({ description: 'Stable; the same event always has the same id.' }),
  sequence: Type.Integer({ minimum: 1, description: 'Rises by one from event to event of a user.' }),
  type: Type.String(),
  timestamp: Type.String({ format: 'date-time' }),
  userId: Type.String(),
  sessionId: Type.Union([Type.String(), Type.Null()]),
  username: Type.Union([Type.String(), Type.Null()], { description: 'Of the account.' }),
  data: Type.Record(Type.String(), Type.Unknown()),
})

export function viewEvent({ id, sequence, type, at, userId, sessionId, username, data }: StoredEvent) {
  return { id, sequence, type, timestamp: new Date(at).toISOString(), userId, sessionId, username, data }
}
