import { expect, it } from 'vitest'
import { fakeReceipt, LOGIN, loggedIn, type SessionsWorld, sessionsWorld, user } from '../../test/support/sessions.ts'
import { describeOnEveryStore } from '../../test/support/stores.ts'
import type { GatewayError } from '../core/errors.ts'
import type { PageAnswer } from '../http/page.ts'
import { handoffPages } from './handoff-page.ts'

const CHALLENGE_URL = 'https://www.instagram.com/challenge/1001/AbCdEf/'
const CHALLENGE = {
  type: 'challenge',
  kind: 'checkpoint',
  url: CHALLENGE_URL,
  platformId: '1001',
  reason: 'Instagram wants to know that it was you.',
} as const

interface Refused {
  sessionId: string
  handoffUrl: string
  challengeUrl?: string
  expiresAt: string
}

/** A login that met a checkpoint; the jar it met it with has the cookie `mid`. */
async function meetCheckpoint(world: SessionsWorld): Promise<Refused> {
  world.instagram.logIn = (access) => {
    access.cookies.store('https://www.instagram.com/', 'mid=device-1; Path=/; Secure')
    return CHALLENGE
  }
  const refusal = (await world.logIn().catch((error: unknown) => error)) as GatewayError
  expect(refusal).toMatchObject({ code: 'CHALLENGE_REQUIRED', status: 409 })
  return refusal.details as unknown as Refused
}

/** A session that was active until its lane met a checkpoint. */
async function meetLater(world: SessionsWorld): Promise<string> {
  const session = await world.logIn()
  world.instagram.checkSession = CHALLENGE
  const params = { sessionId: session.id }
  const after = await world.session('getSession', { params, query: { validate: true } })
  expect(after).toMatchObject({ status: 'challenge_required', isActive: false })
  return session.id
}

function pagesOf(world: SessionsWorld) {
  const pages = handoffPages(world.deps)
  return async (method: 'GET' | 'POST', url: string): Promise<PageAnswer & { body: string }> => {
    const token = url.replace('http://gateway.test/handoff/', '')
    const page = pages.find((candidate) => candidate.method === method)
    const answer = await page?.handler({ params: { token }, form: {}, requestId: 'req_test' })
    return answer as PageAnswer & { body: string }
  }
}

