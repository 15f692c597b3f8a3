/**
 * An endpoint is where one user's events go: an address, a filter, and a *place* in the user's event log. Writing an event
 * costs nothing for it; whoever delivers reads the log from that place on (`turn.ts`).
 *
 * ```
 * active ──► disabled   by its owner, by a 410, or after failing for five days; place and queue are kept
 *   ▲           │
 *   └───────────┘       by its owner
 * either ──► deleted    final: secrets are wiped at once, deliveries by the housekeeping
 * ```
 */
import type { EventDraft } from '../events/index.ts'
import type { Health } from './retry.ts'

export type EndpointStatus = 'active' | 'disabled'

/** `gone` = it answered 410, `failing` = for five days, `owner` = on request. */
export type DisabledReason = 'gone' | 'failing' | 'owner'

/** A range of the log that is sent again, in a place of its own; what is new comes before it. */
export interface Replay {
  /** Events after this number, up to and with `until`. */
  after: number
  until: number
  /** Only events that happened from `since` to `before`; null = no such bound. */
  since: number | null
  before: number | null
  /** As in a filter; null = what the endpoint wants. */
  types: readonly string[] | null
}

export interface Endpoint {
  id: string
  userId: string
  url: string
  description: string | null
  /** Types and prefixes (`message.*`); null = all. */
  types: readonly string[] | null
  /** Null = all of the user's. */
  sessionIds: readonly string[] | null
  /** Opened by `secrets.ts`. */
  sealed: string
  status: EndpointStatus
  statusReason: DisabledReason | null
  statusAt: number
  /** Events up to this number of the log have been looked at. */
  takenTo: number
  replay: Replay | null
  health: Health
  createdAt: number
}

type Filtered = Pick<EventDraft, 'type' | 'sessionId' | 'data'>

/** Whether an event goes to the endpoint. Never one about the endpoint itself: its failing would be news without end. */
export function wants(endpoint: Pick<Endpoint, 'id' | 'types' | 'sessionIds'>, event: Filtered): boolean {
  const { types, sessionIds } = endpoint
  if (types !== null && !includesType(types, event.type)) return false
  if (sessionIds !== null && (event.sessionId === null || !sessionIds.includes(event.sessionId))) return false
  return !(isAboutWebhooks(event.type) && event.data['webhookId'] === endpoint.id)
}

/** Whether an event of the replayed range is sent again. */
export function isReplayed(endpoint: Endpoint, replay: Replay, event: Filtered & { at: number }): boolean {
  if (replay.since !== null && event.at < replay.since) return false
  if (replay.before !== null && event.at > replay.before) return false
  return (replay.types === null || includesType(replay.types, event.type)) && wants(endpoint, event)
}

export function isAboutWebhooks(type: string): boolean {
  return type.startsWith('webhook.')
}

function includesType(types: readonly string[], type: string): boolean {
  return types.some((entry) => (entry.endsWith('*') ? type.startsWith(entry.slice(0, -1)) : type === entry))
}
