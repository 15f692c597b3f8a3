import { expect, it } from 'vitest'
import { fakeReceipt, LOGIN, loggedIn, type SessionsWorld, sessionsWorld, user } from '../../test/support/sessions.ts'
import { describeOnEveryStore } from '../../test/support/stores.ts'

const ADMIN = user('root', { isAdmin: true })

/** Sessions of several users, each on an account of its own. */
async function openSessions(world: SessionsWorld, owners: string[]) {
  const sessions = []
  for (const [index, owner] of owners.entries()) {
    world.instagram.logIn = loggedIn(String(index))
    world.instagram.lookUpUser = { type: 'unreadable', timedOut: false, reason: 'not asked' }
    world.clock.tick(1)
    sessions.push(await world.logIn({ as: user(owner), body: { ...LOGIN, username: `name${index}` } }))
  }
  return sessions
}

describeOnEveryStore('sessions', (openTestStore) => {
  it('are shown to their owner and to an admin, and to nobody else', async () => {
    const world = sessionsWorld(await openTestStore())
    const session = await world.logIn()
    const params = { sessionId: session.id }
    expect(await world.session('getSession', { params })).toEqual(session)
    expect(await world.session('getSession', { params, as: ADMIN })).toEqual(session)
    expect(await world.session('getSession', { params, as: user('user_123', { sessions: ['north.lamp'] }) })).toEqual(
      session,
    )
    const unknown = await world.call('getSession', { params: { sessionId: 'x' } }).catch((error: unknown) => error)
    const strangers = [user('user_456'), user('user_123', { sessions: ['other'] })]
    for (const as of strangers) {
      for (const operation of ['getSession', 'updateSession', 'deactivateSession', 'logOut', 'resumeChallenge']) {
        const refusal = await world.call(operation, { params, as }).catch((error: unknown) => error)
        expect(refusal).toEqual(unknown)
        expect(refusal).toMatchObject({ code: 'SESSION_NOT_FOUND', details: undefined })
      }
    }
    expect((await world.session('getSession', { params })).isActive).toBe(true)
  })

  it('are listed by page, live ones only, within what the token is confined to', async () => {
    const world = sessionsWorld(await openTestStore())
    const [a, , c, d] = await openSessions(world, ['user_123', 'user_456', 'user_123', 'user_123'])
    const list = (query = {}, as = user('user_123')) =>
      world.call('listSessions', { params: { userId: 'user_123' }, query, as })
    expect(await list()).toEqual({
      status: 200,
      message: 'Found 3 sessions',
      data: [a, c, d],
      pagination: { limit: 100, hasMore: false },
    })
    const first = await list({ limit: 2 })
    expect(first).toMatchObject({ message: 'Found 2 sessions', data: [a, c], pagination: { limit: 2, hasMore: true } })
    const cursor = first.pagination?.nextCursor
    expect(await list({ limit: 2, cursor })).toMatchObject({ data: [d], pagination: { hasMore: false } })
    await expect(list({ cursor: 'nonsense' })).rejects.toMatchObject({ code: 'VALIDATION_ERROR' })
    const confined = user('user_123', { sessions: ['name2', d?.id as string] })
    expect(await list({}, confined)).toMatchObject({ data: [c, d] })
    expect((await list({}, user('user_123', { sessions: [] }))).data).toEqual([])
    await world.call('deactivateSession', { params: { sessionId: a?.id as string } })
    expect(await list()).toMatchObject({ message: 'Found 2 sessions' })
    await expect(list({}, user('user_456'))).rejects.toMatchObject({ code: 'FORBIDDEN' })
    expect(await list({}, ADMIN)).toMatchObject({ message: 'Found 2 sessions' })
  })

  it('are counted: own ones, for an admin all', async () => {
    const world = sessionsWorld(await openTestStore())
    const [a, b] = await openSessions(world, ['user_123', 'user_123', 'user_456', 'user_123'])
    await world.call('logOut', { params: { sessionId: a?.id as string } })
    world.instagram.checkSession = { type: 'login_required', reason: 'gone' }
    await world.call('getSession', { params: { sessionId: b?.id as string }, query: { validate: true } })
    const stats = (as = user('user_123')) => world.call('getSessionStats', { as })
    expect((await stats()).data).toEqual({ total: 2, active: 1, expired: 1, byUser: { user_123: 2 } })
    expect((await stats(user('user_123', { sessions: ['name3'] }))).data).toMatchObject({ total: 1, active: 1 })
    expect((await stats(ADMIN)).data).toEqual({ total: 3, active: 2, expired: 1, byUser: { user_123: 2, user_456: 1 } })
    world.clock.tick(86_400_000)
    expect((await stats(ADMIN)).data).toMatchObject({ total: 3, active: 0, expired: 3 })
    expect((await stats(user('nobody'))).data).toEqual({ total: 0, active: 0, expired: 0, byUser: {} })
  })

  it('say whether one more may be opened', async () => {
    const world = sessionsWorld(await openTestStore(), { perUserMax: 2 })
    await openSessions(world, ['user_123'])
    const ask = (as = user('user_123')) => world.call('canCreateSession', { params: { userId: 'user_123' }, as })
    expect((await ask()).data).toEqual({ canCreate: true, limit: 2, active: 1 })
    await expect(ask(user('user_456'))).rejects.toMatchObject({ code: 'FORBIDDEN' })
  })
})

