import type { LedgerEntry } from '../../sandbox/index.ts'
import { ALL_KINDS, DAY_MS, HOUR_MS } from '../../src/limits/index.ts'
import type { ActionStatus } from '../../src/outbox/index.ts'
import { isTerminal, timelineFault } from '../../src/outbox/index.ts'
import type { ActionTable, BatchTable, SuppressionTable, TimelineTable } from '../../src/store/schema.ts'
import type { Db } from '../../src/store/store.ts'

/**
 * What must always hold (design: actions and limits), checked after the fact: what the store says against the ledger of
 * the simulated Instagram, which knows what really happened. Shared by the simulation and the kill campaigns.
 */

/** One request under way between us and Instagram. */
export interface Flight {
  /** Of the account that the request speaks for. */
  platformId: string | null
  /** Whether it belongs to a turn of a lane, and not to a login or the like. */
  isTurn: boolean
  request: string
  /** The client token, where the request carries one. */
  token: string | null
  from: number
  /** Answered, or past its deadline: it can no longer take effect. */
  until: number
  /** The process that sent it, and who held the account's lane at that moment, where the test looked. */
  sender?: number
  holder?: string | null
}

export type WindowName = 'hour' | 'day' | 'total'

export interface Evidence {
  db: Db
  /** Everything that really happened, in order. */
  ledger: readonly LedgerEntry[]
  /** Where the test watched the wire. */
  flights?: readonly Flight[]
  /** Most attempts of an account in a window that ends at an instant; null = no limit. Absent = windows are not checked. */
  limitAt?: (window: { username: string; kind: string; name: WindowName; at: number }) => number | null
  /** Actions that somebody was told are accepted. */
  accepted?: Iterable<string>
  /** Usernames by platform id, of those whom acts are about. */
  people?: ReadonlyMap<string, string>
  /** Whether every action must have ended by now. */
  isOver: boolean
  /** False when the simulated Instagram runs on a clock of its own, so that its instants cannot be compared with ours. */
  sharesClock?: boolean
}

export interface Violation {
  invariant: 'windows' | 'one_turn' | 'one_end' | 'true_status' | 'suppressed' | 'usage' | 'counts'
  /** Ids and counts; never what was written to anybody. */
  what: string
}

/** How an action is recognised in the ledger. */
type Proof =
  /** By Instagram's own de-duplication token: `succeeded` ⇔ one effect. */
  | { type: 'token'; effect: LedgerEntry['kind'] }
  /** By what it was done to: `succeeded` ⇒ it happened some time, and never more often than it was asked for. */
  | { type: 'state'; effect: LedgerEntry['kind'] }
  /** As before, but what was wanted may have been so all along. */
  | { type: 'change'; effect: LedgerEntry['kind'] }

const ITEM_STATUSES = [
  'queued',
  'running',
  'succeeded',
  'failed',
  'unconfirmed',
  'canceled',
  'expired',
  'skipped',
] as const

/** Kinds by name; a kind that is not here fails the check, so that none is forgotten. */
const PROOFS: Readonly<Record<string, Proof>> = {
  message: { type: 'token', effect: 'message' },
  story_reply: { type: 'token', effect: 'story_reply' },
  comment: { type: 'token', effect: 'comment' },
  reel_comment: { type: 'token', effect: 'reel_comment' },
  like: { type: 'state', effect: 'like' },
  reel_like: { type: 'state', effect: 'reel_like' },
  follow: { type: 'state', effect: 'follow' },
  // What was so before needs no effect.
  unlike: { type: 'change', effect: 'unlike' },
  unfollow: { type: 'change', effect: 'unfollow' },
  story_view: { type: 'change', effect: 'story_view' },
}

/** All that is wrong; empty when everything holds. */
export async function checkInvariants(evidence: Evidence): Promise<Violation[]> {
  const { db } = evidence
  const actions = await db.selectFrom('actions').selectAll().orderBy('accepted_at').orderBy('id').execute()
  const accounts = await db.selectFrom('accounts').selectAll().execute()
  const usernames = new Map(accounts.map((account) => [account.id, account.username]))
  const batches = await db.selectFrom('batches').selectAll().orderBy('id').execute()
  const stored: Stored = { actions, usernames, batches: new Map(batches.map((batch) => [batch.id, batch])) }
  return [
    ...checkWindows(evidence, stored),
    ...checkFlights(evidence.flights ?? []),
    ...(await checkEnds(evidence, stored)),
    ...checkTruth(evidence, stored),
    ...(await checkSuppressed(evidence, stored)),
    ...(await checkUsage(db, stored)),
    ...checkCounts(stored),
  ]
}

