/**
 * Idempotency keys.
 *
 * A record goes through three states. *Claimed*: written in the transaction of the work (or alone, before a call to
 * Instagram), it names who claimed it and until when an answer may be expected. *Answered*: status, headers and body,
 * given to every repeat byte for byte. *Abandoned*: claimed, never answered, its time is over; the answer is then made
 * afresh from the action the record names, or the request counts as new.
 *
 * What a repeat gets must be what the first request got. So an answer that is known in the transaction of the work is
 * stored in it; a refusal that rolled the transaction back is stored before it is sent, under the same claim, in a
 * transaction of its own: if another request took the key in between, that one's record stands and nothing is stored.
 * Answers that were waited for are stored after they were sent. Refusals about the moment or the caller (400, 401, 403,
 * 404, 413, 415, 429, 503) are not stored, and free the key.
 */
import { createHmac } from 'node:crypto'
import type { Clock } from '../core/clock.ts'
import { GatewayError } from '../core/errors.ts'
import type { Db, Store } from '../store/store.ts'
import { deleteOldKeys, findKey } from './store.ts'

const KEY_RETENTION_MS = 24 * 3_600_000
/** On top of what the work itself may take. */
export const ANSWER_GRACE_MS = 10_000

const SWEEP_BATCH = 500
const NOT_STORED: ReadonlySet<number> = new Set([400, 401, 403, 404, 405, 413, 415, 429, 431, 503])

export interface KeyedRequest {
  userId: string
  key: string
  fingerprint: string
}

export interface StoredAnswer {
  status: number
  headers: Record<string, string>
  body: string
}

/** Encryption of answers that show a secret; `identity` binds the text to its record. */
export interface Seals {
  seal(plain: string, identity: string): string
  open(sealed: string, identity: string): string
}

/** What stands under a key, as seen by one request. */
export type KeyState =
  | { type: 'free' }
  | { type: 'answered'; answer: StoredAnswer }
  | { type: 'in_progress' }
  | { type: 'other_request' }
  /** `claim` may be taken over; `actionId` names what the first request had accepted. */
  | { type: 'abandoned'; claim: string; actionId: string | null }

type KeyRow = Awaited<ReturnType<typeof findKey>>[number]

/** The inner text of the header, bare or as a quoted string; null when absent. Throws `VALIDATION_ERROR`. */
export function parseIdempotencyKey(header: string | string[] | undefined): string | null {
  if (header === undefined) return null
  const text = typeof header === 'string' ? header : ''
  const bare = /^"(.*)"$/.exec(text)?.[1] ?? text
  if (/^[\x21-\x7e]{1,255}$/.test(bare)) return bare
  throw new GatewayError('VALIDATION_ERROR', {
    message: 'Idempotency-Key: must be 1 to 255 visible ASCII characters, given once',
    details: {
      fields: [{ path: 'Idempotency-Key', message: 'must be 1 to 255 visible ASCII characters, given once' }],
    },
  })
}

/** Tells requests apart without keeping what they said: the order of members and white space do not matter. */
export function fingerprint(key: Uint8Array, request: { method: string; path: string; body: unknown }): string {
  return createHmac('sha256', key)
    .update(`${request.method}\n${request.path}\n`)
    .update(canonical(request.body))
    .digest('base64url')
}

export function isStored(status: number): boolean {
  return !NOT_STORED.has(status)
}

/** Judges the record under a key. Product time for its age, machine time for patience. */
export function judge(row: KeyRow | undefined, request: KeyedRequest, deps: { clock: Clock; seals: Seals }): KeyState {
  if (row === undefined) return { type: 'free' }
  if (row.created_at + KEY_RETENTION_MS <= deps.clock.now()) {
    return { type: 'abandoned', claim: row.claim, actionId: null }
  }
  if (row.fingerprint !== request.fingerprint) return { type: 'other_request' }
  if (row.status !== null && row.body !== null) {
    return { type: 'answered', answer: openAnswer(row, row.status, row.body, deps.seals) }
  }
  if ((row.answer_by_wall ?? 0) > deps.clock.wall()) return { type: 'in_progress' }
  return { type: 'abandoned', claim: row.claim, actionId: row.action_id }
}

/** Looks before any work is done, so that a repeat costs one read and cannot be refused for what happened since. */
export async function lookUpKey(
  db: Db,
  deps: { clock: Clock; seals: Seals },
  request: KeyedRequest,
): Promise<KeyState> {
  const [row] = await findKey(db, { userId: request.userId, key: request.key })
  return judge(row, request, deps)
}

export function keyRefusal(type: 'in_progress' | 'other_request'): GatewayError {
  if (type === 'other_request') return new GatewayError('IDEMPOTENCY_KEY_REUSED')
  return new GatewayError('IDEMPOTENCY_KEY_IN_USE', { retryAfterSeconds: 1 })
}

/** Deletes records older than a day of product time, in batches; returns how many. */
export async function sweepIdempotencyKeys(deps: { store: Store; clock: Clock }): Promise<number> {
  let deleted = 0
  for (;;) {
    const before = deps.clock.now() - KEY_RETENTION_MS
    const batch = await deps.store.write((tx) => deleteOldKeys(tx, { before, limit: SWEEP_BATCH }))
    deleted += batch
    if (batch < SWEEP_BATCH) return deleted
  }
}

export function answerIdentity(request: { userId: string; key: string }): string {
  return `idempotency_keys/${JSON.stringify([request.userId, request.key])}/body`
}

function openAnswer(row: KeyRow, status: number, body: string, seals: Seals): StoredAnswer {
  // Written by `storeAnswer` alone.
  const { headers, sealed } = JSON.parse(row.headers ?? '{}') as { headers: Record<string, string>; sealed: boolean }
  const identity = answerIdentity({ userId: row.user_id, key: row.key })
  return { status, headers, body: sealed ? seals.open(body, identity) : body }
}

/** JSON with the members of every object in one order. Bodies are at most 32 levels deep. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? ''
  const members = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0))
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(',')}}`
}