describeOnEveryStore('changing a session', (openTestStore) => {
  it('takes any part of settings and metadata, and wakes the lane', async () => {
    const world = sessionsWorld(await openTestStore())
    const session = await world.logIn()
    await world.store.write((tx) => tx.updateTable('lanes').set({ due_at: null }).execute())
    const params = { sessionId: session.id }
    const body = {
      settings: { autoReply: true, maxDailyActions: 150, actionDelay: 45000 },
      metadata: { followersCount: 1100, postsCount: 55 },
    }
    const answer = await world.call('updateSession', { params, body })
    expect(answer).toMatchObject({
      status: 200,
      data: {
        settings: { ...session.settings, ...body.settings },
        metadata: { ...session.metadata, ...body.metadata },
      },
    })
    expect(await world.session('getSession', { params })).toEqual(answer.data)
    const lane = await world.store.read.selectFrom('lanes').select('due_at').executeTakeFirstOrThrow()
    expect(lane.due_at).toBe(world.clock.now())
  })

  it.each([
    { settings: { maxDailyActions: 0 } },
    { settings: { maxDailyActions: 10_001 } },
    { settings: { actionDelay: -1 } },
    { settings: { actionDelay: 86_400_001 } },
    { settings: { autoReply: 'yes' } },
    { settings: { autoComment: true } },
    { metadata: { followersCount: 1.5 } },
    { status: 'active' },
  ])('refuses %j', async (body) => {
    const world = sessionsWorld(await openTestStore())
    const session = await world.logIn()
    const refused = world.call('updateSession', { params: { sessionId: session.id }, body })
    await expect(refused).rejects.toMatchObject({ code: 'VALIDATION_ERROR' })
  })

  it('keeps a least pace in live mode', async () => {
    const world = sessionsWorld(await openTestStore({ mode: 'live' }), { mode: 'live' })
    const params = { sessionId: (await world.logIn()).id }
    const pace = (actionDelay: number) => world.call('updateSession', { params, body: { settings: { actionDelay } } })
    await expect(pace(999)).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
      details: { fields: [{ path: 'settings.actionDelay', message: 'must be at least 1000 in live mode' }] },
    })
    await pace(1_000)
  })
})