interface Stored {
  actions: readonly ActionTable[]
  usernames: ReadonlyMap<string, string>
  batches: ReadonlyMap<string, BatchTable>
}

/** 1. No rolling window ever holds more than its limit: by the ledger, whose repeats are attempts of ours as well. */
function checkWindows({ ledger, limitAt }: Evidence, { usernames }: Stored): Violation[] {
  if (limitAt === undefined) return []
  const ours = new Set(usernames.values())
  const byKind = new Map<string, { username: string; kind: string; instants: number[] }>()
  const add = (username: string, kind: string, at: number) => {
    const key = `${username} ${kind}`
    const found = byKind.get(key) ?? { username, kind, instants: [] }
    found.instants.push(at)
    byKind.set(key, found)
  }
  const effects = new Set(Object.values(PROOFS).map((proof) => proof.effect))
  for (const { account, kind, at } of ledger) {
    if (!ours.has(account) || !effects.has(kind)) continue
    add(account, kind, at)
    add(account, ALL_KINDS, at)
  }
  const violations: Violation[] = []
  for (const { username, kind, instants } of byKind.values()) {
    const windows: [WindowName, number][] =
      kind === ALL_KINDS
        ? [['total', DAY_MS]]
        : [
            ['hour', HOUR_MS],
            ['day', DAY_MS],
          ]
    for (const [name, durationMs] of windows) {
      const over = instants.findIndex((at, index) => {
        const limit = limitAt({ username, kind, name, at })
        const leaving = limit === null ? undefined : instants[index - limit]
        return leaving !== undefined && leaving > at - durationMs
      })
      if (over === -1) continue
      const at = instants[over] as number
      const held = instants.filter((instant, index) => index <= over && instant > at - durationMs).length
      violations.push({ invariant: 'windows', what: `${username} ${kind} ${name}: ${held} attempts up to ${at}` })
    }
  }
  return violations
}

/** 2. Never two turns of one account in flight. */
function checkFlights(flights: readonly Flight[]): Violation[] {
  const violations: Violation[] = []
  const last = new Map<string, Flight>()
  const senders = new Map<string, number>()
  for (const flight of flights) {
    if (!flight.isTurn || flight.platformId === null) continue
    const late = lateFault(flight, senders)
    if (late !== null) violations.push({ invariant: 'one_turn', what: `account ${flight.platformId}: ${late}` })
    const before = last.get(flight.platformId)
    if (before !== undefined && before.until > flight.from) {
      const overlap = `${before.request} ${before.from}–${before.until}, ${flight.request} from ${flight.from}`
      violations.push({ invariant: 'one_turn', what: `account ${flight.platformId}: ${overlap}` })
    }
    if (before === undefined || flight.until > before.until) last.set(flight.platformId, flight)
  }
  return violations
}

/** Nothing leaves a process that does not hold the lane any more. Each holder is one process: the first that was seen. */
function lateFault(flight: Flight, senders: Map<string, number>): string | null {
  const { holder, sender, request, from } = flight
  if (holder === undefined || sender === undefined) return null
  if (holder === null) return `${request} left at ${from}, while nobody held the lane`
  const known = senders.get(holder)
  if (known === undefined) senders.set(holder, sender)
  return known === undefined || known === sender
    ? null
    : `${request} left process ${sender} at ${from} while ${holder} held the lane`
}

