import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Api,
  type ApiResponse,
  apiOf,
  eventually,
  freePort,
  type RunningProcess,
  sandboxControl,
  startGatewayProcess,
  temporaryDirectory,
} from '../support/gateway-process.ts'

const OWNER = 'your_instagram_username'
const LOGIN = { username: OWNER, password: 'your_instagram_password' }
const MEBIBYTE = 1024 * 1024
const JPEG = Uint8Array.from([0xff, 0xd8, 0xff, 0xe0, 0x00, 0x10, 0x4a, 0x46, 0x49, 0x46])

interface ActionData {
  actionId: string
  status: string
  code: string | null
  reason: string | null
  waitingFor: { what: string; rule: string } | null
  timeline: { cause: string }[]
}

describe('every kind of action over HTTP', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>
  let gateway: RunningProcess
  let files: Server
  let filesUrl: string
  let sandbox: ReturnType<typeof sandboxControl>
  let api: Api
  let sessionId: string
  let story: string
  let reel: { id: string; shortcode: string }

  beforeAll(async () => {
    directory = await temporaryDirectory()
    files = await serveFiles()
    filesUrl = `http://127.0.0.1:${(files.address() as AddressInfo).port}`
    const sandboxPort = await freePort()
    gateway = await startGatewayProcess({
      dataDir: directory.path,
      env: { SANDBOX_PORT: String(sandboxPort), REQUEST_LIMITS: 'off', ACTION_DELAY: '0', MAX_DAILY_ACTIONS: '10000' },
    })
    sandbox = sandboxControl(`http://127.0.0.1:${sandboxPort}`)
    api = await apiOf(gateway.url, 'user_123')
    sessionId = await logIn()
    const added = (await sandbox.call('POST', '/media', [
      { owner: 'target_user', kind: 'story' },
      { owner: 'target_user', kind: 'reel' },
    ])) as { media: { id: string; shortcode: string }[] }
    const [first, second] = added.media
    if (first === undefined || second === undefined) throw new Error('the sandbox added no media')
    story = first.id
    reel = second
  })

  afterAll(async () => {
    await gateway.stop('SIGKILL')
    files.close()
    await directory.remove()
  })

  async function logIn(): Promise<string> {
    const { body } = await api.post('/login', LOGIN)
    return (body.data as unknown as { id: string }).id
  }

  const act = (path: string, body: Record<string, unknown>, headers?: Record<string, string>) =>
    api.post(`/actions/${path}`, { sessionId, ...body }, headers)
  const dataOf = (response: ApiResponse) => response.body.data as unknown as ActionData
  const read = async (actionId: string) => dataOf(await api.get(`/actions/${actionId}`))
  const effects = async (kind: string) => (await sandbox.ledger(OWNER, kind)).length

  async function sendAndEnd(body: Record<string, unknown>): Promise<ActionData> {
    const response = await api.post('/message', { sessionId, recipientUsername: 'target_user', ...body })
    expect(response.status).toBe(202)
    const { actionId } = dataOf(response)
    return eventually(`the end of ${actionId}`, async () => {
      const action = await read(actionId)
      return action.status === 'queued' || action.status === 'running' ? undefined : action
    })
  }

  it.each([
    ['like', 'like', () => ({ postId: 'post_1234567890' })],
    ['unlike', 'unlike', () => ({ postId: 'post_1234567890' })],
    ['comment', 'comment', () => ({ postId: 'post_1234567890', content: 'Great post! 👏' })],
    ['follow', 'follow', () => ({ userId: 'user_1234567890' })],
    ['unfollow', 'unfollow', () => ({ userId: 'user_1234567890' })],
    ['story-view', 'story_view', () => ({ storyId: story })],
    ['story-reply', 'story_reply', () => ({ storyId: story, content: 'Nice one' })],
    ['reel-like', 'reel_like', () => ({ reelId: `https://www.instagram.com/reel/${reel.shortcode}/` })],
    ['reel-comment', 'reel_comment', () => ({ reelId: reel.id, content: 'Great reel' })],
  ])('%s succeeds within the answer and takes effect once', async (path, ledgerKind, bodyOf) => {
    const before = await effects(ledgerKind)
    const response = await act(path, bodyOf())
    expect([response.status, dataOf(response).status]).toEqual([200, 'succeeded'])
    expect(await effects(ledgerKind)).toBe(before + 1)
    const shown = await read(dataOf(response).actionId)
    expect(shown.timeline.map((entry) => entry.cause)).toEqual(['attempt', 'confirmed'])
  })

  it.each([
    ['image', { messageType: 'image', mediaUrl: 'https://example.com/image.jpg' }, 'media'],
    ['video', { messageType: 'video', mediaUrl: 'https://example.com/video.mp4' }, 'media'],
    ['voice', { messageType: 'voice', mediaUrl: 'https://example.com/voice.m4a' }, 'voice_media'],
    ['link', { messageType: 'link', content: 'Look: https://example.com/page.' }, 'link'],
    ['like', { messageType: 'like' }, 'like'],
  ])('a message of type %s arrives once', async (_, body, itemType) => {
    expect(await sendAndEnd(body)).toMatchObject({ status: 'succeeded' })
    const last = (await sandbox.ledger(OWNER, 'message')).at(-1) as unknown as { itemType: string }
    expect(last.itemType).toBe(itemType)
  })

  it('a sent message is taken back at Instagram, a queued one canceled', async () => {
    const sent = await api.post('/message', { sessionId, recipientUsername: 'target_user', content: 'Oops' })
    const { id, actionId } = sent.body.data as unknown as { id: string; actionId: string }
    await eventually('it is sent', async () => ((await read(actionId)).status === 'succeeded' ? true : undefined))
    const unsent = await api.delete(`/message/${id}`)
    expect([unsent.status, unsent.body.data]).toEqual([200, { messageId: id, how: 'unsent' }])
    expect(await effects('unsend')).toBe(1)

    const sendAt = new Date(Date.now() + 3_600_000).toISOString()
    const later = await api.post('/message', { sessionId, recipientUsername: 'target_user', content: 'x', sendAt })
    const queued = later.body.data as unknown as { id: string; actionId: string }
    expect((await api.delete(`/message/${queued.id}`)).body.data).toMatchObject({ how: 'canceled' })
    expect(await read(queued.actionId)).toMatchObject({ status: 'canceled', code: 'ACTION_CANCELED' })
  })

  describe('bad input and trouble', () => {
    it.each([
      ['a deleted post', 'like', { postId: 'deleted_post' }, 422, 'TARGET_NOT_FOUND'],
      ['an unknown post', 'like', { postId: '1' }, 422, 'TARGET_NOT_FOUND'],
      ['a private account', 'like', { postId: 'private_post' }, 422, 'REFUSED_BY_INSTAGRAM'],
      ['comments that are off', 'comment', { postId: 'comments_off', content: 'x' }, 422, 'REFUSED_BY_INSTAGRAM'],
      ['an unknown user', 'follow', { userId: '999999999999' }, 422, 'TARGET_NOT_FOUND'],
      ['a post that is no story', 'story-view', { storyId: 'post789' }, 422, 'TARGET_NOT_FOUND'],
      ['an empty comment', 'comment', { postId: 'post789', content: '  ' }, 400, 'VALIDATION_ERROR'],
      ['a comment without content', 'comment', { postId: 'post789' }, 400, 'VALIDATION_ERROR'],
      ['sendAt in the past', 'like', { postId: 'post789', sendAt: '2001-01-01T00:00:00Z' }, 400, 'VALIDATION_ERROR'],
      ['a field that is none', 'like', { postId: 'post789', post: 1 }, 400, 'VALIDATION_ERROR'],
    ])('%s has its status and code', async (_, path, body, status, code) => {
      const response = await act(path, body)
      expect([response.status, response.body.code]).toEqual([status, code])
      if (status === 422) expect(response.body.details).toMatchObject({ actionId: expect.stringMatching(/^act_/) })
    })

    it.each([
      ['text over 1000 bytes', { content: 'ä'.repeat(501) }, 'content: must be at most 1000 bytes of UTF-8, has 1002'],
      ['media without an address', { messageType: 'image' }, 'mediaUrl: is required for a message with media'],
      ['a link without a link', { messageType: 'link', content: 'none' }, 'content: must contain a link'],
      ['sendAt in the past', { content: 'x', sendAt: '2001-01-01T00:00:00Z' }, 'sendAt: must be in the future'],
    ])('a message with %s is refused and nothing is queued', async (_, body, error) => {
      const response = await api.post('/message', { sessionId, recipientUsername: 'target_user', ...body })
      expect([response.status, response.body.code]).toEqual([400, 'VALIDATION_ERROR'])
      expect(response.body.error).toContain(error)
      const list = await api.get(`/session/${sessionId}/actions?status=queued`)
      expect(list.body.data).toEqual([])
    })

    it.each([
      ['an unknown recipient', { recipientUsername: 'nobody_has_this', content: 'x' }, 'UNKNOWN_RECIPIENT'],
      ['closed messages', { recipientUsername: 'blocks_messages', content: 'x' }, 'REFUSED_BY_INSTAGRAM'],
      ['media from a private address', media('http://10.0.0.1/x.jpg'), 'MEDIA_NOT_ALLOWED'],
      ['media from the metadata address', media('http://169.254.169.254/latest'), 'MEDIA_NOT_ALLOWED'],
      ['media behind a redirect to one', () => media(`${filesUrl}/to-private`), 'MEDIA_NOT_ALLOWED'],
      ['media that are too big', () => media(`${filesUrl}/big.jpg`), 'MEDIA_NOT_ALLOWED'],
      ['media of the wrong type', () => media(`${filesUrl}/page.jpg`), 'MEDIA_NOT_ALLOWED'],
      ['media that are not there', () => media(`${filesUrl}/nothing.jpg`), 'MEDIA_NOT_ALLOWED'],
    ])('a message with %s fails with its code', async (_, body, code) => {
      const before = await effects('message')
      expect(await sendAndEnd(typeof body === 'function' ? body() : body)).toMatchObject({ status: 'failed', code })
      expect(await effects('message')).toBe(before)
    })

    it('a delay out of range is refused', async () => {
      for (const actionDelay of [-1, 86_400_001]) {
        expect((await api.put(`/session/${sessionId}`, { settings: { actionDelay } })).status).toBe(400)
      }
    })

    it('a running action says that it cannot be canceled', async () => {
      await sandbox.fault({ kind: 'like', fault: 'hang', ms: 2_000, times: 1 })
      const answering = act('like', { postId: 'media_id' })
      const running = await eventually('the like is under way', async () => {
        const list = await api.get(`/session/${sessionId}/actions?status=running`)
        return (list.body.data as unknown as ActionData[])[0]
      })
      const refused = await api.delete(`/actions/${running.actionId}`)
      expect([refused.status, refused.body.code, refused.body.details]).toMatchObject([
        409,
        'NOT_CANCELABLE',
        { status: 'running' },
      ])
      expect((await answering).status).toBe(200)
    })

    it('an answer that is lost ends as one effect and succeeded', async () => {
      const before = await effects('comment')
      await sandbox.fault({ kind: 'comment', fault: 'drop_after', times: 1 })
      const response = await act('comment', { postId: 'media_id', content: 'Once only' }, { prefer: 'wait=60' })
      expect([response.status, dataOf(response).status]).toEqual([200, 'succeeded'])
      expect(await effects('comment')).toBe(before + 1)
    })

    it('a session that loses its login keeps its queue and goes on after the next one', async () => {
      await sandbox.fault({ kind: 'like', fault: 'end_session', times: 1 })
      const response = await act('like', { postId: 'post789', onLimit: 'queue' })
      expect(response.status).toBe(202)
      const { actionId } = dataOf(response)
      const waits = await eventually('the session asks for a login', async () => {
        const action = await read(actionId)
        return action.waitingFor?.what === 'session' ? action : undefined
      })
      expect(waits.waitingFor).toMatchObject({ rule: 'login_required' })
      const refused = await act('like', { postId: 'post789' })
      expect([refused.status, refused.body.code]).toEqual([409, 'SESSION_NOT_ACTIVE'])
      expect(await logIn()).toBe(sessionId)
      await eventually('it goes on', async () => ((await read(actionId)).status === 'succeeded' ? true : undefined))
    })

    it('a session that is logged out cancels its queue and says why', async () => {
      const sendAt = new Date(Date.now() + 3_600_000).toISOString()
      const { actionId } = dataOf(await act('like', { postId: 'post789', sendAt }, { prefer: 'respond-async' }))
      await api.post(`/logout/${sessionId}`)
      expect(await read(actionId)).toMatchObject({ status: 'canceled', reason: 'Its session ended.' })
      const refused = await act('like', { postId: 'post789', onLimit: 'queue' })
      expect([refused.status, refused.body.code]).toEqual([409, 'SESSION_NOT_ACTIVE'])
    })
  })
})

function media(mediaUrl: string) {
  return { messageType: 'image', mediaUrl }
}

/** Files that a user's own server might offer. */
async function serveFiles(): Promise<Server> {
  const server = createServer((request, response) => {
    switch (request.url) {
      case '/to-private':
        response.writeHead(302, { location: 'http://10.0.0.1/x.jpg' }).end()
        break
      case '/big.jpg':
        response.writeHead(200, { 'content-type': 'image/jpeg' })
        response.write(JPEG)
        response.end(Buffer.alloc(8 * MEBIBYTE))
        break
      case '/page.jpg':
        response.writeHead(200, { 'content-type': 'image/jpeg' }).end('<html>')
        break
      default:
        response.writeHead(404).end()
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}
