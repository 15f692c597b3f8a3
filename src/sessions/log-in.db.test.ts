import { expect, it } from 'vitest'
import { fakeReceipt, LOGIN, loggedIn, sessionsWorld, underTime, user } from '../../test/support/sessions.ts'
import { describeOnEveryStore } from '../../test/support/stores.ts'

const TWO_FACTOR = { type: 'two_factor', method: 'sms', identifier: 'nonce-1', obfuscatedContact: '*** 42' } as const
const PROXY = { host: 'proxy.example.com', port: 8080, username: 'proxy_user', password: 'proxy_pass' }

describeOnEveryStore('logging in', (openTestStore) => {
  it("answers with the fields of the document's example, and the ones of ours", async () => {
    const world = sessionsWorld(await openTestStore())
    const receipt = fakeReceipt()
    const answer = await world.call('logIn', {
      receipt,
      body: {
        ...LOGIN,
        twoFactorCode: '123456',
        config: { headless: true, userAgent: 'Custom User Agent', proxy: PROXY, timeout: 30000, retryAttempts: 3 },
      },
    })
    const now = new Date(world.clock.now()).toISOString()
    expect(answer).toEqual({
      status: 200,
      message: 'Login successful',
      data: {
        id: expect.stringMatching(/^instagram_\d+_[a-z0-9]{20}$/),
        userId: 'user_123',
        username: 'north.lamp',
        sessionId: expect.any(String),
        isActive: true,
        lastActivity: now,
        metadata: {
          followersCount: 1000,
          followingCount: 500,
          postsCount: 50,
          isBusinessAccount: false,
          isVerified: true,
        },
        settings: {
          autoReply: false,
          autoLike: false,
          autoFollow: false,
          autoUnfollow: false,
          maxDailyActions: 100,
          actionDelay: 30000,
        },
        status: 'active',
        statusReason: null,
        connector: 'web',
        createdAt: now,
        expiresAt: new Date(world.clock.now() + 86_400_000).toISOString(),
      },
    })
    expect(receipt.claims).toEqual([{ answerWithinMs: 40_000 }])
    expect(receipt.answers).toEqual([answer])
    const [call] = world.instagram.calls
    expect(call?.input).toEqual(LOGIN)
    expect(call?.access).toMatchObject({ proxy: { protocol: 'http', ...PROXY }, userAgent: 'Custom User Agent' })
    // The code was not asked for.
    expect(world.instagram.count('submitTwoFactor')).toBe(0)
  })

  it('stores neither the password nor anything readable of cookies and proxy', async () => {
    const world = sessionsWorld(await openTestStore())
    world.instagram.logIn = (access) => {
      access.cookies.store('https://www.instagram.com/', 'sessionid=1001%3Asecret; Path=/; Secure')
      return loggedIn('1001')
    }
    await world.logIn({ body: { ...LOGIN, config: { proxy: PROXY } } })
    const rows = [
      await world.store.read.selectFrom('sessions').selectAll().execute(),
      await world.store.read.selectFrom('accounts').selectAll().execute(),
      await world.events(),
    ]
    const text = JSON.stringify(rows)
    for (const secret of ['correct horse', 'secret', 'proxy_pass', 'proxy_user']) expect(text).not.toContain(secret)
  })

  it('writes account, lane, session and one event', async () => {
    const world = sessionsWorld(await openTestStore())
    const session = await world.logIn()
    const { read } = world.store
    const account = await read.selectFrom('accounts').selectAll().executeTakeFirstOrThrow()
    expect(account).toMatchObject({ platform_id: '1001', username: 'north.lamp' })
    const lane = await read.selectFrom('lanes').selectAll().executeTakeFirstOrThrow()
    expect(lane).toMatchObject({ account_id: account.id, due_at: world.clock.now() })
    expect(await world.events()).toMatchObject([
      {
        type: 'session.created',
        sequence: 1,
        sessionId: session.id,
        username: 'north.lamp',
        data: { status: 'active' },
      },
    ])
  })

  it('logs in although the profile cannot be read, with zeros for what is not known', async () => {
    const world = sessionsWorld(await openTestStore())
    world.instagram.lookUpUser = { type: 'unreadable', timedOut: true, reason: 'timed out' }
    expect((await world.logIn()).metadata).toEqual({
      followersCount: 0,
      followingCount: 0,
      postsCount: 0,
      isBusinessAccount: false,
      isVerified: false,
    })
  })

  it("renews and returns the user's own live session, keeping settings, proxy and jar", async () => {
    const world = sessionsWorld(await openTestStore())
    world.instagram.logIn = (access) => {
      access.cookies.store('https://www.instagram.com/', 'mid=device-1; Path=/; Secure')
      return loggedIn('1001')
    }
    const first = await world.logIn({ body: { ...LOGIN, config: { proxy: PROXY } } })
    await world.call('updateSession', { params: { sessionId: first.id }, body: { settings: { maxDailyActions: 7 } } })
    world.clock.tick(60_000)
    let mid: string | null = null
    world.instagram.logIn = (access) => {
      mid = access.cookies.get('https://www.instagram.com/', 'mid')
      return loggedIn('1001')
    }
    const second = await world.logIn({ body: { ...LOGIN, username: '@North.Lamp' } })
    expect(second.id).toBe(first.id)
    expect(second.settings.maxDailyActions).toBe(7)
    expect(Date.parse(second.expiresAt) - Date.parse(first.expiresAt)).toBe(60_000)
    expect(mid).toBe('device-1')
    expect(world.instagram.calls.at(-1)?.access.proxy).toMatchObject(PROXY)
    const row = await world.store.read.selectFrom('sessions').selectAll().executeTakeFirstOrThrow()
    expect(row.jar_version).toBe(2)
    expect((await world.events()).map(({ type }) => type)).toEqual(['session.created'])
  })

  it('removes a proxy only when told so', async () => {
    const world = sessionsWorld(await openTestStore())
    await world.logIn({ body: { ...LOGIN, config: { proxy: PROXY } } })
    await world.logIn({ body: { ...LOGIN, config: { proxy: null } } })
    expect(world.instagram.calls.at(-1)?.access.proxy).toBeNull()
    const row = await world.store.read.selectFrom('sessions').selectAll().executeTakeFirstOrThrow()
    expect(row.proxy).toBeNull()
  })

  it("refuses another user's live account, and only after Instagram accepted the credentials", async () => {
    const world = sessionsWorld(await openTestStore())
    await world.logIn()
    const stranger = user('user_456')
    world.instagram.logIn = { type: 'wrong_credentials', reason: 'The password is not right.' }
    await expect(world.logIn({ as: stranger })).rejects.toMatchObject({ code: 'INVALID_CREDENTIALS', status: 422 })
    world.instagram.logIn = loggedIn('1001')
    await expect(world.logIn({ as: stranger })).rejects.toMatchObject({ code: 'ACCOUNT_IN_USE', status: 409 })
    expect(await world.events('user_456')).toEqual([])
  })

  it('leaves exactly one live session when two users log in to one account at the same time', async () => {
    const world = sessionsWorld(await openTestStore())
    const logins = ['a', 'b', 'c', 'd'].map((name) => world.logIn({ as: user(name) }))
    const results = await Promise.allSettled(logins)
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'ACCOUNT_IN_USE' })
    }
    const live = await world.store.read.selectFrom('sessions').select('id').where('ended_at', 'is', null).execute()
    expect(live).toHaveLength(1)
  })

  it("never goes beyond the user's number of sessions, also when logins commit together", async () => {
    const world = sessionsWorld(await openTestStore(), { perUserMax: 2 })
    world.instagram.logIn = () => loggedIn(String(world.instagram.count('logIn')))
    world.instagram.lookUpUser = { type: 'unreadable', timedOut: false, reason: 'no' }
    const names = ['one', 'two', 'three', 'four']
    const results = await Promise.allSettled(names.map((username) => world.logIn({ body: { ...LOGIN, username } })))
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(2)
    const calls = world.instagram.count('logIn')
    await expect(world.logIn({ body: { ...LOGIN, username: 'five' } })).rejects.toMatchObject({
      code: 'SESSION_LIMIT_REACHED',
    })
    // Known before Instagram is asked.
    expect(world.instagram.count('logIn')).toBe(calls)
    expect((await world.call('canCreateSession', { params: { userId: 'user_123' } })).data).toEqual({
      canCreate: false,
      reason: 'The user has as many sessions as allowed.',
      limit: 2,
      active: 2,
    })
  })

  it.each([
    [{ type: 'wrong_credentials', reason: 'no' }, 'INVALID_CREDENTIALS', 422],
    [{ type: 'throttled', retryAfterMs: 61_000, reason: 'wait' }, 'INSTAGRAM_ERROR', 502],
    [{ type: 'unreadable', timedOut: true, reason: 'timed out' }, 'INSTAGRAM_TIMEOUT', 504],
    [{ type: 'unreadable', timedOut: false, reason: 'html' }, 'INSTAGRAM_ERROR', 502],
    [{ type: 'not_sent', cause: 'dns', reason: 'no such host' }, 'INSTAGRAM_ERROR', 502],
    [{ type: 'wrong_code', expired: false, reason: 'no' }, 'INSTAGRAM_ERROR', 502],
  ] as const)('answers %j with %s', async (result, code, status) => {
    const world = sessionsWorld(await openTestStore())
    world.instagram.logIn = result
    const login = world.logIn({ body: { ...LOGIN, config: { retryAttempts: 0 } } })
    await expect(login).rejects.toMatchObject({ code, status })
    expect(await world.store.read.selectFrom('sessions').selectAll().execute()).toEqual([])
  })

  it('says when to try again after push-back', async () => {
    const world = sessionsWorld(await openTestStore())
    world.instagram.logIn = { type: 'throttled', retryAfterMs: 61_000, reason: 'wait' }
    await expect(world.logIn()).rejects.toMatchObject({ retryAfterSeconds: 61, details: { reason: 'wait' } })
  })

  it('tries again only what never left, and blames the proxy when there is one', async () => {
    const world = sessionsWorld(await openTestStore())
    world.instagram.logIn = { type: 'not_sent', cause: 'connect', reason: 'refused' }
    const login = world.logIn({ body: { ...LOGIN, config: { proxy: PROXY, retryAttempts: 2 } } })
    await expect(underTime(world.clock, login)).rejects.toMatchObject({ code: 'PROXY_ERROR' })
    expect(world.instagram.count('logIn')).toBe(3)
    world.instagram.logIn = { type: 'unreadable', timedOut: false, reason: 'reset' }
    await expect(world.logIn()).rejects.toMatchObject({ code: 'INSTAGRAM_ERROR' })
    expect(world.instagram.count('logIn')).toBe(4)
  })

  it('keeps one deadline for all tries together', async () => {
    const world = sessionsWorld(await openTestStore())
    world.instagram.logIn = () => {
      world.clock.tick(600)
      return { type: 'not_sent', cause: 'connect', reason: 'refused' }
    }
    const login = world.logIn({ body: { ...LOGIN, config: { timeout: 1_000, retryAttempts: 5 } } })
    await expect(underTime(world.clock, login)).rejects.toMatchObject({ status: 502 })
    expect(world.instagram.count('logIn')).toBeLessThanOrEqual(2)
  })

  it('claims before it calls, and writes nothing else when it dies in between', async () => {
    const world = sessionsWorld(await openTestStore())
    const receipt = fakeReceipt()
    world.instagram.logIn = async () => {
      expect(receipt.claims).toHaveLength(1)
      throw new Error('killed here')
    }
    await expect(world.logIn({ receipt })).rejects.toThrow('killed here')
    expect(receipt.answers).toEqual([])
    expect(await world.store.read.selectFrom('sessions').selectAll().execute()).toEqual([])
    expect(await world.events()).toEqual([])
  })

  it('refuses what no connector does, before Instagram is asked', async () => {
    const world = sessionsWorld(await openTestStore())
    for (const more of [{ connector: 'graph' }, { loginMethod: 'browser' }]) {
      await expect(world.logIn({ body: { ...LOGIN, ...more } })).rejects.toMatchObject({ code: 'NOT_SUPPORTED' })
    }
    expect(world.instagram.calls).toEqual([])
  })

  it('keeps a token that is confined to some accounts to these', async () => {
    const world = sessionsWorld(await openTestStore())
    const login = world.logIn({ as: user('user_123', { sessions: ['other'] }) })
    await expect(login).rejects.toMatchObject({ code: 'FORBIDDEN' })
    const session = await world.logIn({ as: user('user_123', { sessions: ['north.lamp'] }) })
    await world.logIn({ as: user('user_123', { sessions: [session.id] }) })
  })

  it.each([
    [{ password: 'x' }, 'username'],
    [{ username: 'a b', password: 'x' }, 'username'],
    [{ username: 'a', password: '' }, 'password'],
    [{ username: 'a', password: 'x', twoFactorCode: 'abc' }, 'twoFactorCode'],
    [{ username: 'a', password: 'x', config: { timeout: 999 } }, 'config.timeout'],
    [{ username: 'a', password: 'x', config: { retryAttempts: 6 } }, 'config.retryAttempts'],
    [{ username: 'a', password: 'x', config: { userAgent: 'a\r\nb' } }, 'config.userAgent'],
    [{ username: 'a', password: 'x', more: 1 }, 'more'],
    [{ username: 'a', password: 'x', config: { proxy: { host: 'a/b', port: 1 } } }, 'config.proxy'],
  ])('refuses %j', async (body, path) => {
    const world = sessionsWorld(await openTestStore())
    const refusal = await world.call('logIn', { body }).catch((error: unknown) => error)
    expect(refusal).toMatchObject({ code: 'VALIDATION_ERROR' })
    const { fields } = (refusal as { details: { fields: { path: string }[] } }).details
    expect(fields.map((field) => field.path).join()).toContain(path)
  })
})