/** 3. Every accepted action ends in exactly one terminal status, and its timeline tells how. */
async function checkEnds({ db, accepted = [], isOver }: Evidence, { actions }: Stored): Promise<Violation[]> {
  const violations: Violation[] = []
  const wrong = (what: string) => violations.push({ invariant: 'one_end', what })
  const known = new Set(actions.map((action) => action.id))
  for (const id of accepted) if (!known.has(id)) wrong(`${id} was accepted and is not there`)
  const rows = await db.selectFrom('timeline').selectAll().orderBy('action_id').orderBy('no').execute()
  const timelines = Map.groupBy(rows, (row) => row.action_id)
  for (const action of actions) {
    const timeline = timelines.get(action.id) ?? []
    const hasEnded = isTerminal(action.status as ActionStatus)
    if (isOver && !hasEnded) wrong(`${action.id} never ended: ${action.status} ${action.step ?? ''}`)
    if (hasEnded !== (action.settled_at !== null))
      wrong(`${action.id} is ${action.status}, settled ${action.settled_at}`)
    if ((action.status === 'running') !== (action.step !== null)) {
      wrong(`${action.id} is ${action.status} at step ${action.step}`)
    }
    const fault = timelineFault(action.status, timeline)
    if (fault !== null) wrong(`${action.id}: ${fault}`)
  }
  return violations
}

/** 4. What we say happened is what happened. */
function checkTruth(
  { ledger, people = new Map(), sharesClock = true }: Evidence,
  { actions, usernames, batches }: Stored,
): Violation[] {
  const violations: Violation[] = []
  const effects = effectsByProof(ledger)
  const asked = new Map<string, number>()
  const wrong = (what: string) => violations.push({ invariant: 'true_status', what })
  for (const action of actions) {
    const proof = PROOFS[action.kind]
    const username = usernames.get(action.account_id) ?? ''
    if (proof === undefined) {
      wrong(`nobody knows how to recognise a ${action.kind}`)
      continue
    }
    const what = proof.type === 'token' ? `token ${action.client_token}` : `target ${targetOf(action, people)}`
    const key = `${username} ${proof.effect} ${what}`
    const found = effects.get(key) ?? []
    const payload = batches.get(action.batch_id ?? '')?.payload ?? action.payload
    const fault =
      proof.type === 'token' ? tokenFault(action, payload, found) : stateFault({ proof, sharesClock }, action, found)
    if (fault !== null) wrong(`${action.id} of ${username}: ${fault}`)
    if (proof.type !== 'token') asked.set(key, (asked.get(key) ?? 0) + 1)
  }
  for (const [key, count] of asked) {
    const happened = effects.get(key)?.length ?? 0
    if (happened > count) wrong(`${key}: asked for ${count} times, happened ${happened} times`)
  }
  return violations
}

/** Only first effects: Instagram recognised the others as repeats. */
function effectsByProof(ledger: readonly LedgerEntry[]): Map<string, LedgerEntry[]> {
  const found = new Map<string, LedgerEntry[]>()
  for (const entry of ledger) {
    if (entry.duplicateOf !== undefined) continue
    const { account, kind, token, mediaId, target } = entry
    for (const key of [`${account} ${kind} token ${token}`, `${account} ${kind} target ${mediaId ?? target}`]) {
      const list = found.get(key)
      if (list === undefined) found.set(key, [entry])
      else list.push(entry)
    }
  }
  return found
}

/** As the ledger names it: media by id, people by name. */
function targetOf(action: ActionTable, people: ReadonlyMap<string, string>): string {
  const { id } = JSON.parse(action.target) as { id?: string }
  return people.get(id ?? '') ?? id ?? ''
}

function tokenFault(action: ActionTable, payload: string, effects: readonly LedgerEntry[]): string | null {
  const count = effects.length
  switch (action.status) {
    case 'succeeded':
      return count === 1 ? contentFault(action, payload, effects) : `succeeded with ${count} effects`
    case 'failed':
    case 'canceled':
    case 'expired':
    case 'skipped':
    case 'queued':
      return count === 0 ? null : `${action.status} with ${count} effects`
    default:
      return count <= 1 ? null : `${action.status} with ${count} effects`
  }
}

function contentFault(action: ActionTable, payload: string, [effect]: readonly LedgerEntry[]): string | null {
  const { text, content } = JSON.parse(payload) as { text?: string; content?: string }
  const { username } = JSON.parse(action.target) as { username?: string }
  const said = text ?? content
  if (said !== undefined && effect?.text !== said) return 'arrived with another text'
  return username !== undefined && effect?.target !== username ? 'arrived at somebody else' : null
}

