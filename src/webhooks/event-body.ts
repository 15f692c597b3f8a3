import { type StoredEvent, viewEvent } from '../events/index.ts'

/** What is signed and sent: the event, the same bytes at every attempt. */
export function eventBody(event: StoredEvent): string {
  return JSON.stringify(viewEvent(event))
}
