import { IgApiClient, IgLoginBadPasswordError, IgLoginTwoFactorRequiredError } from 'instagram-private-api'
import { Secret, TOTP } from 'otpauth'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fileAt } from './files.ts'
import { createSandbox, type Listening, type Sandbox, standaloneClock } from './index.ts'

/**
 * The sandbox's judge: a client that others wrote against the real thing, unmodified, pointed at the sandbox as its
 * HTTP proxy. It believes that it speaks to https://i.instagram.com.
 */

let sandbox: Sandbox
let listening: Listening

beforeEach(async () => {
  const clock = standaloneClock()
  sandbox = createSandbox({ clock, advance: clock.advance })
  listening = await sandbox.listen()
})

afterEach(() => sandbox.close())

function newClient(device: string): IgApiClient {
  const ig = new IgApiClient()
  ig.state.generateDevice(device)
  ig.state.proxyUrl = listening.url
  ig.request.defaults = { tunnel: false }
  return ig
}

async function loggedIn(): Promise<IgApiClient> {
  const ig = newClient('your_instagram_username')
  await ig.account.login('your_instagram_username', 'your_instagram_password')
  return ig
}

function effects(kind: string) {
  return [...sandbox.world.ledger.values()].filter((entry) => entry.kind === kind)
}

describe('logging in', () => {
  it('takes a password sealed with the announced key', async () => {
    const ig = newClient('phone')
    await ig.simulate.preLoginFlow()
    const user = await ig.account.login('your_instagram_username', 'your_instagram_password')
    expect(user.username).toBe('your_instagram_username')
    expect(ig.state.cookieUserId).toBe(user.pk)
    await ig.simulate.postLoginFlow()
    expect((await ig.account.currentUser()).username).toBe('your_instagram_username')
  })

  it('refuses a wrong password', async () => {
    const login = newClient('phone').account.login('your_instagram_username', 'wrong')
    await expect(login).rejects.toBeInstanceOf(IgLoginBadPasswordError)
  })

  it.each([
    ['needs_2fa_sms', () => '123456'],
    ['needs_2fa_totp', () => new TOTP({ secret: Secret.fromBase32(totpSecret()) }).generate()],
  ])('asks %s for a second factor', async (username, code) => {
    const ig = newClient(username)
    const refusal = await ig.account.login(username, `${username}_password`).catch((error: unknown) => error)
    if (!(refusal instanceof IgLoginTwoFactorRequiredError)) throw new Error(`not asked: ${String(refusal)}`)
    const { two_factor_identifier: twoFactorIdentifier, totp_two_factor_on: isTotp } =
      refusal.response.body.two_factor_info
    expect(isTotp).toBe(username === 'needs_2fa_totp')
    const submit = (verificationCode: string) =>
      ig.account.twoFactorLogin({ username, verificationCode, twoFactorIdentifier, verificationMethod: '1' })
    await expect(submit('000000')).rejects.toThrow(/check the security code/)
    await submit(code())
    expect((await ig.account.currentUser()).username).toBe(username)
  })

  it('ends the session at log-out', async () => {
    const ig = await loggedIn()
    await ig.account.logout()
    await expect(ig.account.currentUser()).rejects.toThrow(/login_required/)
  })
})

describe('direct messages', () => {
  it('delivers a text once, however often it is sent with one client_context', async () => {
    const ig = await loggedIn()
    const target = await ig.user.searchExact('target_user')
    const form = {
      action: 'send_item',
      recipient_users: JSON.stringify([[target.pk]]),
      client_context: '6800011122233344455',
      text: 'Hello! How are you?',
    }
    const send = () => ig.request.send({ url: '/api/v1/direct_v2/threads/broadcast/text/', method: 'POST', form })
    const [first, second] = [await send(), await send()]
    expect(second.body).toEqual(first.body)
    const [effect, repeat] = effects('message')
    expect(effect).toMatchObject({ target: 'target_user', text: 'Hello! How are you?', token: '6800011122233344455' })
    expect(repeat).toMatchObject({ duplicateOf: effect?.no })
  })

  it('shows what others wrote in the inbox, and answers into the same thread', async () => {
    const ig = await loggedIn()
    await sandbox.handle({
      method: 'POST',
      url: '/_sandbox/act',
      headers: {},
      body: JSON.stringify({ as: 'user1', do: 'message', to: 'your_instagram_username', text: 'first', times: 12 }),
    })
    const [thread] = await ig.feed.directInbox().items()
    expect(thread?.items[0]?.text).toBe('first (12)')
    const threadId = thread?.thread_id ?? ''
    await ig.entity.directThread(threadId).broadcastText('an answer', true)
    await ig.directThread.markItemSeen(threadId, thread?.items[0]?.item_id ?? '')
    const feed = ig.feed.directThread({ thread_id: threadId, oldest_cursor: '' })
    const texts = [...(await feed.items()), ...(await feed.items())].map((item) => item.text)
    expect(texts).toHaveLength(13)
    expect(texts[0]).toBe('an answer')
    expect(feed.isMoreAvailable()).toBe(false)
  })
})