describeOnEveryStore('ending a session', (openTestStore) => {
  it('by logout tells Instagram, wipes the credentials and cancels the queue, and is fine to repeat', async () => {
    const world = sessionsWorld(await openTestStore())
    const session = await world.logIn()
    const params = { sessionId: session.id }
    const receipt = fakeReceipt()
    const answer = { status: 200, message: 'Logout successful' }
    expect(await world.call('logOut', { params, receipt })).toEqual(answer)
    expect(receipt).toMatchObject({ claims: [{ answerWithinMs: 25_000 }], answers: [answer] })
    expect(await world.call('logOut', { params })).toEqual(answer)
    expect(world.instagram.count('logOut')).toBe(1)
    expect(world.canceled).toEqual([session.id])
    const row = await world.store.read.selectFrom('sessions').selectAll().executeTakeFirstOrThrow()
    expect(row).toMatchObject({ status: 'logged_out', jar: null, proxy: null, ended_at: world.clock.now() })
    expect(await world.session('getSession', { params, query: { validate: true } })).toMatchObject({
      status: 'logged_out',
      isActive: false,
    })
    expect((await world.events()).map(({ type }) => type)).toEqual(['session.created', 'session.logged_out'])
    await expect(world.call('updateSession', { params, body: {} })).rejects.toMatchObject({
      code: 'SESSION_NOT_ACTIVE',
      details: { status: 'logged_out' },
    })
  })

  it('by logout forgets the user also when Instagram cannot be told', async () => {
    const world = sessionsWorld(await openTestStore())
    const params = { sessionId: (await world.logIn()).id }
    world.instagram.logOut = { type: 'unreadable', timedOut: true, reason: 'timed out' }
    expect(await world.call('logOut', { params })).toMatchObject({ status: 200 })
    const row = await world.store.read.selectFrom('sessions').select('jar').executeTakeFirstOrThrow()
    expect(row.jar).toBeNull()
  })

  it('by deactivation tells Instagram nothing', async () => {
    const world = sessionsWorld(await openTestStore())
    const session = await world.logIn()
    const params = { sessionId: session.id }
    await world.call('deactivateSession', { params })
    await world.call('deactivateSession', { params })
    await world.call('logOut', { params })
    expect(world.instagram.count('logOut')).toBe(0)
    expect((await world.session('getSession', { params })).status).toBe('deactivated')
    expect(world.canceled).toEqual([session.id])
  })

  it('by an admin is audited, and frees the account for somebody else', async () => {
    const world = sessionsWorld(await openTestStore())
    const session = await world.logIn()
    await world.call('deactivateSession', { params: { sessionId: session.id }, as: ADMIN })
    expect(world.audited).toMatchObject([{ actor: 'root', what: 'session.deactivated', target: session.id }])
    const next = await world.logIn({ as: user('user_456') })
    expect(next.id).not.toBe(session.id)
    const accounts = await world.store.read.selectFrom('accounts').selectAll().execute()
    expect(accounts).toHaveLength(1)
  })
})

describeOnEveryStore('importing cookies', (openTestStore) => {
  const BODY = { username: 'north.lamp', cookies: { sessionid: '1001%3Aabc%3A1', csrftoken: 'token' } }

  it('opens a session once Instagram has said whose they are', async () => {
    const world = sessionsWorld(await openTestStore())
    const receipt = fakeReceipt()
    const answer = await world.call('importSession', { body: { ...BODY, userAgent: 'UA' }, receipt })
    expect(answer).toMatchObject({ status: 200, data: { username: 'north.lamp', status: 'active' } })
    expect(receipt).toMatchObject({ claims: [{ answerWithinMs: 25_000 }], answers: [answer] })
    const [call] = world.instagram.calls
    expect(call).toMatchObject({ operation: 'checkSession', access: { userAgent: 'UA', platformId: null } })
    expect(call?.access.cookies.get('https://www.instagram.com/', 'sessionid')).toBe('1001%3Aabc%3A1')
  })

  it("replaces the whole jar of one's own live session", async () => {
    const world = sessionsWorld(await openTestStore())
    world.instagram.logIn = (access) => {
      access.cookies.store('https://www.instagram.com/', 'mid=old-device; Path=/; Secure')
      return loggedIn('1001')
    }
    const first = await world.logIn()
    expect((await world.session('importSession', { body: BODY })).id).toBe(first.id)
    expect(world.instagram.calls.at(-1)?.access.cookies.get('https://www.instagram.com/', 'mid')).toBeNull()
  })

  it.each([
    [{ type: 'ok', value: { platformId: '7', username: 'somebody.else' } }, 'ACCOUNT_MISMATCH', 409],
    [{ type: 'login_required', reason: 'no' }, 'INVALID_CREDENTIALS', 422],
    [{ type: 'challenge', kind: 'checkpoint', url: null, reason: 'confirm' }, 'CHALLENGE_REQUIRED', 409],
    [{ type: 'unreadable', timedOut: true, reason: 'slow' }, 'INSTAGRAM_TIMEOUT', 504],
    [{ type: 'not_sent', cause: 'dns', reason: 'no' }, 'INSTAGRAM_ERROR', 502],
  ] as const)('with the answer %j is refused as %s', async (result, code, status) => {
    const world = sessionsWorld(await openTestStore())
    world.instagram.checkSession = result
    await expect(world.call('importSession', { body: BODY })).rejects.toMatchObject({ code, status })
    expect(await world.store.read.selectFrom('sessions').selectAll().execute()).toEqual([])
  })

  it('refuses cookies without a session, before anything else', async () => {
    const world = sessionsWorld(await openTestStore())
    const receipt = fakeReceipt()
    const refused = world.call('importSession', { body: { ...BODY, cookies: { mid: 'x' } }, receipt })
    await expect(refused).rejects.toMatchObject({ code: 'VALIDATION_ERROR' })
    expect(receipt.claims).toEqual([])
  })
})