describeOnEveryStore('a second factor', (openTestStore) => {
  it('is asked for, and a later call with the code goes on with the same jar, proxy and user agent', async () => {
    const world = sessionsWorld(await openTestStore())
    world.instagram.logIn = (access) => {
      access.cookies.store('https://www.instagram.com/', 'mid=device-1; Path=/; Secure')
      return TWO_FACTOR
    }
    const first = world.logIn({ body: { ...LOGIN, config: { proxy: PROXY, userAgent: 'UA' } } })
    await expect(first).rejects.toMatchObject({
      code: 'TWO_FACTOR_REQUIRED',
      details: {
        method: 'sms',
        obfuscatedContact: '*** 42',
        expiresAt: new Date(world.clock.now() + 600_000).toISOString(),
        attemptsLeft: 5,
      },
    })
    const session = await world.logIn({ body: { ...LOGIN, password: 'ignored', twoFactorCode: '123-456' } })
    expect(session.isActive).toBe(true)
    expect(world.instagram.count('logIn')).toBe(1)
    const call = world.instagram.calls.find(({ operation }) => operation === 'submitTwoFactor')
    expect(call?.input).toEqual({ username: 'north.lamp', identifier: 'nonce-1', code: '123456', method: 'sms' })
    expect(call?.access).toMatchObject({ proxy: PROXY, userAgent: 'UA' })
    expect(call?.access.cookies.get('https://www.instagram.com/', 'mid')).toBe('device-1')
    expect(await world.store.read.selectFrom('login_attempts').selectAll().execute()).toEqual([])
  })

  it('takes the code of the first call when Instagram asks for one', async () => {
    const world = sessionsWorld(await openTestStore())
    world.instagram.logIn = TWO_FACTOR
    expect((await world.logIn({ body: { ...LOGIN, twoFactorCode: '123 456' } })).isActive).toBe(true)
    expect(world.instagram.calls.at(1)?.input).toMatchObject({ code: '123456' })
  })

  it('takes five codes and no sixth, and a call without a code starts anew', async () => {
    const world = sessionsWorld(await openTestStore())
    world.instagram.logIn = TWO_FACTOR
    world.instagram.submitTwoFactor = { type: 'wrong_code', expired: false, reason: 'no' }
    const withCode = () => world.logIn({ body: { ...LOGIN, twoFactorCode: '000000' } })
    for (const attemptsLeft of [4, 3, 2, 1, 0, 0]) {
      await expect(withCode()).rejects.toMatchObject({ code: 'INVALID_TWO_FACTOR_CODE', details: { attemptsLeft } })
    }
    expect(world.instagram.count('submitTwoFactor')).toBe(5)
    await expect(world.logIn()).rejects.toMatchObject({ code: 'TWO_FACTOR_REQUIRED', details: { attemptsLeft: 5 } })
    expect(world.instagram.count('logIn')).toBe(2)
  })

  it('is over when Instagram says so', async () => {
    const world = sessionsWorld(await openTestStore())
    world.instagram.logIn = TWO_FACTOR
    world.instagram.submitTwoFactor = { type: 'wrong_code', expired: true, reason: 'no longer valid' }
    const withCode = () => world.logIn({ body: { ...LOGIN, twoFactorCode: '000000' } })
    await expect(withCode()).rejects.toMatchObject({ details: { attemptsLeft: 0 } })
    await expect(withCode()).rejects.toMatchObject({ details: { attemptsLeft: 0 } })
    expect(world.instagram.count('submitTwoFactor')).toBe(1)
  })

  it('counts a code before the call, and gives it back only when nothing left us', async () => {
    const world = sessionsWorld(await openTestStore())
    world.instagram.logIn = TWO_FACTOR
    await expect(world.logIn()).rejects.toMatchObject({ code: 'TWO_FACTOR_REQUIRED' })
    const left = async () =>
      (await world.store.read.selectFrom('login_attempts').select('attempts_left').executeTakeFirstOrThrow())
        .attempts_left
    const withCode = () => world.logIn({ body: { ...LOGIN, twoFactorCode: '000000', config: { retryAttempts: 0 } } })
    world.instagram.submitTwoFactor = { type: 'not_sent', cause: 'connect', reason: 'refused' }
    await expect(withCode()).rejects.toMatchObject({ code: 'INSTAGRAM_ERROR' })
    expect(await left()).toBe(5)
    world.instagram.submitTwoFactor = () => {
      throw new Error('killed here')
    }
    await expect(withCode()).rejects.toThrow('killed here')
    expect(await left()).toBe(4)
  })

  it('expires after ten minutes', async () => {
    const world = sessionsWorld(await openTestStore())
    world.instagram.logIn = TWO_FACTOR
    await expect(world.logIn()).rejects.toMatchObject({ code: 'TWO_FACTOR_REQUIRED' })
    world.clock.tick(600_000)
    await world.logIn({ body: { ...LOGIN, twoFactorCode: '123456' } })
    expect(world.instagram.count('logIn')).toBe(2)
  })

  it('by push goes on without a code until the owner has approved', async () => {
    const world = sessionsWorld(await openTestStore())
    world.instagram.logIn = { ...TWO_FACTOR, method: 'push', obfuscatedContact: null }
    await expect(world.logIn()).rejects.toMatchObject({ details: { method: 'push', attemptsLeft: 5 } })
    world.instagram.submitTwoFactor = { type: 'wrong_code', expired: false, reason: 'not yet' }
    await expect(world.logIn()).rejects.toMatchObject({ code: 'TWO_FACTOR_REQUIRED', details: { attemptsLeft: 5 } })
    world.instagram.submitTwoFactor = loggedIn('1001')
    expect((await world.logIn()).isActive).toBe(true)
    expect(world.instagram.count('logIn')).toBe(1)
  })

  it("never goes on with another user's attempt", async () => {
    const world = sessionsWorld(await openTestStore())
    world.instagram.logIn = TWO_FACTOR
    await expect(world.logIn()).rejects.toMatchObject({ code: 'TWO_FACTOR_REQUIRED' })
    world.instagram.logIn = { type: 'wrong_credentials', reason: 'no' }
    const stolen = world.logIn({ as: user('user_456'), body: { ...LOGIN, password: 'x', twoFactorCode: '123456' } })
    await expect(stolen).rejects.toMatchObject({ code: 'INVALID_CREDENTIALS' })
  })
})
