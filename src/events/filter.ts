import { invalidFields } from '../core/errors.ts'
import { nearest } from '../core/nearest.ts'
import type { Principal } from '../http/route.ts'
import { maySeeSession } from '../http/tenancy.ts'
import { EVENT_CATALOGUE, type EventType, type StoredEvent } from './event.ts'

const TYPES = Object.keys(EVENT_CATALOGUE) as EventType[]

/**
 * The types that names stand for: a type, `message.*` for all that begin so, `*` for all. Throws `VALIDATION_ERROR`
 * naming `path` where one stands for none.
 */
export function expandTypes(path: string, names: readonly string[]): ReadonlySet<EventType> {
  const found = new Set<EventType>()
  for (const name of names) {
    const meant = TYPES.filter((type) => isMeant(name, type))
    if (meant.length === 0) throw invalidFields([{ path, message: typeFault(name) }])
    for (const type of meant) found.add(type)
  }
  return found
}

/** What is wrong with a name that stands for no type. */
function typeFault(name: string): string {
  const near = nearest(name, TYPES)
  const hint = near === null ? 'known are * and, e.g., message.* or message.received' : `did you mean ${near}?`
  return `${JSON.stringify(name.slice(0, 60))} is no type of event; ${hint}`
}

/** Whether a name stands for a type: the type itself, `message.*` for all that begin so, `*` for all. */
function isMeant(name: string, type: EventType): boolean {
  return name === '*' || name === type || (name.endsWith('.*') && type.startsWith(name.slice(0, -1)))
}

export interface EventFilter {
  /** Null = every type. */
  types: ReadonlySet<EventType> | null
  sessionId: string | null
}

/** Whether a filter asks for an event, and the caller's token reaches it. What concerns no session is the user's alone. */
export function isAskedFor(principal: Principal, filter: EventFilter, event: StoredEvent): boolean {
  if (filter.types !== null && !filter.types.has(event.type)) return false
  if (filter.sessionId !== null && filter.sessionId !== event.sessionId) return false
  if (principal.sessions === null) return true
  return event.sessionId !== null && maySeeSession(principal, { id: event.sessionId, username: event.username ?? '' })
}
