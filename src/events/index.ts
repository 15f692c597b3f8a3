export type { EventDraft, EventType, StoredEvent } from './event.ts'
export { appendEvent, readEvents } from './log.ts'
