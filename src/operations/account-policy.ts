import Type from 'typebox'
import { GatewayError, invalidFields } from '../core/errors.ts'
import { type Answer, type Principal, type Receipt, type Route, route } from '../http/route.ts'
import { wakeLane } from '../lanes/index.ts'
import { forgetUsage, type LimitPolicy, limitsFor } from '../limits/index.ts'
import { type ActingSession, announceChange, type OutboxDeps } from '../outbox/index.ts'
import { type Account, findAccountByName, savePolicy } from '../sessions/index.ts'
import { lockAccount } from '../store/lock-account.ts'
import type { Db } from '../store/store.ts'
import type { Audit } from './audit.ts'

type Deps = Pick<OutboxDeps, 'store' | 'clock' | 'signal' | 'sessions' | 'limits' | 'kinds'> & {
  audit: Audit
  mode: 'sandbox' | 'live'
}

const Limit = Type.Optional(
  Type.Union([Type.Integer({ minimum: 0, maximum: 100_000 }), Type.Null()], {
    description: 'Null = no such limit, 0 = never.',
  }),
)
const PolicyBody = Type.Record(Type.String(), Type.Object({ hour: Limit, day: Limit }))
const PolicyView = Type.Object(
  {
    username: Type.String(),
    accountId: Type.String(),
    policy: Type.Union([PolicyBody, Type.Null()], { description: 'Null = the policies of the APIs.' }),
    effective: Type.Record(
      Type.String(),
      Type.Object({
        hour: Type.Union([Type.Integer(), Type.Null()]),
        day: Type.Union([Type.Integer(), Type.Null()]),
      }),
    ),
  },
  { title: 'AccountPolicy' },
)
const Params = Type.Object({ username: Type.String({ minLength: 1, maxLength: 100 }) })

/** An admin's limits for one account, in place of the configured policies; live at the next plan. */
export function accountPolicyRoutes(deps: Deps): Route[] {
  const path = '/admin/accounts/:username/policy'
  const answers = { 200: PolicyView }
  const common = { path, tag: 'Operating', scope: 'admin', params: Params, answers, errors: ['NOT_FOUND'] } as const
  return [
    route({
      ...common,
      operation: 'getPolicy',
      method: 'GET',
      summary: 'Read the limits of an account',
      handler: async ({ params }) => {
        const account = await findAccount(deps.store.read, params.username)
        return { status: 200, data: await viewPolicy(deps.store.read, deps, account) }
      },
    }),
    route({
      ...common,
      operation: 'setPolicy',
      method: 'PUT',
      summary: 'Replace the limits of an account',
      body: Type.Object({ policy: PolicyBody }),
      handler: ({ principal, params, body }) =>
        setPolicy(deps, { principal, username: params.username, policy: checkedPolicy(deps, body.policy) }),
    }),
    route({
      ...common,
      operation: 'deletePolicy',
      method: 'DELETE',
      summary: 'Return an account to the configured limits',
      handler: ({ principal, params }) => setPolicy(deps, { principal, username: params.username, policy: null }),
    }),
    route({
      operation: 'resetLimits',
      method: 'POST',
      path: '/admin/accounts/:username/reset-limits',
      summary: 'Forget what an account did (sandbox mode)',
      tag: 'Operating',
      scope: 'admin',
      params: Params,
      answers: { 200: null },
      errors: ['NOT_FOUND', 'NOT_SUPPORTED'],
      handler: ({ principal, receipt, params }) => resetLimits(deps, { principal, receipt, username: params.username }),
    }),
  ]
}

/** Throws `NOT_FOUND`. */
async function findAccount(db: Db, username: string): Promise<Account> {
  const account = await findAccountByName(db, username)
  if (account !== null) return account
  throw new GatewayError('NOT_FOUND', { message: 'No account of that name was ever connected.' })
}

function checkedPolicy(deps: Deps, policy: LimitPolicy): LimitPolicy {
  for (const kind of Object.keys(policy)) {
    if (deps.kinds.has(kind)) continue
    const message = `is no kind of action; known are ${[...deps.kinds.keys()].sort().join(', ')}`
    throw invalidFields([{ path: `policy.${kind}`, message }])
  }
  return policy
}

async function setPolicy(
  deps: Deps,
  { principal, username, policy }: { principal: Principal; username: string; policy: LimitPolicy | null },
): Promise<Answer> {
  return deps.store.write(async (tx) => {
    const { id } = await findAccount(tx, username)
    await lockAccount(tx, id)
    const text = policy === null ? null : JSON.stringify(policy)
    await savePolicy(tx, { accountId: id, policy: text })
    await wakeLane(tx, deps, { accountId: id, at: deps.clock.now() })
    announceChange(tx, deps, id)
    const what = policy === null ? 'policy.deleted' : 'policy.set'
    await deps.audit(tx, { actor: principal.userId, what, target: username, details: { accountId: id, policy } })
    return { status: 200, data: await viewPolicy(tx, deps, await findAccount(tx, username)) }
  })
}

async function viewPolicy(db: Db, deps: Deps, account: Account) {
  const session: ActingSession | null = await deps.sessions.findByAccount(db, account.id)
  const subject = {
    openedThrough: session?.openedThrough ?? [],
    maxDailyActions: session?.maxDailyActions ?? 0,
    policy: account.policy,
  }
  const effective = [...deps.kinds.keys()].sort().map((kind) => {
    const { hour, day } = limitsFor(deps.limits, subject, kind, 0)
    return [kind, { hour, day }]
  })
  return {
    username: account.username,
    accountId: account.id,
    policy: account.policy === null ? null : (JSON.parse(account.policy) as LimitPolicy),
    effective: Object.fromEntries(effective) as Record<string, unknown>,
  }
}

async function resetLimits(
  deps: Deps,
  { principal, receipt, username }: { principal: Principal; receipt: Receipt; username: string },
): Promise<Answer> {
  if (deps.mode === 'live') {
    throw new GatewayError('NOT_SUPPORTED', { message: 'Limits can be reset in sandbox mode only.' })
  }
  return deps.store.write(async (tx) => {
    await receipt.claim(tx)
    const { id } = await findAccount(tx, username)
    await lockAccount(tx, id)
    await forgetUsage(tx, id)
    await wakeLane(tx, deps, { accountId: id, at: deps.clock.now() })
    announceChange(tx, deps, id)
    await deps.audit(tx, {
      actor: principal.userId,
      what: 'limits.reset',
      target: username,
      details: { accountId: id },
    })
    const answer: Answer = { status: 200, message: 'Limits reset' }
    await receipt.answer(tx, answer)
    return answer
  })
}
