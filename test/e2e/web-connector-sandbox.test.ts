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
import { MEDIA_RULES } from '../../src/core/media.ts'
import {
  createMediaFetcher,
  createTransport,
  type MediaFetcher,
  type OutgoingTransport,
} from '../../src/transport/index.ts'

/** Every operation of the web connector over real HTTP against the sandbox, whose ledger says what took place. */
describe('web connector against the sandbox', () => {
  const call: CallOptions = { deadlineMs: 5_000 }
  const clock = createSystemClock({ startFloor: 0 })
  let sandbox: Sandbox
  let face: Listening
  let transport: OutgoingTransport
  let media: MediaFetcher
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
    const names = new Map([['example.com', { host: '127.0.0.1', port: face.port }]])
    media = createMediaFetcher({ clock, names })
    connector = createWebConnector({ transport: transport.send, clock, baseUrl: face.url })
  })

  afterEach(async () => {
    await media.close()
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

  async function control(name: string, body: object): Promise<void> {
    const answer = await fetch(`${face.url}/_sandbox/${name}`, { method: 'POST', body: JSON.stringify(body) })
    if (!answer.ok) throw new Error(`${name}: ${await answer.text()}`)
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
    ['needs_2fa_push', 'needs_2fa_push_password', 'two_factor'],
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
    const inbox = await connector.readInbox(access, { folder: 'accepted', cursor: null }, call)
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
    const read = await connector.readComments(access, { mediaId: 'post789', cursor: null }, call)
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
    const friendship = { type: 'ok', value: { following: true, requested: false, followedBy: false } }
    expect(await connector.readFriendship(access, target, call)).toEqual(friendship)
    expect(await connector.unfollow(access, target, call)).toMatchObject({ type: 'done' })
    expect(ledger('follow')).toHaveLength(1)
    expect(ledger('unfollow')).toHaveLength(1)

    const user = await connector.lookUpUser(access, { username: 'private_user' }, call)
    const userId = user.type === 'ok' ? user.value.platformId : ''
    expect(await connector.follow(access, { userId }, call)).toMatchObject({ type: 'done' })
    const requested = { type: 'ok', value: { following: false, requested: true, followedBy: false } }
    expect(await connector.readFriendship(access, { userId }, call)).toEqual(requested)
  })

  it.each([
    ['image', 'image.jpg', 'media', '[photo]'],
    ['video', 'clip.mp4', 'media', '[video]'],
    ['voice', 'voice.m4a', 'voice_media', '[voice]'],
  ] as const)('fetches, uploads and sends one %s however often it is repeated', async (kind, name, itemType, text) => {
    const access = await loggedIn()
    const file = await media.fetch({ url: `https://example.com/${name}`, ...MEDIA_RULES[kind], deadlineMs: 5_000 })
    const upload = { kind, bytes: file.bytes, contentType: file.type, uploadId: '1760000000000' }
    for (let time = 0; time < 2; time++) {
      expect(await connector.uploadMedia(access, upload, call)).toEqual({
        type: 'ok',
        value: { uploadId: upload.uploadId },
      })
    }
    expect(sandbox.world.ledger.size).toBe(1)
    const input = {
      to: { recipientId: 'target456' },
      kind,
      uploadId: upload.uploadId,
      clientToken: '6800000000000000001',
    }
    const sent = await connector.sendMedia(access, input, call)
    expect(sent).toMatchObject({ type: 'done', externalId: expect.any(String) })
    expect(await connector.sendMedia(access, input, call)).toEqual(sent)
    const entries = ledger('message')
    expect(entries).toMatchObject([{ itemType, text, token: input.clientToken }, { duplicateOf: entries[0]?.no }])
    const thread = await connector.readThreadWith(access, { recipientId: 'target456' }, call)
    expect(thread).toMatchObject({ type: 'ok', value: { items: [{ itemType, clientToken: input.clientToken }] } })
  })

  it('is refused an upload that is not what it says, and a message of an upload that is not there', async () => {
    const access = await loggedIn()
    const bytes = Buffer.from('no picture at all')
    const upload = { kind: 'image', bytes, contentType: 'image/jpeg', uploadId: '17' } as const
    expect(await connector.uploadMedia(access, upload, call)).toMatchObject({ type: 'refused' })
    const input = { to: { recipientId: 'target456' }, kind: 'image', uploadId: '17', clientToken: '1' } as const
    expect(await connector.sendMedia(access, input, call)).toMatchObject({ type: 'refused' })
    expect(ledger('message')).toEqual([])
  })

  it('sends a link and a heart, marks the thread seen, and takes a message back', async () => {
    const access = await loggedIn()
    const to = { recipientId: 'target456' }
    const text = 'see https://example.com/a?b=c&d'
    const link = await connector.sendLink(
      access,
      { to, text, urls: ['https://example.com/a?b=c&d'], clientToken: '21' },
      call,
    )
    const heart = await connector.sendLike(access, { to, clientToken: '22' }, call)
    if (link.type !== 'done' || heart.type !== 'done') throw new Error(`ended as ${link.type} and ${heart.type}`)
    const thread = { threadId: link.threadId ?? '', cursor: null }
    expect(await connector.readThread(access, thread, call)).toMatchObject({
      value: {
        items: [
          { itemType: 'like', text: '❤️', clientToken: '22' },
          { itemType: 'link', text },
        ],
      },
    })
    const item = { threadId: thread.threadId, itemId: heart.externalId ?? '' }
    for (let time = 0; time < 2; time++) {
      expect(await connector.unsend(access, item, call)).toMatchObject({ type: 'done', externalId: item.itemId })
    }
    expect(await connector.readThread(access, thread, call)).toMatchObject({ value: { items: [{ itemType: 'link' }] } })
    expect(ledger('unsend')).toMatchObject([{ token: '22', itemId: item.itemId }])

    await control('act', { as: 'target_user', do: 'message', to: 'your_instagram_username', text: 'thanks' })
    const answered = await connector.readThread(access, thread, call)
    const itemId = answered.type === 'ok' ? (answered.value.items[0]?.itemId ?? '') : ''
    expect(answered).toMatchObject({ value: { isUnread: true } })
    const seen = { threadId: thread.threadId, itemId }
    expect(await connector.markSeen(access, seen, call)).toEqual({ type: 'ok', value: null })
    expect(await connector.readThread(access, thread, call)).toMatchObject({ value: { isUnread: false } })
    expect(await connector.unsend(access, seen, call)).toMatchObject({ type: 'refused' })
  })

  it('knows a post, reel or story by every name, and likes and comments reels', async () => {
    const access = await loggedIn()
    const reel = sandbox.world.mediaBy('reel_1234567890')
    const names = ['reel_1234567890', reel?.pk ?? '', reel?.code ?? '', `https://www.instagram.com/reel/${reel?.code}/`]
    for (const mediaId of names) {
      const info = await connector.readMedia(access, { mediaId }, call)
      const value = { mediaId: reel?.pk, kind: 'reel', isVideo: true, ownerUsername: 'target_user' }
      expect(info).toMatchObject({ type: 'ok', value })
      expect(await connector.like(access, { mediaId }, call)).toMatchObject({ type: 'done' })
      const words = { mediaId, text: `as ${mediaId.length}`, clientToken: `8${mediaId.length}` }
      expect(await connector.comment(access, words, call)).toMatchObject({ type: 'done' })
    }
    expect(ledger('reel_like')).toHaveLength(1)
    expect(ledger('reel_comment')).toHaveLength(names.length)
    const read = await connector.readComments(access, { mediaId: names[3] ?? '', cursor: null }, call)
    expect(read).toMatchObject({ value: { comments: { length: names.length }, complete: true } })
    const closed = { mediaId: 'reel_comments_off', text: 'x', clientToken: '1' }
    expect(await connector.comment(access, closed, call)).toMatchObject({ code: 'REFUSED_BY_INSTAGRAM' })
  })

  it('says that a page of comments is not all of them', async () => {
    const access = await loggedIn()
    await control('act', { as: 'user1', do: 'comment', mediaId: 'reel789', text: 'me too', times: 21 })
    const read = await connector.readComments(access, { mediaId: 'reel789', cursor: null }, call)
    expect(read).toMatchObject({ value: { comments: { length: 20 }, complete: false } })
  })

  it('sees a story and answers it, until it is gone', async () => {
    const access = await loggedIn()
    const info = await connector.readMedia(access, { mediaId: 'story789' }, call)
    if (info.type !== 'ok' || info.value.takenAt === null) throw new Error(`reading ended as ${info.type}`)
    const { mediaId, ownerId, takenAt, isVideo } = info.value
    const view = { mediaId, ownerId, takenAt, seenAt: clock.now() }
    const reply = { mediaId, ownerId, isVideo, text: 'Wow 👍', clientToken: '31' }
    for (let time = 0; time < 2; time++) {
      expect(await connector.viewStory(access, view, call)).toMatchObject({ type: 'done' })
      expect(await connector.replyToStory(access, reply, call)).toMatchObject({ type: 'done' })
    }
    expect(ledger('story_view')).toMatchObject([{ target: 'target_user', mediaId }])
    expect(ledger('story_reply')).toMatchObject([{ text: reply.text, token: '31', mediaId }, { token: '31' }])
    const stories = await connector.readStories(access, { ownerId }, call)
    const seenUntil = Math.floor(takenAt / 1_000) * 1_000
    expect(stories).toMatchObject({ type: 'ok', value: { stories: [{ mediaId }, {}], seenUntil } })
    const thread = await connector.readThreadWith(access, { recipientId: ownerId }, call)
    expect(thread).toMatchObject({
      value: { items: [{ itemType: 'reel_share', text: reply.text, clientToken: '31' }] },
    })

    await clock.advance(86_400_000)
    const gone = { type: 'refused', code: 'TARGET_NOT_FOUND' }
    expect(await connector.readMedia(access, { mediaId }, call)).toMatchObject(gone)
    expect(await connector.viewStory(access, view, call)).toMatchObject(gone)
    expect(await connector.replyToStory(access, { ...reply, clientToken: '32' }, call)).toMatchObject(gone)
    expect(await connector.replyToStory(access, reply, call)).toMatchObject({ type: 'done' })
    expect(await connector.readStories(access, { ownerId }, call)).toEqual({
      type: 'ok',
      value: { stories: [], seenUntil: 0 },
    })
  })

  it('is refused a reply to who takes none, and a story that is private', async () => {
    const access = await loggedIn()
    const info = await connector.readMedia(access, { mediaId: 'story_no_replies' }, call)
    if (info.type !== 'ok') throw new Error(`reading ended as ${info.type}`)
    const outcome = await connector.replyToStory(access, { ...info.value, text: 'hi', clientToken: '41' }, call)
    expect(outcome).toMatchObject({ type: 'refused', code: 'REFUSED_BY_INSTAGRAM' })
    const hidden = await connector.readMedia(access, { mediaId: 'private_story' }, call)
    expect(hidden).toMatchObject({ type: 'refused', reason: 'The profile is private.' })
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
    await control('faults', { ...fault, kind: 'message', times: 1 })
    const input = { to: { recipientId: 'target456' }, text: 'hi', clientToken: '99' }
    expect(await connector.sendText(access, input, { deadlineMs: 500 })).toMatchObject({ type })
    expect(ledger('message')).toHaveLength(effects)
  })

  describe.each([
    ['story_view', 'story_view'],
    ['story_reply', 'story_reply'],
    ['like', 'reel_like'],
    ['comment', 'reel_comment'],
    ['unsend', 'unsend'],
    ['message', 'message'],
  ] as const)('a lost answer to %s', (kind, effect) => {
    async function prepared(access: Access): Promise<() => Promise<unknown>> {
      const story = await connector.readMedia(access, { mediaId: 'story_1234567890' }, call)
      if (story.type !== 'ok' || story.value.takenAt === null) throw new Error(`reading ended as ${story.type}`)
      const { takenAt } = story.value
      const mediaId = 'reel789'
      const clientToken = '51'
      const to = { recipientId: 'target456' }
      switch (kind) {
        case 'story_view':
          return () => connector.viewStory(access, { ...story.value, takenAt, seenAt: takenAt }, call)
        case 'story_reply':
          return () => connector.replyToStory(access, { ...story.value, text: 'hi', clientToken }, call)
        case 'like':
          return () => connector.like(access, { mediaId }, call)
        case 'comment':
          return () => connector.comment(access, { mediaId, text: 'hi', clientToken }, call)
        case 'message':
          return () => connector.sendLike(access, { to, clientToken }, call)
        case 'unsend': {
          const sent = await connector.sendText(access, { to, text: 'oops', clientToken: '52' }, call)
          if (sent.type !== 'done') throw new Error(`sending ended as ${sent.type}`)
          const item = { threadId: sent.threadId ?? '', itemId: sent.externalId ?? '' }
          return () => connector.unsend(access, item, call)
        }
      }
    }

    it('is uncertain, and doing it again makes one effect', async () => {
      const act = await prepared(await loggedIn())
      await control('faults', { fault: 'drop_after', kind })
      const before = ledger(effect).length
      expect(await act()).toMatchObject({ type: 'uncertain' })
      expect(await act()).toMatchObject({ type: 'done' })
      expect(
        ledger(effect)
          .slice(before)
          .filter(({ duplicateOf }) => duplicateOf === undefined),
      ).toHaveLength(1)
    })

    it.each([
      ['throttle', 'throttled'],
      ['feedback_required', 'blocked'],
      ['checkpoint_required', 'challenge'],
      ['end_session', 'login_required'],
    ])('and %s, which is %s, makes no effect', async (fault, type) => {
      const act = await prepared(await loggedIn())
      await control('faults', { fault, kind })
      const before = ledger(effect).length
      expect(await act()).toMatchObject({ type })
      expect(ledger(effect)).toHaveLength(before)
    })
  })

  it('says what became of an upload', async () => {
    const access = await loggedIn()
    const bytes = Buffer.from([0xff, 0xd8, 0xff, 0xe0])
    const upload = { kind: 'image', bytes, contentType: 'image/jpeg', uploadId: '17' } as const
    for (const [fault, expected] of [
      ['drop_before', { type: 'unreadable' }],
      ['status', { type: 'unreadable' }],
      ['throttle', { type: 'throttled' }],
      ['login_required', { type: 'login_required' }],
    ] as const) {
      await control('faults', { fault, kind: 'upload' })
      expect(await connector.uploadMedia(access, upload, call)).toMatchObject(expected)
    }
    expect(await connector.uploadMedia(access, upload, call)).toMatchObject({ type: 'ok' })
  })
})
