import Type from 'typebox'
import { GatewayError } from '../core/errors.ts'
import { appendEvent } from '../events/index.ts'
import { type Answer, type Principal, type Receipt, type Route, route } from '../http/route.ts'
import { wakeLane } from '../lanes/index.ts'
import { isSwitchedOff, listPauses, readLimits, savePause, type WindowState } from '../limits/index.ts'
import { announceChange, findActingSession, type OutboxDeps } from '../outbox/index.ts'
import { lockAccount } from '../store/lock-account.ts'
import type { Audit } from './audit.ts'

type Deps = Pick<OutboxDeps, 'store' | 'clock' | 'random' | 'signal' | 'sessions' | 'limits' | 'kinds'> & {
  audit: Audit
}

/** Whoever was just blocked has to look at their account first. */
const BLOCK_HOLDS_MS = 15 * 60_000

const Instant = Type.String({ format: 'date-time' })
const InstantOrNull = Type.Union([Instant, Type.Null()])
const WindowView = Type.Object(
  {
    limit: Type.Integer(),
    used: Type.Integer(),
    remaining: Type.Integer(),
    resetAt: Type.Union([Instant, Type.Null()], { description: 'When the next use leaves the window.' }),
    pausedUntil: Type.Optional(Instant),
    reason: Type.Optional(Type.String()),
  },
  { title: 'LimitWindow' },
)
const LimitsView = Type.Object(
  {
    sessionId: Type.String(),
    username: Type.String(),
    limits: Type.Record(
      Type.String(),
      Type.Object({ hour: Type.Optional(WindowView), day: Type.Optional(WindowView), nextFreeAt: InstantOrNull }),
    ),
    overall: WindowView,
    actionDelay: Type.Integer({ description: 'Least milliseconds between two actions.' }),
    nextFreeAt: Type.Union([Instant, Type.Null()], {
      description: 'The first instant at which some kind may go; null while the operator has stopped the account.',
    }),
  },
  { title: 'AccountLimits' },
)
const PauseView = Type.Object({ kind: Type.String(), until: Instant, reason: Type.String() }, { title: 'Pause' })

const Params = Type.Object({ sessionId: Type.String({ maxLength: 100 }) })

/** What an account may still do, and lifting its pauses. */
export function accountLimitRoutes(deps: Deps): Route[] {
  return [
    route({
      operation: 'getLimits',
      method: 'GET',
      path: '/session/:sessionId/limits',
      summary: 'Read what the account may still do, and when',
      tag: 'Limits',
      scope: 'read',
      params: Params,
      answers: { 200: LimitsView },
      errors: ['SESSION_NOT_FOUND'],
      handler: ({ principal, params }) => showLimits(deps, principal, params.sessionId),
    }),
    route({
      operation: 'resumeSession',
      method: 'POST',
      path: '/session/:sessionId/resume',
      summary: "Lift the account's pauses",
      tag: 'Limits',
      scope: 'manage',
      params: Params,
      body: Type.Object({
        kind: Type.Optional(
          Type.String({ minLength: 1, maxLength: 40, description: 'One kind, or `*` for the whole account.' }),
        ),
      }),
      bodyOptional: true,
      answers: { 200: Type.Object({ lifted: Type.Array(PauseView) }) },
      errors: ['SESSION_NOT_FOUND', 'PAUSE_NOT_LIFTABLE'],
      handler: ({ principal, receipt, params, body }) =>
        liftPauses(deps, { principal, receipt, sessionId: params.sessionId, kind: body.kind ?? null }),
    }),
  ]
}

async function showLimits(deps: Deps, principal: Principal, sessionId: string): Promise<Answer> {
  const db = deps.store.read
  const session = await findActingSession(db, deps, principal, sessionId)
  const kinds = [...deps.kinds.keys()].sort()
  const now = deps.clock.now()
  const state = await readLimits(db, deps.limits, { accountId: session.accountId, subject: session, kinds, now })
  const isStopped = await isSwitchedOff(db, session)
  const limits = state.kinds.map(({ kind, hour, day, freeAt }) => [
    kind,
    {
      ...(hour === null ? {} : { hour: viewWindow(hour) }),
      ...(day === null ? {} : { day: viewWindow(day) }),
      nextFreeAt: isStopped || freeAt === null ? null : toText(freeAt),
    },
  ])
  return {
    status: 200,
    data: {
      sessionId: session.id,
      username: session.username,
      limits: Object.fromEntries(limits) as Record<string, unknown>,
      overall: viewWindow(state.total),
      actionDelay: session.actionDelayMs,
      nextFreeAt: isStopped ? null : earliestOf(state.kinds.map(({ freeAt }) => freeAt)),
    },
  }
}

/**
 * Ends the pauses of an account, or of one kind; they stay known, so that the next one climbs on. Throws
 * `PAUSE_NOT_LIFTABLE` within 15 minutes of a block.
 */
async function liftPauses(
  deps: Deps,
  input: { principal: Principal; receipt: Receipt; sessionId: string; kind: string | null },
): Promise<Answer> {
  const { principal, receipt, kind } = input
  return deps.store.write(async (tx) => {
    await receipt.claim(tx)
    const session = await findActingSession(tx, deps, principal, input.sessionId)
    const { accountId, userId, username } = session
    await lockAccount(tx, accountId)
    const now = deps.clock.now()
    const running = (await listPauses(tx, accountId)).filter((pause) => pause.until > now)
    const lifted = running.filter((pause) => kind === null || pause.kind === kind)
    for (const pause of lifted) refuseFreshBlock(pause, now)
    const views = lifted.map((pause) => ({ kind: pause.kind, until: toText(pause.until), reason: pause.reason }))
    for (const { kind: of, ...pause } of lifted) await savePause(tx, accountId, of, { ...pause, until: now })
    if (lifted.length > 0) {
      await wakeLane(tx, deps, { accountId, at: now })
      announceChange(tx, deps, accountId)
      await deps.audit(tx, {
        actor: principal.userId,
        what: 'pause.lifted',
        target: session.id,
        details: { lifted: views },
      })
    }
    const answer: Answer = {
      status: 200,
      message: lifted.length === 0 ? 'Nothing was paused' : 'Pause lifted',
      data: { lifted: views },
    }
    await receipt.answer(tx, answer)
    for (const data of views) {
      await appendEvent(tx, deps, { userId, type: 'limit.lifted', at: now, sessionId: session.id, username, data })
    }
    return answer
  })
}

function refuseFreshBlock(pause: { kind: string; reason: string; since: number }, now: number): void {
  const liftableAt = pause.since + BLOCK_HOLDS_MS
  if (pause.reason !== 'blocked' || liftableAt <= now) return
  throw new GatewayError('PAUSE_NOT_LIFTABLE', {
    details: { kind: pause.kind, reason: pause.reason, liftableAt: toText(liftableAt) },
    retryAfterSeconds: Math.ceil((liftableAt - now) / 1_000),
  })
}

function earliestOf(instants: readonly (number | null)[]): string | null {
  const known = instants.filter((at) => at !== null)
  return known.length === 0 ? null : toText(Math.min(...known))
}

function viewWindow({ limit, used, remaining, resetAt, paused }: WindowState) {
  return {
    limit,
    used,
    remaining,
    resetAt: resetAt === null ? null : toText(resetAt),
    ...(paused === null ? {} : { pausedUntil: toText(paused.until), reason: paused.reason }),
  }
}

function toText(at: number): string {
  return new Date(at).toISOString()
}