describeOnEveryStore('a challenge while logging in', (openTestStore) => {
  it('leaves a session that waits, with a link for the owner', async () => {
    const world = sessionsWorld(await openTestStore())
    const details = await meetCheckpoint(world)
    expect(details).toEqual({
      sessionId: expect.stringMatching(/^instagram_/),
      challengeUrl: CHALLENGE_URL,
      handoffUrl: expect.stringMatching(/^http:\/\/gateway\.test\/handoff\/[\w.-]+$/),
      expiresAt: new Date(world.clock.now() + 900_000).toISOString(),
    })
    const params = { sessionId: details.sessionId }
    expect(await world.session('getSession', { params })).toMatchObject({
      status: 'challenge_required',
      statusReason: 'Instagram wants to know that it was you.',
      isActive: false,
    })
    expect(await world.events()).toMatchObject([
      { type: 'session.created', data: { status: 'challenge_required' } },
      { type: 'session.challenge_required', data: { previousStatus: null } },
    ])
    const lane = await world.store.read.selectFrom('lanes').select('due_at').executeTakeFirstOrThrow()
    expect(lane.due_at).toBeNull()
  })

  it('is passed by logging in again with the same jar, into the same session', async () => {
    const world = sessionsWorld(await openTestStore())
    const { sessionId } = await meetCheckpoint(world)
    let mid: string | null = null
    world.instagram.logIn = (access) => {
      mid = access.cookies.get('https://www.instagram.com/', 'mid')
      return loggedIn('1001')
    }
    expect(await world.logIn()).toMatchObject({ id: sessionId, status: 'active', statusReason: null })
    expect(mid).toBe('device-1')
    expect((await world.events()).at(-1)).toMatchObject({
      type: 'session.active',
      data: { previousStatus: 'challenge_required' },
    })
  })

  it('finds out whose account it is when Instagram does not say', async () => {
    const world = sessionsWorld(await openTestStore())
    world.instagram.logIn = { ...CHALLENGE, platformId: null }
    await expect(world.logIn()).rejects.toMatchObject({ details: { sessionId: expect.any(String) } })
    const account = await world.store.read.selectFrom('accounts').selectAll().executeTakeFirstOrThrow()
    expect(account.platform_id).toBe('1001')
  })

  it('of somebody who cannot be found out keeps no session', async () => {
    const world = sessionsWorld(await openTestStore())
    world.instagram.logIn = { ...CHALLENGE, platformId: null }
    world.instagram.lookUpUser = { type: 'unreadable', timedOut: false, reason: 'no' }
    await expect(world.logIn()).rejects.toMatchObject({
      code: 'CHALLENGE_REQUIRED',
      details: { challengeUrl: CHALLENGE_URL },
    })
    expect(await world.store.read.selectFrom('sessions').selectAll().execute()).toEqual([])
  })

  it('that is a suspension says so', async () => {
    const world = sessionsWorld(await openTestStore())
    world.instagram.logIn = { ...CHALLENGE, kind: 'suspended', url: null }
    const refusal = (await world.logIn().catch((error: unknown) => error)) as GatewayError
    expect(refusal.details).not.toHaveProperty('challengeUrl')
    const params = { sessionId: refusal.details?.['sessionId'] as string }
    expect((await world.session('getSession', { params })).status).toBe('suspended')
  })

  it('still waits when the owner says it is done and Instagram sees no login', async () => {
    const world = sessionsWorld(await openTestStore())
    const first = await meetCheckpoint(world)
    world.instagram.checkSession = { type: 'login_required', reason: 'not logged in' }
    const params = { sessionId: first.sessionId }
    const refusal = await world.call('resumeChallenge', { params, body: { done: true } }).catch((error) => error)
    expect(refusal).toMatchObject({ code: 'CHALLENGE_REQUIRED', details: { sessionId: first.sessionId } })
    expect(refusal.message).toContain('log in again')
    expect(refusal.details.handoffUrl).not.toBe(first.handoffUrl)
    expect((await world.session('getSession', { params })).status).toBe('challenge_required')
  })
})

