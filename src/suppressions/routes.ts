import Type from 'typebox'
import { decodeCursor, encodeCursor } from '../core/cursor.ts'
import { invalidFields } from '../core/errors.ts'
import { type Answer, type Principal, type Receipt, type Route, route } from '../http/route.ts'
import { findActingSession, type OutboxDeps } from '../outbox/index.ts'
import { listLiveAccounts } from '../sessions/index.ts'
import { lockAccount } from '../store/lock-account.ts'
import type { Db } from '../store/store.ts'
import { listActive } from './store.ts'
import { liftSuppressions, suppressContact } from './suppress-contact.ts'
import { ALL_ACCOUNTS, viewSuppression } from './suppression.ts'

type Deps = Pick<OutboxDeps, 'store' | 'clock' | 'random' | 'sessions'>

const PAGE = 50
/** Accounts read at once while locking all of a user's. */
const ACCOUNTS_AT_ONCE = 500

const Username = Type.String({
  pattern: '^@?[A-Za-z0-9._]{1,30}$',
  description: 'Instagram username, with or without a leading @.',
})
const PlatformId = Type.String({
  pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$',
  description: "Instagram's id of the contact: means the person, whatever name they take.",
})
const SessionId = Type.String({
  minLength: 1,
  maxLength: 100,
  description: 'The account of this session only. Needed by tokens that are confined to sessions.',
})
const TextOrNull = Type.Union([Type.String(), Type.Null()])

const SuppressionView = Type.Object({
  id: Type.String(),
  sessionId: Type.Union([Type.String(), Type.Null()], { description: 'Null = all sessions.' }),
  username: TextOrNull,
  platformId: TextOrNull,
  reason: Type.Union([Type.Literal('manual'), Type.Literal('stop')], {
    description: 'manual: by the user; stop: the contact asked for it.',
  }),
  createdAt: Type.String({ format: 'date-time' }),
})

/** Contacts who must not be written to. */
export function suppressionRoutes(deps: Deps): Route[] {
  return [
    route({
      operation: 'listSuppressions',
      method: 'GET',
      path: '/suppressions',
      summary: 'Read who must not be written to, the newest first',
      tag: 'Suppressions',
      scope: 'read',
      query: Type.Object({
        sessionId: Type.Optional(SessionId),
        username: Type.Optional(Username),
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: PAGE })),
        cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'A nextCursor of this list.' })),
      }),
      answers: { 200: Type.Array(SuppressionView) },
      errors: ['SESSION_NOT_FOUND'],
      handler: ({ principal, query }) => list(deps, principal, query),
    }),
    route({
      operation: 'suppressContact',
      method: 'POST',
      path: '/suppressions',
      summary: 'Write no more to a contact, from one account or all; fine to repeat',
      tag: 'Suppressions',
      scope: 'manage',
      body: Type.Object({
        username: Type.Optional(Username),
        platformId: Type.Optional(PlatformId),
        sessionId: Type.Optional(SessionId),
      }),
      answers: { 200: SuppressionView, 201: SuppressionView },
      errors: ['SESSION_NOT_FOUND'],
      handler: ({ principal, receipt, body }) => suppress(deps, { principal, receipt }, body),
    }),
    route({
      operation: 'liftSuppressions',
      method: 'DELETE',
      path: '/suppressions',
      summary: 'Allow writing to a contact again; fine to repeat',
      tag: 'Suppressions',
      scope: 'manage',
      query: Type.Object({
        id: Type.Optional(Type.String({ minLength: 1, maxLength: 100, description: 'This one.' })),
        username: Type.Optional(Username),
        platformId: Type.Optional(PlatformId),
        sessionId: Type.Optional(
          Type.String({ minLength: 1, maxLength: 100, description: 'Only what was suppressed for its account.' }),
        ),
      }),
      answers: { 200: Type.Object({ lifted: Type.Integer() }) },
      errors: ['SESSION_NOT_FOUND'],
      handler: ({ principal, query }) => lift(deps, principal, query),
    }),
  ]
}

interface Named {
  username?: string
  platformId?: string
  sessionId?: string
}

