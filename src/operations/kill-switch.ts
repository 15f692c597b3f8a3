import Type from 'typebox'
import { GatewayError, invalidFields } from '../core/errors.ts'
import { type Answer, type Principal, type Receipt, type Route, route } from '../http/route.ts'
import { wakeLane } from '../lanes/index.ts'
import { listSwitches, type Switch, type SwitchScope, switchOff, switchOn } from '../limits/index.ts'
import { announceChange, type OutboxDeps } from '../outbox/index.ts'
import { listLiveAccounts } from '../sessions/index.ts'
import type { Db } from '../store/store.ts'
import type { Audit } from './audit.ts'

type Deps = Pick<OutboxDeps, 'store' | 'clock' | 'signal' | 'sessions'> & { audit: Audit }

/** Lanes woken in one transaction. */
const LANES_AT_ONCE = 500

const Scope = {
  userId: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'Only the sessions of this user.' })),
  sessionId: Type.Optional(Type.String({ minLength: 1, maxLength: 100, description: 'Only this session.' })),
}
const StoppedView = Type.Object(
  {
    scope: Type.Object({
      all: Type.Optional(Type.Literal(true)),
      userId: Type.Optional(Type.String()),
      sessionId: Type.Optional(Type.String()),
    }),
    since: Type.String({ format: 'date-time' }),
    actor: Type.String(),
    reason: Type.Union([Type.String(), Type.Null()]),
  },
  { title: 'DispatchStop' },
)
const SwitchesView = Type.Object({ stopped: Type.Array(StoppedView) }, { title: 'DispatchStops' })

/**
 * The kill switch: everybody, a user or a session. It is a row that every plan of every node reads, so nothing new goes
 * out from the next turn on; calls that are under way end, queues stay.
 */
export function killSwitchRoutes(deps: Deps): Route[] {
  return [
    route({
      operation: 'pauseDispatch',
      method: 'POST',
      path: '/admin/pause',
      summary: 'Stop acting: for everybody, a user or a session; queues are kept',
      tag: 'Operating',
      scope: 'admin',
      body: Type.Object({ ...Scope, reason: Type.Optional(Type.String({ maxLength: 500 })) }),
      bodyOptional: true,
      answers: { 200: SwitchesView },
      errors: ['SESSION_NOT_FOUND'],
      handler: ({ principal, receipt, body }) =>
        pause(deps, { principal, receipt, scope: scopeOf(body), reason: body.reason ?? null }),
    }),
    route({
      operation: 'resumeDispatch',
      method: 'POST',
      path: '/admin/resume',
      summary: 'Act again: for everybody, a user or a session',
      tag: 'Operating',
      scope: 'admin',
      body: Type.Object(Scope),
      bodyOptional: true,
      answers: { 200: SwitchesView },
      errors: ['SESSION_NOT_FOUND'],
      handler: ({ principal, receipt, body }) => resume(deps, { principal, receipt, scope: scopeOf(body) }),
    }),
  ]
}

function scopeOf(body: { userId?: string; sessionId?: string }): SwitchScope {
  const { userId, sessionId } = body
  if (userId !== undefined && sessionId !== undefined) {
    throw invalidFields([{ path: 'sessionId', message: 'cannot be given together with userId' }])
  }
  if (userId !== undefined) return { userId }
  return sessionId === undefined ? { all: true } : { sessionId }
}

interface Call {
  principal: Principal
  receipt: Receipt
  scope: SwitchScope
}

async function pause(deps: Deps, { principal, receipt, scope, reason }: Call & { reason: string | null }) {
  return deps.store.write(async (tx) => {
    await receipt.claim(tx)
    await requireKnown(tx, deps, scope)
    const input: Switch = { scope, since: deps.clock.now(), actor: principal.userId, reason }
    if (await switchOff(tx, input)) await note(tx, deps, 'dispatch.paused', { principal, scope, reason })
    return answer(tx, receipt, 'Paused')
  })
}

async function resume(deps: Deps, { principal, receipt, scope }: Call): Promise<Answer> {
  const answered = await deps.store.write(async (tx) => {
    await receipt.claim(tx)
    await requireKnown(tx, deps, scope)
    if (await switchOn(tx, scope)) await note(tx, deps, 'dispatch.resumed', { principal, scope, reason: null })
    return answer(tx, receipt, 'Resumed')
  })
  // Also on a repeat: the process may have died between the switch and the last lane.
  await wakeLanes(deps, scope)
  return answered
}

async function requireKnown(tx: Db, deps: Deps, scope: SwitchScope): Promise<void> {
  if (!('sessionId' in scope)) return
  if ((await deps.sessions.find(tx, scope.sessionId)) === null) throw new GatewayError('SESSION_NOT_FOUND')
}

async function note(
  tx: Db,
  deps: Deps,
  what: string,
  { principal, scope, reason }: Pick<Call, 'principal' | 'scope'> & { reason: string | null },
): Promise<void> {
  const target = 'all' in scope ? null : 'userId' in scope ? scope.userId : scope.sessionId
  await deps.audit(tx, { actor: principal.userId, what, target, details: { scope, reason } })
}

async function answer(tx: Db, receipt: Receipt, message: string): Promise<Answer> {
  const stopped = (await listSwitches(tx)).map((entry) => ({ ...entry, since: new Date(entry.since).toISOString() }))
  const answer: Answer = { status: 200, message, data: { stopped } }
  await receipt.answer(tx, answer)
  return answer
}

/** Lanes that went to sleep at the switch have no instant of their own, so each is asked to look again. */
async function wakeLanes(deps: Deps, scope: SwitchScope): Promise<void> {
  const of = 'all' in scope ? {} : scope
  let after = ''
  for (;;) {
    const accounts = await listLiveAccounts(deps.store.read, { ...of, after, limit: LANES_AT_ONCE })
    await deps.store.write(async (tx) => {
      const at = deps.clock.now()
      for (const accountId of accounts) {
        await wakeLane(tx, deps, { accountId, at })
        announceChange(tx, deps, accountId)
      }
    })
    const last = accounts.at(-1)
    if (last === undefined || accounts.length < LANES_AT_ONCE) return
    after = last
  }
}
