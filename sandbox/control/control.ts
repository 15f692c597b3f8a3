import { approveLogins, endSessionsOf } from '../acts/sessions.ts'
import { type Answer, json, type SandboxRequest } from '../exchange.ts'
import type { LoggedRequest } from '../request-log.ts'
import type { LedgerEntry } from '../world/records.ts'
import { readAct, runAct } from './act.ts'
import { readFault } from './fault.ts'
import { Fields, fieldsOfList, InputError, queryNumber } from './input.ts'
import type { ControlParts } from './parts.ts'
import { addMediaFrom, addUsersFrom, deleteMedia } from './people.ts'
import { runSeeded } from './seeded-run.ts'
import { readSettings } from './settings.ts'

export interface ControlRequest {
  request: SandboxRequest
  /** After `/_sandbox`. */
  path: string
  query: URLSearchParams
}

export type ControlFace = (request: ControlRequest) => Promise<Answer>

interface ControlCall {
  body: unknown
  query: URLSearchParams
  /** The part of the path after the call's name. */
  id: string | null
}

type Run = (parts: ControlParts, call: ControlCall) => unknown

const LIST_MAX = 10_000
const ROWS_MAX = 100_000
const NUMBER_MAX = Number.MAX_SAFE_INTEGER
const LONGEST_ADVANCE_MS = 10 * 365 * 86_400_000

const CALLS: Readonly<Record<string, Run>> = {
  'GET state': state,
  'POST reset': reset,
  'POST users': ({ sandbox }, { body }) => ({ users: addUsersFrom(sandbox.world, fieldsOfList(body, LIST_MAX)) }),
  'POST media': (parts, { body }) => ({ media: addMediaFrom(parts, fieldsOfList(body, LIST_MAX)) }),
  'DELETE media/:id': ({ sandbox, clock }, { id }) => deleteMedia(sandbox.world, id ?? '', clock.now()),
  'DELETE sessions/:id': endSessions,
  'POST approvals/:id': approve,
  'POST act': act,
  'GET ledger': ledger,
  'GET requests': requests,
  'POST faults': ({ sandbox }, { body }) => sandbox.faults.add(readFault(new Fields(body))),
  'GET faults': ({ sandbox }) => ({ faults: sandbox.faults.list() }),
  'DELETE faults': clearFaults,
  'GET faults/:id': ({ sandbox }, { id }) => sandbox.faults.get(id ?? '') ?? nothing('fault'),
  'DELETE faults/:id': ({ sandbox }, { id }) => (sandbox.faults.remove(id ?? '') ? { deleted: 1 } : nothing('fault')),
  'GET clock': ({ clock }) => ({ now: clock.now() }),
  'POST clock': moveClock,
  'POST seeded-run': (parts, { body }) => runSeeded(parts, new Fields(body)),
  'GET settings': ({ sandbox }) => sandbox.settings(),
  'POST settings': settings,
}

/**
 * The control face, `/_sandbox/…`: JSON in, JSON out, 400 with the field's name for what is wrong. It says what really
 * happened (ledger, requests), makes people act and things fail, and moves time.
 */
export function controlFace(parts: ControlParts): ControlFace {
  return async ({ request, path, query }) => {
    const [name = '', id = null] = path.split('/').filter((part) => part !== '')
    const run = CALLS[`${request.method} ${name}${id === null ? '' : '/:id'}`]
    if (run === undefined) return json({ error: 'There is no such control call.' }, 404)
    try {
      return json(await run(parts, { body: bodyOf(request), query, id }))
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      return json({ error: `${error.field} ${error.message}`, field: error.field }, error.status)
    }
  }
}

function bodyOf({ body, method }: SandboxRequest): unknown {
  if (method === 'GET' || body === undefined || body.length === 0) return {}
  try {
    return JSON.parse(typeof body === 'string' ? body : Buffer.from(body).toString('utf8'))
  } catch {
    throw new InputError('body', 'must be JSON')
  }
}

function approve({ sandbox, clock }: ControlParts, { id }: ControlCall): unknown {
  const user = sandbox.world.person(id ?? '')
  if (user === undefined) throw new InputError('id', 'names nobody', 404)
  return { approved: approveLogins(sandbox.world, user, clock.now()) }
}

function clearFaults({ sandbox }: ControlParts): unknown {
  const deleted = sandbox.faults.size
  sandbox.faults.clear()
  return { deleted }
}