function stateFault(
  { proof, sharesClock }: { proof: Proof; sharesClock: boolean },
  action: ActionTable,
  effects: readonly LedgerEntry[],
): string | null {
  if (proof.type !== 'state' || action.status !== 'succeeded') return null
  const isThere = effects.some((effect) => !sharesClock || effect.at <= (action.settled_at ?? effect.at))
  return isThere ? null : 'succeeded without an effect'
}

/**
 * 5. A suppressed contact receives nothing but a person's explicit override: by what the ledger says arrived. What arrived
 * was decided on when its attempt was marked.
 */
async function checkSuppressed({ db, ledger }: Evidence, { actions, usernames }: Stored): Promise<Violation[]> {
  const suppressions = await db.selectFrom('suppressions').selectAll().execute()
  if (suppressions.length === 0) return []
  const marks = Map.groupBy(
    await db.selectFrom('timeline').selectAll().where('cause', 'in', ['attempt', 'resend']).execute(),
    (row) => row.action_id,
  )
  const written = new Map(
    ledger
      .filter(({ kind }) => kind === 'message' || kind === 'story_reply')
      .map(({ account, token, target }) => [`${account} ${token}`, target]),
  )
  const violations: Violation[] = []
  for (const action of actions) {
    const target = written.get(`${usernames.get(action.account_id)} ${action.client_token}`)
    if (target == null || action.override_by !== null) continue
    for (const suppression of suppressions) {
      if (!means(suppression, action, target)) continue
      if (!(marks.get(action.id) ?? []).some((mark) => isWithin(suppression, mark))) continue
      violations.push({ invariant: 'suppressed', what: `${action.id} was attempted while ${suppression.id} held` })
    }
  }
  return violations
}

function means(suppression: SuppressionTable, action: ActionTable, username: string): boolean {
  const { user_id, scope, platform_id: platformId } = suppression
  if (user_id !== action.user_id || (scope !== '*' && scope !== action.account_id)) return false
  if (platformId === null) return suppression.username === username
  const found = JSON.parse(action.resolved ?? '{}') as { platformId?: string; ownerId?: string }
  return platformId === (found.platformId ?? found.ownerId)
}

function isWithin(suppression: SuppressionTable, { at }: TimelineTable): boolean {
  return at > suppression.created_at && (suppression.lifted_at === null || at < suppression.lifted_at)
}

/** 6. Bulk counts add up, and say what the items say. */
function checkCounts({ actions, batches }: Stored): Violation[] {
  const violations: Violation[] = []
  const items = Map.groupBy(actions, (action) => action.batch_id)
  for (const batch of batches.values()) {
    const own = items.get(batch.id) ?? []
    if (batch.status !== 'accepting' && own.length !== batch.total) {
      violations.push({ invariant: 'counts', what: `${batch.id} has ${own.length} items of ${batch.total}` })
    }
    for (const status of ITEM_STATUSES) {
      const count = own.filter((action) => action.status === status).length
      if (batch.status !== 'accepting' && batch[status] !== count) {
        violations.push({ invariant: 'counts', what: `${batch.id} counts ${batch[status]} ${status}, holds ${count}` })
      }
    }
  }
  return violations
}

/** The numbers behind the windows: without gaps, never running backwards, and no more of them than attempts. */
async function checkUsage(db: Db, { actions }: Stored): Promise<Violation[]> {
  const violations: Violation[] = []
  const rows = await db.selectFrom('usage').selectAll().orderBy('subject').orderBy('kind').orderBy('no').execute()
  const attempts = new Map<string, number>()
  for (const [index, row] of rows.entries()) {
    const before = rows[index - 1]
    const follows = before !== undefined && before.subject === row.subject && before.kind === row.kind
    const name = `${row.subject} ${row.kind} no. ${row.no}`
    if (follows && row.no !== before.no + 1)
      violations.push({ invariant: 'usage', what: `${name} follows ${before.no}` })
    if (follows && row.at < before.at) violations.push({ invariant: 'usage', what: `${name} is before the one before` })
    if (row.kind !== ALL_KINDS && row.ref !== null) attempts.set(row.ref, (attempts.get(row.ref) ?? 0) + 1)
  }
  for (const action of actions) {
    const numbered = attempts.get(action.id) ?? 0
    if (numbered > action.attempts) {
      violations.push({ invariant: 'usage', what: `${action.id}: ${numbered} numbers for ${action.attempts} attempts` })
    }
  }
  return violations
}
