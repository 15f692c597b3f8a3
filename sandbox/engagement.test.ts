import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { fileAt } from './files.ts'
import { benchPerTest } from './sandbox.fixture.ts'

const bench = benchPerTest()
const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

const seconds = (instant: number) => String(Math.floor(instant / 1000))

/** The form of the web client, of a story by its alias. */
function seenForm(alias: string): Record<string, string> {
  const media = bench.now.sandbox.world.mediaBy(alias)
  if (media === undefined) throw new Error(`there is no ${alias}`)
  return {
    reelMediaId: media.pk,
    reelMediaOwnerId: media.ownerPk,
    reelId: media.ownerPk,
    reelMediaTakenAt: seconds(media.takenAt),
    viewSeenAt: seconds(bench.now.clock.now()),
  }
}

const replyForm = (alias: string, text = 'Wow') => {
  const { pk, ownerPk } = bench.now.sandbox.world.mediaBy(alias) ?? { pk: '', ownerPk: '' }
  return {
    media_id: `${pk}_${ownerPk}`,
    reel_id: ownerPk,
    text,
    entry: 'reel',
    recipient_users: `[[${ownerPk}]]`,
    client_context: '6800000000000000077',
  }
}
const REPLY = '/api/v1/direct_v2/threads/broadcast/reel_share/?media_type=photo'

describe('reels', () => {
  it('are liked and commented under names of their own', async () => {
    const client = await bench.now.loggedIn()
    for (let time = 0; time < 2; time++) await client.post('/api/v1/web/likes/reel789/like/', {})
    const form = { comment_text: 'nice', idempotence_token: '7' }
    for (let time = 0; time < 2; time++) await client.post('/api/v1/web/comments/reel789/add/', form)
    await client.post('/api/v1/web/likes/reel789/unlike/', {})
    const reel = bench.now.sandbox.world.mediaBy('reel789')
    expect(bench.now.ledger('reel_like')).toMatchObject([{ target: 'target_user', mediaId: reel?.pk }])
    const comments = bench.now.ledger('reel_comment')
    expect(comments).toMatchObject([{ text: 'nice', token: '7' }, { duplicateOf: comments[0]?.no }])
    expect(bench.now.ledger('unlike')).toHaveLength(1)
    expect([...bench.now.ledger('like'), ...bench.now.ledger('comment')]).toEqual([])
  })

  it('have hidden limits of their own', async () => {
    bench.now.sandbox.configure({ limits: { reel_like: { hour: 1, day: null }, like: { hour: 1, day: null } } })
    const client = await bench.now.loggedIn()
    const like = async (id: string) => (await client.post(`/api/v1/web/likes/${id}/like/`, {})).status
    expect([await like('reel789'), await like('post789'), await like('reel_id'), await like('media_id')]).toEqual([
      200, 200, 429, 429,
    ])
  })

  it.each([
    ['reel_comments_off', 'comments_disabled', true],
    ['deleted_reel', 'message', 'Media not found or unavailable'],
  ])('refuse a comment on %s', async (id, field, value) => {
    const client = await bench.now.loggedIn()
    const answer = await client.post(`/api/v1/web/comments/${id}/add/`, { comment_text: 'hello' })
    expect(answer).toMatchObject({ status: 400, body: { [field]: value } })
  })
})

