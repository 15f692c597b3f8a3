import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSandbox, type EffectKind, type Listening, type Sandbox } from '../../sandbox/index.ts'
import {
  type Access,
  type CallOptions,
  type Connector,
  createCookieStore,
  createWebConnector,
  importedCookies,
  parseCookieStore,
} from '../../src/connectors/index.ts'
import { createSystemClock } from '../../src/core/clock-system.ts'
import { createTransport, type OutgoingTransport } from '../../src/transport/index.ts'

/** Every operation of the web connector over real HTTP against the sandbox, whose ledger says what took place. */
describe('web connector against the sandbox', () => {
  const call: CallOptions = { deadlineMs: 5_000 }
  const clock = createSystemClock({ startFloor: 0 })
  let sandbox: Sandbox
  let face: Listening
  let transport: OutgoingTransport
  let connector: Connector

  beforeEach(async () => {
    sandbox = createSandbox({ clock, seed: 7 })
    face = await sandbox.listen()
    transport = createTransport({
      clock,
      guardAddresses: 'proxies',
      allowNetworks: ['127.0.0.0/8'],
      names: new Map([['proxy.example.com:8080', { host: '127.0.0.1', port: face.port }]]),
    })
    connector = createWebConnector({ transport: transport.send, clock, baseUrl: face.url })
  })

  afterEach(async () => {
    await transport.close()
    await face.close()
    await sandbox.close()
  })

  afterAll(() => clock.stop())

  const anyone = (): Access => ({ cookies: createCookieStore(), proxy: null, userAgent: null, platformId: null })

  async function loggedIn(): Promise<Access> {
    const access = anyone()
    const credentials = { username: 'your_instagram_username', password: 'your_instagram_password' }
    const result = await connector.logIn(access, credentials, call)
    if (result.type !== 'logged_in') throw new Error(`log-in ended as ${result.type}`)
    return { ...access, platformId: result.platformId }
  }

  const ledger = (kind: EffectKind) => [...sandbox.world.ledger.values()].filter((entry) => entry.kind === kind)

  it('logs in, stays logged in through a stored jar, and logs out', async () => {
    const access = await loggedIn()
    const identity = { platformId: access.platformId, username: 'your_instagram_username' }
    const restored = { ...access, cookies: parseCookieStore(access.cookies.serialize()) }
    expect(await connector.checkSession(restored, call)).toEqual({ type: 'ok', value: identity })
    expect(await connector.logOut(restored, call)).toEqual({ type: 'ok', value: null })
    expect(restored.cookies.get(`${face.url}/`, 'sessionid')).toBeNull()
    expect(await connector.checkSession(access, call)).toMatchObject({ type: 'login_required' })
  })

  it.each([
    ['your_instagram_username', 'not it', 'wrong_credentials'],
    ['nobody_of_that_name', 'x', 'wrong_credentials'],
    ['wrong_state', 'wrong_state_password', 'throttled'],
    ['needs_checkpoint', 'needs_checkpoint_password', 'challenge'],
    ['needs_2fa_totp', 'needs_2fa_totp_password', 'two_factor'],
  ])('meets what the sandbox has for %s / %s', async (username, password, type) => {
    expect(await connector.logIn(anyone(), { username, password }, call)).toMatchObject({ type })
  })

  it('hands out the checkpoint of the sandbox, and enters with the same jar once the owner approved', async () => {
    const access = anyone()
    const input = { username: 'needs_checkpoint', password: 'needs_checkpoint_password' }
    const asked = await connector.logIn(access, input, call)
    expect(asked).toMatchObject({ type: 'challenge', kind: 'checkpoint', url: expect.stringContaining(face.url) })
    const url = asked.type === 'challenge' && asked.url !== null ? asked.url : ''
    const approval = await fetch(url, { method: 'POST', body: new URLSearchParams({ approve: '1' }) })
    expect(approval.ok).toBe(true)
    expect(await connector.logIn(anyone(), input, call)).toMatchObject({ type: 'challenge' })
    expect(await connector.logIn(access, input, call)).toMatchObject({ type: 'logged_in' })
  })

  it('passes the second factor after a wrong code', async () => {
    const access = anyone()
    const username = 'your_2fa_username'
    const asked = await connector.logIn(access, { username, password: 'your_2fa_password' }, call)
    expect(asked).toMatchObject({ type: 'two_factor', method: 'sms' })
    const identifier = asked.type === 'two_factor' ? asked.identifier : ''
    const submit = (code: string) =>
      connector.submitTwoFactor(access, { username, identifier, code, method: 'sms' }, call)
    expect(await submit('000000')).toMatchObject({ type: 'wrong_code', expired: false })
    expect(await submit('123 456')).toMatchObject({ type: 'logged_in' })
  })

  it('takes the cookies of the first document', async () => {
    const cookies = importedCookies({ cookies: { sessionid: 'abc123' }, baseUrl: face.url })
    const result = await connector.checkSession({ ...anyone(), cookies }, call)
    expect(result).toMatchObject({ type: 'ok', value: { username: 'user123' } })
  })

  it('finds people, and knows when there is nobody', async () => {
    const access = await loggedIn()
    const found = await connector.lookUpUser(access, { username: 'target_user' }, call)
    expect(found).toMatchObject({ type: 'ok', value: { username: 'target_user', followersCount: expect.any(Number) } })
    expect(await connector.lookUpUser(access, { username: 'nobody.at.all' }, call)).toMatchObject({
      type: 'refused',
      code: 'UNKNOWN_RECIPIENT',
    })
  })

  it('sends one text however often it is repeated, and reads it back from inbox, thread and participants', async () => {
    const access = await loggedIn()
    const text = 'Hello! How are you? 👋 "quoted" & more'
    const input = { to: { recipientId: 'target456' }, text, clientToken: '6800011122233344455' }
    const sent = await connector.sendText(access, input, call)
    if (sent.type !== 'done' || sent.threadId === null) throw new Error(`sending ended as ${sent.type}`)
    expect(sent).toMatchObject({ externalId: expect.any(String), at: expect.any(Number) })
    expect(await connector.sendText(access, input, call)).toEqual(sent)
    expect(ledger('message').map(({ duplicateOf }) => duplicateOf)).toEqual([undefined, expect.any(Number)])

    const item = { itemId: sent.externalId, isFromMe: true, itemType: 'text', text, clientToken: input.clientToken }
    const { threadId } = sent
    const inbox = await connector.readInbox(access, { cursor: null }, call)
    expect(inbox).toMatchObject({ type: 'ok', value: { threads: [{ threadId, items: [item] }] } })
    const thread = await connector.readThread(access, { threadId, cursor: null }, call)
    expect(thread).toMatchObject({ type: 'ok', value: { threadId, items: [item], olderCursor: null } })
    const with456 = await connector.readThreadWith(access, { recipientId: 'target456' }, call)
    expect(with456).toMatchObject({ type: 'ok', value: { threadId, items: [item] } })
    const again = { ...input, to: { threadId }, clientToken: '6800011122233344456' }
    expect(await connector.sendText(access, again, call)).toMatchObject({ type: 'done', threadId })
  })

  it('has no thread with somebody never written to', async () => {
    const access = await loggedIn()
    const user = await connector.lookUpUser(access, { username: 'user3' }, call)
    const recipientId = user.type === 'ok' ? user.value.platformId : ''
    expect(await connector.readThreadWith(access, { recipientId }, call)).toEqual({ type: 'ok', value: null })
  })

  it('is refused where the recipient cannot be messaged', async () => {
    const access = await loggedIn()
    const user = await connector.lookUpUser(access, { username: 'blocks_messages' }, call)
    const recipientId = user.type === 'ok' ? user.value.platformId : ''
    const outcome = await connector.sendText(access, { to: { recipientId }, text: 'hi', clientToken: '1' }, call)
    expect(outcome).toMatchObject({ type: 'refused', code: 'REFUSED_BY_INSTAGRAM' })
  })

  it('likes and unlikes, and sees the state', async () => {
    const access = await loggedIn()
    const media = { mediaId: 'post_1234567890' }
    expect(await connector.like(access, media, call)).toMatchObject({ type: 'done' })
    const liked = await connector.readMedia(access, media, call)
    expect(liked).toMatchObject({ type: 'ok', value: { hasLiked: true } })
    const numeric = liked.type === 'ok' ? { mediaId: `${liked.value.mediaId}_${liked.value.ownerId}` } : media
    expect(await connector.unlike(access, numeric, call)).toMatchObject({ type: 'done' })
    expect(await connector.readMedia(access, media, call)).toMatchObject({ type: 'ok', value: { hasLiked: false } })
    expect(await connector.like(access, { mediaId: 'deleted_post' }, call)).toMatchObject({ code: 'TARGET_NOT_FOUND' })
  })

  it('comments and reads the comment back', async () => {
    const access = await loggedIn()
    const input = { mediaId: 'post789', text: 'Great post! 👍', clientToken: '42' }
    const made = await connector.comment(access, input, call)
    expect(made).toMatchObject({ type: 'done', externalId: expect.any(String) })
    const read = await connector.readComments(access, { mediaId: 'post789' }, call)
    const commentId = made.type === 'done' ? made.externalId : null
    expect(read).toMatchObject({
      type: 'ok',
      value: { comments: [{ commentId, text: input.text, authorId: access.platformId }], complete: true },
    })
    expect(await connector.comment(access, { ...input, mediaId: 'comments_off' }, call)).toMatchObject({
      type: 'refused',
    })
  })

  it('follows, is only requested by a private account, and unfollows', async () => {
    const access = await loggedIn()
    const target = { userId: 'user_1234567890' }
    expect(await connector.follow(access, target, call)).toMatchObject({ type: 'done' })
    const friendship = { type: 'ok', value: { following: true, requested: false } }
    expect(await connector.readFriendship(access, target, call)).toEqual(friendship)
    expect(await connector.unfollow(access, target, call)).toMatchObject({ type: 'done' })
    expect(ledger('follow')).toHaveLength(1)
    expect(ledger('unfollow')).toHaveLength(1)

    const user = await connector.lookUpUser(access, { username: 'private_user' }, call)
    const userId = user.type === 'ok' ? user.value.platformId : ''
    expect(await connector.follow(access, { userId }, call)).toMatchObject({ type: 'done' })
    const requested = { type: 'ok', value: { following: false, requested: true } }
    expect(await connector.readFriendship(access, { userId }, call)).toEqual(requested)
  })

  it('goes through the proxy of the documents, and nowhere when the proxy is wrong', async () => {
    const access = await loggedIn()
    const proxy = { protocol: 'http', host: 'proxy.example.com', port: 8080, username: 'proxy_user' } as const
    const input = { to: { recipientId: 'target456' }, text: 'hi', clientToken: '77' }
    const right = { ...access, proxy: { ...proxy, password: 'proxy_pass' } }
    expect(await connector.sendText(right, input, call)).toMatchObject({ type: 'done' })
    const wrong = { ...access, proxy: { ...proxy, password: 'wrong' } }
    const outcome = await connector.sendText(wrong, { ...input, clientToken: '78' }, call)
    expect(outcome).toMatchObject({ type: 'not_sent', cause: 'proxy' })
    expect(ledger('message')).toHaveLength(1)
  })

  it.each([
    [{ fault: 'drop_before' }, 'uncertain', 0],
    [{ fault: 'drop_after' }, 'uncertain', 1],
    [{ fault: 'hang' }, 'uncertain', 1],
    [{ fault: 'status', code: 503 }, 'uncertain', 0],
    [{ fault: 'html' }, 'uncertain', 0],
    [{ fault: 'truncate' }, 'uncertain', 1],
    [{ fault: 'empty' }, 'uncertain', 1],
    [{ fault: 'throttle', retryAfter: 60 }, 'throttled', 0],
    [{ fault: 'feedback_required' }, 'blocked', 0],
    [{ fault: 'challenge_required' }, 'challenge', 0],
    [{ fault: 'checkpoint_required' }, 'challenge', 0],
    [{ fault: 'login_required' }, 'login_required', 0],
  ])('says the truth about a send that meets %o', async (fault, type, effects) => {
    const access = await loggedIn()
    const answer = await fetch(`${face.url}/_sandbox/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...fault, kind: 'message', times: 1 }),
    })
    expect(answer.ok).toBe(true)
    const input = { to: { recipientId: 'target456' }, text: 'hi', clientToken: '99' }
    expect(await connector.sendText(access, input, { deadlineMs: 500 })).toMatchObject({ type })
    expect(ledger('message')).toHaveLength(effects)
  })
})