function nothing(what: string): never {
  throw new InputError('id', `names no ${what}`, 404)
}

function state({ sandbox, clock }: ControlParts): unknown {
  const { world } = sandbox
  return {
    seed: world.meta.seed,
    now: clock.now(),
    startedAt: world.meta.startedAt,
    counts: {
      users: world.users.size,
      sessions: world.sessions.size,
      media: world.media.size,
      likes: world.likes.size,
      comments: world.comments.size,
      follows: world.follows.size,
      threads: world.threads.size,
      items: world.items.size,
      notices: world.notices.size,
      ledger: world.ledger.size,
      requests: sandbox.requests.last,
      faults: sandbox.faults.size,
      plans: world.plans.size,
    },
    settings: sandbox.settings(),
  }
}

function reset({ sandbox, clock }: ControlParts, { body }: ControlCall): unknown {
  const fields = new Fields(body)
  const seed = fields.optionalNumber('seed', { min: 0, max: NUMBER_MAX })
  fields.end()
  sandbox.reset(seed ?? undefined)
  return { seed: sandbox.world.meta.seed, now: clock.now() }
}

function act(parts: ControlParts, { body }: ControlCall): unknown {
  const { world } = parts.sandbox
  const fields = new Fields(body)
  const { act: wanted, times } = readAct(world, fields)
  return runAct(world, { act: wanted, times, at: parts.clock.now() })
}

function endSessions({ sandbox }: ControlParts, { id }: ControlCall): unknown {
  const user = sandbox.world.person(id ?? '')
  return user === undefined ? nothing('user') : { ended: endSessionsOf(sandbox.world, user) }
}

function ledger({ sandbox }: ControlParts, { query }: ControlCall): unknown {
  const { world } = sandbox
  const after = queryNumber(query, 'after', { standard: 0, max: NUMBER_MAX })
  const limit = queryNumber(query, 'limit', { standard: ROWS_MAX, max: ROWS_MAX })
  const kind = query.get('kind')
  const account = query.get('account')
  const username = account === null ? null : (world.person(account)?.username ?? account)
  const entries: LedgerEntry[] = []
  for (let no = after + 1; no <= world.meta.ledgerNo && entries.length < limit; no++) {
    const entry = world.ledger.get(String(no))
    if (entry === undefined || (kind !== null && entry.kind !== kind)) continue
    if (username === null || entry.account === username) entries.push(entry)
  }
  return { entries, last: world.meta.ledgerNo }
}

function requests({ sandbox }: ControlParts, { query }: ControlCall): unknown {
  const after = queryNumber(query, 'after', { standard: 0, max: NUMBER_MAX })
  const limit = queryNumber(query, 'limit', { standard: ROWS_MAX, max: ROWS_MAX })
  const account = query.get('account')
  const username = account === null ? null : (sandbox.world.person(account)?.username ?? account)
  const path = query.get('path')
  const found: LoggedRequest[] = []
  for (const request of sandbox.requests.after(after)) {
    if (found.length >= limit) break
    if (path !== null && !request.path.includes(path)) continue
    if (username === null || request.account === username) found.push(request)
  }
  return { requests: found, last: sandbox.requests.last }
}

async function moveClock({ sandbox, clock, advance }: ControlParts, { body }: ControlCall): Promise<unknown> {
  const fields = new Fields(body)
  const advanceMs = fields.optionalNumber('advanceMs', { min: 0, max: LONGEST_ADVANCE_MS })
  const now = fields.optionalNumber('now', { min: 0, max: NUMBER_MAX })
  fields.end()
  if ((advanceMs === null) === (now === null))
    throw new InputError('advanceMs', 'or now is required, and only one of them')
  const ms = advanceMs ?? (now ?? 0) - clock.now()
  if (ms < 0) throw new InputError('now', 'is in the past; the clock runs forwards only')
  if (advance === null) throw new InputError('advanceMs', 'cannot be used: this clock is not ours to move', 409)
  try {
    await advance(ms)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new InputError('advanceMs', `was refused by the clock: ${reason}`, 409)
  }
  sandbox.world.reach(clock.now())
  return { now: clock.now() }
}

function settings({ sandbox }: ControlParts, { body }: ControlCall): unknown {
  sandbox.configure(readSettings(new Fields(body)))
  return sandbox.settings()
}