describe('stories', () => {
  it('are seen once, and say up to when', async () => {
    const client = await bench.now.loggedIn()
    for (const path of ['/api/v1/stories/reel/seen', '/stories/reel/seen']) {
      expect((await client.post(path, seenForm('story789'))).body).toEqual({ status: 'ok' })
    }
    expect(bench.now.ledger('story_view')).toMatchObject([{ target: 'target_user' }])
    const { reel } = (await client.get(`/api/v1/feed/user/${bench.now.pkOf('target_user')}/story/`)).body
    expect(reel.items.map((item: { product_type: string }) => item.product_type)).toEqual(['story', 'story'])
    expect(reel.seen).toBe(reel.items[0].taken_at)
  })

  it('are gone a day after they were taken, for every act', async () => {
    const client = await bench.now.loggedIn()
    const story = bench.now.sandbox.world.mediaBy('story789')
    // The sandbox's clock runs on by itself between the lines.
    await bench.now.clock.advance((story?.expiresAt ?? 0) - bench.now.clock.now() - MINUTE_MS)
    expect((await client.get('/api/v1/media/story789/info/')).status).toBe(200)
    await bench.now.clock.advance(MINUTE_MS)
    expect((await client.get('/api/v1/media/story789/info/')).status).toBe(400)
    expect((await client.post('/api/v1/stories/reel/seen', seenForm('story789'))).status).toBe(400)
    expect((await client.post(REPLY, replyForm('story789'))).body.message).toBe('Media not found or unavailable')
    const { reel } = (await client.get(`/api/v1/feed/user/${bench.now.pkOf('target_user')}/story/`)).body
    expect(reel).toBeNull()
    await bench.now.clock.advance(30 * DAY_MS)
    expect((await client.post('/api/v1/stories/reel/seen', seenForm('story_1234567890'))).status).toBe(200)
  })

  it.each([
    ['reelMediaOwnerId', '1'],
    ['reelMediaTakenAt', '1760000000'],
    ['viewSeenAt', ''],
  ])('are not seen by a form with a wrong %s', async (field, value) => {
    const client = await bench.now.loggedIn()
    const form = { ...seenForm('story789'), [field]: value }
    expect((await client.post('/api/v1/stories/reel/seen', form)).status).toBe(400)
    expect(bench.now.ledger('story_view')).toEqual([])
  })

  it('are seen by the app in a form of its own', async () => {
    const client = await bench.now.loggedIn()
    const { reelMediaId, reelMediaOwnerId, reelMediaTakenAt } = seenForm('story789')
    const key = `${reelMediaId}_${reelMediaOwnerId}_${reelMediaOwnerId}`
    const reels = JSON.stringify({ [key]: [`${reelMediaTakenAt}_${reelMediaTakenAt}`] })
    expect((await client.post('/api/v2/media/seen/?reel=1&live_vod=0', { reels })).body).toEqual({ status: 'ok' })
    expect(bench.now.ledger('story_view')).toHaveLength(1)
  })

  it('are answered by a message that shows them, once per token and even when they are gone meanwhile', async () => {
    const client = await bench.now.loggedIn()
    const form = replyForm('story789')
    const first = await client.post(REPLY, form)
    expect(first.status).toBe(200)
    await bench.now.clock.advance(DAY_MS)
    expect((await client.post(REPLY, form)).body).toEqual(first.body)
    const entries = bench.now.ledger('story_reply')
    expect(entries).toMatchObject([{ text: 'Wow', token: form.client_context }, { duplicateOf: entries[0]?.no }])
    const { thread } = (await client.get(`/api/v1/direct_v2/threads/${first.body.payload.thread_id}/`)).body
    expect(thread.items).toMatchObject([{ item_type: 'reel_share', reel_share: { text: 'Wow', type: 'reply' } }])
  })

  it('of who takes no messages take no replies, and posts are no stories', async () => {
    const client = await bench.now.loggedIn()
    expect((await client.post(REPLY, replyForm('story_no_replies'))).body).toMatchObject({ action: 'item_ack' })
    expect((await client.post(REPLY, replyForm('post789'))).body.payload.error_code).toBe(1404006)
    expect((await client.post(REPLY, replyForm('private_story'))).body.message).toBe('Not authorized to view user')
    expect((await client.post('/api/v1/web/likes/story789/like/', {})).body.message).toBe('Invalid media_id')
    expect(bench.now.ledger('story_reply')).toEqual([])
  })
})