describe('what is more than words', () => {
  it('sends a picture, a voice and a link, and takes one back', async () => {
    const ig = await loggedIn()
    const target = await ig.user.searchExact('target_user')
    const thread = ig.entity.directThread([String(target.pk)])
    await thread.broadcastPhoto({ file: Buffer.from(fileAt('/picture.jpg').body) })
    await thread.broadcastText('see https://example.com/page')
    const [link] = await ig.feed.directInbox().items()
    expect(link?.items.map((item) => item.item_type)).toEqual(['link', 'media'])
    const threadId = link?.thread_id ?? ''
    await ig.directThread.deleteItem(threadId, link?.items[0]?.item_id ?? '')
    expect(effects('message').map(({ itemType }) => itemType)).toEqual(['media', 'link'])
    expect(effects('unsend')).toHaveLength(1)
  })

  it('sees and answers stories', async () => {
    const ig = await loggedIn()
    const target = await ig.user.searchExact('target_user')
    const stories = await ig.feed.userStory(target.pk).items()
    expect(stories).toHaveLength(2)
    await ig.story.seen(stories)
    expect(effects('story_view')).toHaveLength(2)
    const thread = ig.entity.directThread([String(target.pk)])
    await thread.broadcastReel({ mediaId: stories[0]?.id ?? '', text: 'Wow' })
    expect(effects('story_reply')).toMatchObject([{ target: 'target_user', text: 'Wow' }])
  })
})

describe('media and people', () => {
  it('likes and comments', async () => {
    const ig = await loggedIn()
    const target = await ig.user.searchExact('target_user')
    const post = sandbox.world.mediaBy('media_id')
    const media = (await ig.feed.user(target.pk).items()).find(({ pk }) => String(pk) === post?.pk)
    const mediaId = media?.id ?? ''
    await ig.media.like({ mediaId, moduleInfo: { module_name: 'profile', user_id: target.pk, username: 'x' }, d: 0 })
    const comment = await ig.media.comment({ mediaId, text: 'Great post!' })
    expect(comment.text).toBe('Great post!')
    const info = await ig.media.info(mediaId)
    expect(info.items[0]).toMatchObject({ has_liked: true, like_count: 1, comment_count: 1 })
    expect((await ig.feed.mediaComments(mediaId).items()).map(({ text }) => text)).toEqual(['Great post!'])
    expect(effects('like')).toMatchObject([{ target: 'target_user', mediaId: media?.pk }])
  })

  it('follows and unfollows, and asks a private account', async () => {
    const ig = await loggedIn()
    const target = await ig.user.searchExact('target_user')
    expect(await ig.friendship.create(target.pk)).toMatchObject({ following: true, outgoing_request: false })
    expect(await ig.friendship.destroy(target.pk)).toMatchObject({ following: false })
    const hidden = await ig.user.searchExact('private_user')
    expect(await ig.friendship.create(hidden.pk)).toMatchObject({ following: false, outgoing_request: true })
    expect(await ig.friendship.show(hidden.pk)).toMatchObject({ is_private: true, outgoing_request: true })
  })

  it('reads profiles and walks followers page by page', async () => {
    const ig = await loggedIn()
    const me = ig.state.cookieUserId
    expect(await ig.user.info(me)).toMatchObject({ follower_count: 1000, following_count: 500, media_count: 50 })
    const feed = ig.feed.accountFollowers(me)
    const pages = [await feed.items(), await feed.items()]
    expect(new Set(pages.flat().map(({ pk }) => pk)).size).toBe(50)
    expect(await ig.user.usernameinfo('user1')).toMatchObject({ username: 'user1' })
  })
})

function totpSecret(): string {
  return sandbox.world.userNamed('needs_2fa_totp')?.twoFactor?.secret ?? ''
}
