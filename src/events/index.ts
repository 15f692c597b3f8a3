export { EVENT_CATALOGUE, type EventDraft, type EventType, type StoredEvent } from './event.ts'
export { appendEvent, readEvents } from './log.ts'