describeOnEveryStore('a challenge of a session', (openTestStore) => {
  it('is over once Instagram sees the account as logged in', async () => {
    const world = sessionsWorld(await openTestStore())
    const sessionId = await meetLater(world)
    await world.store.write((tx) => tx.updateTable('lanes').set({ due_at: null }).execute())
    world.instagram.checkSession = { type: 'ok', value: { platformId: '1001', username: 'north.lamp' } }
    const receipt = fakeReceipt()
    const answer = await world.call('resumeChallenge', { params: { sessionId }, body: { done: true }, receipt })
    expect(answer).toMatchObject({ status: 200, data: { id: sessionId, status: 'active', isActive: true } })
    expect(receipt).toMatchObject({ claims: [{ answerWithinMs: 25_000 }], answers: [answer] })
    const types = (await world.events()).map(({ type }) => type)
    expect(types).toEqual(['session.created', 'session.challenge_required', 'session.active'])
    const lane = await world.store.read.selectFrom('lanes').select('due_at').executeTakeFirstOrThrow()
    expect(lane.due_at).toBe(world.clock.now())
  })

  it('is not over before, and each try gives the owner a new link', async () => {
    const world = sessionsWorld(await openTestStore())
    const sessionId = await meetLater(world)
    const resume = () => world.call('resumeChallenge', { params: { sessionId } })
    await expect(resume()).rejects.toMatchObject({
      code: 'CHALLENGE_REQUIRED',
      details: { challengeUrl: CHALLENGE_URL },
    })
    await expect(resume()).rejects.toMatchObject({ code: 'CHALLENGE_REQUIRED' })
    expect(await world.store.read.selectFrom('handoffs').selectAll().execute()).toHaveLength(2)
  })

  it('never goes on with the cookies of another account', async () => {
    const world = sessionsWorld(await openTestStore())
    const sessionId = await meetLater(world)
    world.instagram.checkSession = { type: 'ok', value: { platformId: '7', username: 'somebody.else' } }
    const resume = world.call('resumeChallenge', { params: { sessionId }, body: { done: true } })
    await expect(resume).rejects.toMatchObject({ code: 'ACCOUNT_MISMATCH' })
    expect((await world.session('getSession', { params: { sessionId } })).status).toBe('login_required')
  })

  it('takes a code only for a login that waits for one', async () => {
    const world = sessionsWorld(await openTestStore())
    const sessionId = await meetLater(world)
    const submit = () => world.call('resumeChallenge', { params: { sessionId }, body: { code: '123456' } })
    await expect(submit()).rejects.toMatchObject({ code: 'NOT_SUPPORTED' })
    world.instagram.logIn = { type: 'two_factor', method: 'totp', identifier: 'n', obfuscatedContact: null }
    await expect(world.logIn()).rejects.toMatchObject({ code: 'TWO_FACTOR_REQUIRED' })
    world.instagram.submitTwoFactor = { type: 'wrong_code', expired: false, reason: 'no' }
    await expect(submit()).rejects.toMatchObject({ code: 'INVALID_TWO_FACTOR_CODE', details: { attemptsLeft: 4 } })
    world.instagram.submitTwoFactor = loggedIn('1001')
    expect(await submit()).toMatchObject({ status: 200, data: { id: sessionId, status: 'active' } })
  })
})

describeOnEveryStore('asking Instagram about a session', (openTestStore) => {
  it('moves its expiry and keeps the cookies that changed', async () => {
    const world = sessionsWorld(await openTestStore())
    const session = await world.logIn()
    world.clock.tick(3_600_000)
    world.instagram.checkSession = (access) => {
      access.cookies.store('https://www.instagram.com/', 'rur=EAG; Path=/; Secure')
      return { type: 'ok', value: { platformId: '1001', username: 'north.lamp' } }
    }
    const validated = await world.session('getSession', {
      params: { sessionId: session.id },
      query: { validate: true },
    })
    expect(Date.parse(validated.expiresAt) - Date.parse(session.expiresAt)).toBe(3_600_000)
    const row = await world.store.read.selectFrom('sessions').selectAll().executeTakeFirstOrThrow()
    expect(row.jar_version).toBe(2)
    expect(world.deps.vault.open(row.jar ?? '', `sessions/${row.id}/jar`)).toContain('EAG')
  })

  it('shares one call among requests within two seconds', async () => {
    const world = sessionsWorld(await openTestStore())
    const session = await world.logIn()
    const ask = () => world.session('getSession', { params: { sessionId: session.id }, query: { validate: true } })
    await Promise.all([ask(), ask(), ask()])
    world.clock.tick(1_999)
    await ask()
    expect(world.instagram.count('checkSession')).toBe(1)
    world.clock.tick(1)
    await ask()
    expect(world.instagram.count('checkSession')).toBe(2)
  })

  it('changes nothing when Instagram cannot be asked', async () => {
    const world = sessionsWorld(await openTestStore())
    const session = await world.logIn()
    world.instagram.checkSession = { type: 'not_sent', cause: 'connect', reason: 'refused' }
    const params = { sessionId: session.id }
    const asked = world.call('getSession', { params, query: { validate: true } })
    await expect(asked).rejects.toMatchObject({ code: 'INSTAGRAM_ERROR', status: 502 })
    expect(await world.session('getSession', { params })).toEqual(session)
  })

  it('writes nothing when the user has logged in anew meanwhile', async () => {
    const world = sessionsWorld(await openTestStore())
    const session = await world.logIn()
    world.instagram.checkSession = async () => {
      await world.logIn()
      return { type: 'login_required', reason: 'the old cookies are dead' }
    }
    const params = { sessionId: session.id }
    expect((await world.session('getSession', { params, query: { validate: true } })).status).toBe('active')
  })

  it('tells the user when the stored credentials cannot be opened, and logging in mends it', async () => {
    const store = await openTestStore()
    const session = await sessionsWorld(store).logIn()
    const restarted = sessionsWorld(store)
    const params = { sessionId: session.id }
    const asked = restarted.call('getSession', { params, query: { validate: true } })
    await expect(asked).rejects.toMatchObject({ code: 'UNAVAILABLE', status: 503 })
    expect(await restarted.logIn({ body: LOGIN })).toMatchObject({ id: session.id, status: 'active' })
    expect(await restarted.session('getSession', { params, query: { validate: true } })).toMatchObject({
      isActive: true,
    })
  })
})