describe('uploads', () => {
  const NAME = '1760000000000_0_1'
  const params = (mediaType: string) => JSON.stringify({ upload_id: '1760000000000', media_type: mediaType })

  async function put(place: string, body: Uint8Array, headers: Record<string, string> = {}) {
    const client = await bench.now.loggedIn()
    const answer = await bench.now.sandbox.handle({
      method: 'POST',
      url: `/${place}/${NAME}`,
      headers: {
        cookie: [...client.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        'x-csrftoken': client.cookies.get('csrftoken'),
        offset: '0',
        'x-entity-length': String(body.length),
        'x-entity-name': NAME,
        'x-instagram-rupload-params': params('1'),
        ...headers,
      },
      body,
    })
    if (answer.kind !== 'answered') throw new Error(answer.kind)
    return { client, status: answer.status, body: JSON.parse(String(answer.body)) }
  }

  const file = (name: string) => Buffer.from(fileAt(name).body)
  const toTarget = (more: Record<string, string>) => ({
    recipient_users: '[["target456"]]',
    client_context: '9',
    ...more,
  })
  const upload = { upload_id: '1760000000000' }

  it('become messages once they are complete', async () => {
    const { client, ...answer } = await put('rupload_igphoto', file('/a.jpg'))
    expect(answer).toMatchObject({ status: 200, body: { upload_id: '1760000000000', status: 'ok' } })
    const path = '/api/v1/direct_v2/threads/broadcast/configure_photo/'
    const sent = await client.post(path, toTarget(upload))
    expect((await client.post(path, toTarget(upload))).body).toEqual(sent.body)
    const entries = bench.now.ledger('message')
    expect(entries).toMatchObject([{ text: '[photo]', itemType: 'media' }, { duplicateOf: entries[0]?.no }])
    const { thread } = (await client.get(`/api/v1/direct_v2/threads/${sent.body.payload.thread_id}/`)).body
    expect(thread.items).toMatchObject([{ item_type: 'media', media: { media_type: 1 } }])
  })

  it.each([
    ['configure_video', '2', '/a.mp4', 'media'],
    ['share_voice', '11', '/a.m4a', 'voice_media'],
    ['share_voice', '11', '/a.wav', 'voice_media'],
  ])('%s wait for word that they are complete', async (type, mediaType, name, itemType) => {
    const headers = { 'x-instagram-rupload-params': params(mediaType) }
    const { client } = await put('rupload_igvideo', file(name), headers)
    const path = `/api/v1/direct_v2/threads/broadcast/${type}/`
    expect((await client.post(path, toTarget(upload))).body.message).toBe('media_needs_reupload')
    expect((await client.post('/api/v1/media/upload_finish/', upload)).body).toEqual({ status: 'ok' })
    expect((await client.post(path, toTarget(upload))).body).toMatchObject({ action: 'item_ack', status: 'ok' })
    expect(bench.now.ledger('message')).toMatchObject([{ itemType }])
  })

  it.each([
    ['a length that is not so', 'rupload_igphoto', '/a.jpg', { 'x-entity-length': '1' }, 400],
    ['another name', 'rupload_igphoto', '/a.jpg', { 'x-entity-name': 'x' }, 400],
    ['no parameters', 'rupload_igphoto', '/a.jpg', { 'x-instagram-rupload-params': '{}' }, 400],
    ['bytes that are no picture', 'rupload_igphoto', '/a.txt', {}, 200],
    ['bytes that are no video', 'rupload_igvideo', '/a.jpg', { 'x-instagram-rupload-params': params('2') }, 200],
  ])('refuse %s', async (_title, place, name, headers, status) => {
    const answer = await put(place, file(name), headers)
    expect(answer.status).toBe(status)
    expect(answer.body).not.toEqual({ status: 'ok' })
    expect(bench.now.sandbox.world.uploads.size).toBe(0)
  })

  it('survive a restart', async () => {
    await put('rupload_igphoto', file('/a.jpg'))
    await bench.now.restart()
    expect(bench.now.sandbox.world.uploads.size).toBe(1)
    expect(readFileSync(bench.now.file, 'utf8')).not.toContain('JFIF')
  })
})

describe('links and hearts', () => {
  it('are items of their own', async () => {
    const client = await bench.now.loggedIn()
    const to = { recipient_users: '[["target456"]]' }
    const broadcast = (type: string, form: Record<string, string>) =>
      client.post(`/api/v1/direct_v2/threads/broadcast/${type}/`, { ...to, ...form })
    const urls = JSON.stringify(['https://example.com/a'])
    const link = await broadcast('link', { link_text: 'see https://example.com/a', link_urls: urls })
    await broadcast('like', {})
    expect((await broadcast('link', { link_text: 'no link', link_urls: '[]' })).status).toBe(403)
    const { thread } = (await client.get(`/api/v1/direct_v2/threads/${link.body.payload.thread_id}/`)).body
    expect(thread.items).toMatchObject([
      { item_type: 'like', like: '❤️' },
      {
        item_type: 'link',
        link: { text: 'see https://example.com/a', link_context: { link_url: 'https://example.com/a' } },
      },
    ])
    expect(bench.now.ledger('message')).toMatchObject([
      { itemType: 'link', text: 'see https://example.com/a' },
      { itemType: 'like', text: '❤️' },
    ])
  })
})