function contactOf({ username, platformId }: Named) {
  return { username: username?.replace(/^@/, '').toLowerCase() ?? null, platformId: platformId ?? null }
}

/** The account that a request is confined to; null = all of the user's, which a confined token must not touch. */
async function scopeOf(db: Db, deps: Deps, principal: Principal, sessionId: string | undefined) {
  if (sessionId !== undefined) return findActingSession(db, deps, principal, sessionId)
  if (principal.sessions === null) return null
  throw invalidFields([{ path: 'sessionId', message: 'is required: the token is confined to sessions' }])
}

/** So that what is marked now is marked before, and what is marked later sees the change. */
async function lockScope(tx: Db, { userId }: Principal, accountId: string | null): Promise<void> {
  if (accountId !== null) {
    await lockAccount(tx, accountId)
    return
  }
  let after = ''
  for (;;) {
    const accounts = await listLiveAccounts(tx, { userId, after, limit: ACCOUNTS_AT_ONCE })
    for (const id of accounts) await lockAccount(tx, id)
    const last = accounts.at(-1)
    if (last === undefined || accounts.length < ACCOUNTS_AT_ONCE) return
    after = last
  }
}

async function suppress(
  deps: Deps,
  { principal, receipt }: { principal: Principal; receipt: Receipt },
  named: Named,
): Promise<Answer> {
  const contact = contactOf(named)
  if (contact.username === null && contact.platformId === null) {
    throw invalidFields([{ path: 'username', message: 'is required unless platformId is given' }])
  }
  return deps.store.write(async (tx) => {
    await receipt.claim(tx)
    const session = await scopeOf(tx, deps, principal, named.sessionId)
    await lockScope(tx, principal, session?.accountId ?? null)
    const { suppression, isNew } = await suppressContact(tx, deps, {
      ...contact,
      userId: principal.userId,
      scope: session?.accountId ?? ALL_ACCOUNTS,
      sessionId: session?.id ?? null,
      reason: 'manual',
      eventId: null,
      by: principal.userId,
    })
    const answer: Answer = {
      status: isNew ? 201 : 200,
      message: isNew ? 'Contact suppressed' : 'Contact was suppressed already',
      data: viewSuppression(suppression),
    }
    await receipt.answer(tx, answer)
    return answer
  })
}

async function lift(deps: Deps, principal: Principal, named: Named & { id?: string }): Promise<Answer> {
  const contact = contactOf(named)
  if (contact.username === null && contact.platformId === null && named.id === undefined) {
    throw invalidFields([{ path: 'username', message: 'is required unless platformId or id is given' }])
  }
  return deps.store.write(async (tx) => {
    const session = await scopeOf(tx, deps, principal, named.sessionId)
    await lockScope(tx, principal, session?.accountId ?? null)
    const lifted = await liftSuppressions(tx, deps, {
      ...contact,
      userId: principal.userId,
      id: named.id ?? null,
      scope: session?.accountId ?? null,
      reason: null,
      by: principal.userId,
    })
    return { status: 200, message: lifted === 0 ? 'Nothing was suppressed' : 'Suppression lifted', data: { lifted } }
  })
}

async function list(
  deps: Deps,
  principal: Principal,
  query: Named & { limit?: number; cursor?: string },
): Promise<Answer> {
  const before = query.cursor === undefined ? null : decodeCursor(query.cursor)
  if (query.cursor !== undefined && before === null) {
    throw invalidFields([{ path: 'cursor', message: 'must be a nextCursor of this list' }])
  }
  const session = await scopeOf(deps.store.read, deps, principal, query.sessionId)
  const limit = query.limit ?? PAGE
  const rows = await listActive(deps.store.read, {
    userId: principal.userId,
    accountId: session?.accountId ?? null,
    username: contactOf(query).username,
    limit: limit + 1,
    before,
  })
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  const hasMore = rows.length > limit && last !== undefined
  return {
    status: 200,
    message: `Found ${shown.length} suppressions`,
    data: shown.map(viewSuppression),
    pagination: {
      limit,
      ...(hasMore ? { nextCursor: encodeCursor({ at: last.createdAt, id: last.id }) } : {}),
      hasMore,
    },
  }
}