describeOnEveryStore('the hand-off page', (openTestStore) => {
  it('says who asks, leads to Instagram, and runs nothing', async () => {
    const world = sessionsWorld(await openTestStore())
    const { handoffUrl } = await meetCheckpoint(world)
    const visit = pagesOf(world)
    const page = await visit('GET', handoffUrl)
    expect(page).toMatchObject({ status: 200, contentType: 'text/html; charset=utf-8' })
    expect(page.body).toContain('user_123')
    expect(page.body).toContain('@north.lamp')
    expect(page.body).toContain(`href="${CHALLENGE_URL}" target="_blank" rel="noopener noreferrer"`)
    expect(page.body).not.toMatch(/<script|src=|@import|url\(/)
    const policy = page.headers?.['content-security-policy']
    expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[\w+/=]+'; form-action 'self'/)
    // Looking at it uses nothing up.
    expect(await visit('GET', handoffUrl)).toEqual(page)
  })

  it('connects the account once, and the link is worth nothing afterwards', async () => {
    const world = sessionsWorld(await openTestStore())
    const { handoffUrl, sessionId } = await meetCheckpoint(world)
    const visit = pagesOf(world)
    world.instagram.checkSession = { ...CHALLENGE }
    const early = await visit('POST', handoffUrl)
    expect(early.body).toContain('still waits')
    world.instagram.checkSession = { type: 'ok', value: { platformId: '1001', username: 'north.lamp' } }
    expect((await visit('POST', handoffUrl)).body).toContain('is connected')
    expect((await world.session('getSession', { params: { sessionId } })).status).toBe('active')
    for (const method of ['GET', 'POST'] as const) expect((await visit(method, handoffUrl)).status).toBe(410)
  })

  it('is gone after fifteen minutes, for made-up links, and once the session has ended', async () => {
    const world = sessionsWorld(await openTestStore())
    const { handoffUrl, sessionId } = await meetCheckpoint(world)
    const visit = pagesOf(world)
    expect((await visit('GET', `${handoffUrl.slice(0, -2)}AA`)).status).toBe(404)
    expect((await visit('GET', 'nonsense')).status).toBe(404)
    world.clock.tick(899_999)
    expect((await visit('GET', handoffUrl)).status).toBe(200)
    world.clock.tick(1)
    expect((await visit('GET', handoffUrl)).status).toBe(410)
    const other = await meetCheckpoint(world)
    await world.call('deactivateSession', { params: { sessionId } })
    expect((await visit('POST', other.handoffUrl)).status).toBe(410)
  })

  it('shows names as text, whatever they are', async () => {
    const world = sessionsWorld(await openTestStore())
    world.instagram.logIn = CHALLENGE
    const as = user('<img src=x onerror=alert(1)>')
    const refusal = (await world.logIn({ as }).catch((error: unknown) => error)) as GatewayError
    const page = await pagesOf(world)('GET', refusal.details?.['handoffUrl'] as string)
    expect(page.body).not.toContain('<img')
    expect(page.body).toContain('&lt;img')
  })
})
