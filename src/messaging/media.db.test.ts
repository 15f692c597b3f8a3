import { expect, it } from 'vitest'
import { type OutboxWorld, outboxWorld } from '../../test/support/outbox-world.ts'
import { fakeReceipt, user } from '../../test/support/sessions.ts'
import { describeOnEveryStore } from '../../test/support/stores.ts'
import type { Capability, Connector, Outcome, ReadResult } from '../connectors/connector.ts'
import { type MediaFault, MediaFetchError } from '../core/media.ts'
import { LEASE_MS, UPLOAD_LEASE_MS } from '../lanes/index.ts'
import type { Store } from '../store/store.ts'
import { deleteMessage } from './delete-message.ts'
import { createUnsendKind } from './index.ts'
import { markRead } from './mark-read.ts'

const SECOND = 1_000
const MINUTE = 60_000
const IMAGE = { content: '', messageType: 'image', mediaUrl: 'https://files.example/a.jpg' } as const
const DONE: Outcome = { type: 'done', externalId: 'item_1', at: null, threadId: 'thread_p_target_user' }

interface MediaWorld extends OutboxWorld {
  /** Operations with their inputs, in order. */
  sent: { operation: string; input: Record<string, unknown> }[]
  uploads: ReadResult<{ uploadId: string }>[]
  outcomes: Outcome[]
  /** Items that the thread shows. */
  thread: string[]
}

/** An Instagram that takes every type of message, and takes them back. */
async function mediaWorld(store: Store): Promise<MediaWorld> {
  const world = await outboxWorld(store, { kinds: (deps) => [createUnsendKind(deps)] })
  const media: Pick<MediaWorld, 'sent' | 'uploads' | 'outcomes' | 'thread'> = {
    sent: [],
    uploads: [],
    outcomes: [],
    thread: ['item_1'],
  }
  const write = (operation: string) => async (_: unknown, input: object) => {
    media.sent.push({ operation, input: { ...input } })
    return media.outcomes.shift() ?? DONE
  }
  const { connector } = world.instagram
  const operations: Partial<Connector> = {
    sendLink: write('sendLink'),
    sendLike: write('sendLike'),
    sendMedia: write('sendMedia'),
    unsend: write('unsend'),
    async uploadMedia(_, { bytes, ...input }) {
      media.sent.push({ operation: 'uploadMedia', input: { ...input, length: bytes.length } })
      return media.uploads.shift() ?? { type: 'ok', value: { uploadId: input.uploadId } }
    },
    readThread: async (_, { threadId }) => ({
      type: 'ok',
      value: {
        threadId,
        title: '',
        isGroup: false,
        users: [],
        items: media.thread.map((itemId) => ({
          itemId,
          senderId: '1001',
          isFromMe: true,
          at: world.clock.now(),
          micros: 0,
          itemType: 'text',
          text: null,
          clientToken: null,
          media: null,
          story: null,
        })),
        olderCursor: null,
        lastActivityAt: 0,
        isUnread: false,
        isPending: false,
        seenAt: {},
      },
    }),
  }
  const more: Capability[] = ['send_image', 'send_video', 'send_voice', 'send_link', 'send_like', 'unsend']
  Object.assign(connector, operations, { capabilities: new Set([...connector.capabilities, ...more]) })
  return { ...world, ...media }
}

const operations = (world: MediaWorld) => world.sent.map((call) => call.operation)
const failFetch = (world: MediaWorld, faults: MediaFault[]) => {
  const { fetchMedia } = world.instagram
  world.instagram.fetchMedia = async (request) => {
    const fault = faults.shift()
    if (fault !== undefined) throw new MediaFetchError(fault, `The media: ${fault}.`)
    return fetchMedia(request)
  }
}

describeOnEveryStore('a message with media', (openTestStore) => {
  it('is fetched and uploaded once in a turn of its own, then sent by the upload', async () => {
    const world = await mediaWorld(await openTestStore())
    const { actionId } = await world.send(IMAGE)
    await world.run()
    const { clientToken, status } = await world.action(actionId)
    expect(status).toBe('succeeded')
    expect(world.sent).toEqual([
      {
        operation: 'uploadMedia',
        input: { kind: 'image', contentType: 'image/jpeg', uploadId: clientToken, length: 3 },
      },
      {
        operation: 'sendMedia',
        input: { kind: 'image', uploadId: clientToken, clientToken, to: { recipientId: 'p_target_user' } },
      },
    ])
    expect(await world.message(actionId)).toMatchObject({ messageType: 'image', mediaUrl: IMAGE.mediaUrl })
  })

  it('keeps the upload when the message is pushed back', async () => {
    const world = await mediaWorld(await openTestStore())
    world.outcomes.push({ type: 'throttled', retryAfterMs: null, reason: 'wait' })
    const { actionId } = await world.send(IMAGE)
    await world.advance(16 * MINUTE)
    expect((await world.action(actionId)).status).toBe('succeeded')
    expect(operations(world)).toEqual(['uploadMedia', 'sendMedia', 'sendMedia'])
  })

  it.each([
    'url',
    'address',
    'redirect',
    'missing',
    'size',
    'type',
  ] as const)('fails at once and uses no number when the media are refused for their %s', async (fault) => {
    const world = await mediaWorld(await openTestStore())
    failFetch(world, [fault])
    const { actionId } = await world.send(IMAGE)
    await world.run()
    expect(await world.action(actionId)).toMatchObject({
      status: 'failed',
      code: 'MEDIA_NOT_ALLOWED',
      reason: `The media: ${fault}.`,
      attempts: 0,
    })
    expect(await world.store.read.selectFrom('usage').selectAll().execute()).toEqual([])
    expect((await world.reloadSession()).connectFailures).toBe(0)
  })

  it('waits for a host that is away while others go ahead, and fails after five tries', async () => {
    const world = await mediaWorld(await openTestStore())
    failFetch(world, ['unreachable', 'timeout', 'unreachable', 'unreachable', 'unreachable'])
    const { actionId } = await world.send(IMAGE)
    const text = await world.send()
    await world.run()
    expect((await world.action(text.actionId)).status).toBe('succeeded')
    expect(await world.action(actionId)).toMatchObject({
      status: 'queued',
      failures: 1,
      waitingFor: { rule: 'media_unreachable' },
    })
    await world.advance(30 * SECOND + 60 * SECOND + 120 * SECOND)
    expect((await world.action(actionId)).failures).toBe(4)
    await world.advance(240 * SECOND)
    expect(await world.action(actionId)).toMatchObject({ status: 'failed', code: 'MEDIA_NOT_ALLOWED' })
    expect(await world.reloadSession()).toMatchObject({ status: 'active', connectFailures: 0 })
  })

  it('treats an upload that Instagram pushes back like any other turn', async () => {
    const world = await mediaWorld(await openTestStore())
    world.uploads.push({ type: 'throttled', retryAfterMs: null, reason: 'wait' })
    const { actionId } = await world.send(IMAGE)
    await world.run()
    expect(await world.action(actionId)).toMatchObject({ status: 'queued', attempts: 0 })
    await world.advance(15 * MINUTE)
    expect((await world.action(actionId)).status).toBe('succeeded')
  })

  it('holds its lane for the time of an upload', async () => {
    const world = await mediaWorld(await openTestStore())
    let leaseMs = 0
    const { fetchMedia } = world.instagram
    world.instagram.fetchMedia = async (request) => {
      const lane = await world.store.read.selectFrom('lanes').select('lease_until_wall').executeTakeFirstOrThrow()
      leaseMs = (lane.lease_until_wall ?? 0) - world.clock.wall()
      expect(request.deadlineMs).toBeLessThanOrEqual(60 * SECOND)
      await world.worker.renewLeases()
      return fetchMedia(request)
    }
    const { actionId } = await world.send(IMAGE)
    await world.run()
    expect((await world.action(actionId)).status).toBe('succeeded')
    expect([leaseMs, LEASE_MS]).toEqual([UPLOAD_LEASE_MS, 30 * SECOND])
  })
})

describeOnEveryStore('a message without media', (openTestStore) => {
  it('of type link names its links, of type like needs nothing', async () => {
    const world = await mediaWorld(await openTestStore())
    await world.send({ messageType: 'link', content: 'See https://a.example/x, then (https://b.example/y).' })
    await world.send({ content: '', messageType: 'like' })
    await world.run()
    expect(world.sent).toMatchObject([
      { operation: 'sendLink', input: { urls: ['https://a.example/x', 'https://b.example/y'] } },
      { operation: 'sendLike', input: {} },
    ])
  })

  it('says what it keeps and does not send', async () => {
    const world = await mediaWorld(await openTestStore())
    const text = await world.send({ mediaUrl: 'https://files.example/a.jpg' })
    expect(text.data['warnings']).toEqual([
      'mediaUrl is kept with the message but not sent: a text message carries no media.',
    ])
    const image = await world.send({ ...IMAGE, content: 'Look' })
    expect(image.data['warnings']).toEqual([
      'content is kept with the message but not sent: a message of type image carries no text.',
    ])
  })
})

describeOnEveryStore('taking a message back', (openTestStore) => {
  const remove = (world: MediaWorld, messageId: string, as = user('user_123')) =>
    deleteMessage(world.deps, { principal: as, receipt: fakeReceipt(), preferredWaitMs: 0, messageId })
  const sent = async (world: MediaWorld) => {
    const { data } = await world.send()
    await world.run()
    return data['id'] as string
  }
  const actionOf = (answer: { data?: unknown }) => (answer.data as { actionId: string }).actionId

  it('is an action that counts, hides the message and says so once', async () => {
    const world = await mediaWorld(await openTestStore())
    const id = await sent(world)
    const actionId = actionOf(await remove(world, id))
    expect(actionOf(await remove(world, id))).toBe(actionId)
    await world.run()
    expect(await world.action(actionId)).toMatchObject({ kind: 'unsend', status: 'succeeded' })
    expect(world.sent).toEqual([{ operation: 'unsend', input: { threadId: 'thread_p_target_user', itemId: 'item_1' } }])
    expect((await remove(world, id)).data).toEqual({ messageId: id, how: 'unsent' })
    const events = (await world.events()).filter((event) => event.type === 'message.deleted')
    expect(events).toMatchObject([{ data: { messageId: id, how: 'unsent' } }])
  })

  it.each([
    ['gone from the thread', [], 1],
    ['still in the thread', ['item_1'], 2],
  ])('whose answer was lost is read back: %s', async (_, thread, writes) => {
    const world = await mediaWorld(await openTestStore())
    const id = await sent(world)
    world.thread.splice(0, world.thread.length, ...thread)
    world.outcomes.push({ type: 'uncertain', reason: 'lost' })
    const actionId = actionOf(await remove(world, id))
    await world.advance(MINUTE)
    expect((await world.action(actionId)).status).toBe('succeeded')
    expect(operations(world)).toHaveLength(writes)
  })

  it('of one that waits cancels it, of one that failed hides it, of another user is none', async () => {
    const world = await mediaWorld(await openTestStore())
    const queued = await world.send()
    const id = queued.data['id'] as string
    await expect(remove(world, id, user('user_456'))).rejects.toMatchObject({ code: 'MESSAGE_NOT_FOUND' })
    expect((await remove(world, id)).data).toEqual({ messageId: id, how: 'canceled' })
    expect((await remove(world, id)).data).toEqual({ messageId: id, how: 'canceled' })
    world.instagram.unknown.add('nobody')
    const failed = await world.send({ recipientUsername: 'nobody' })
    await world.run()
    expect((await remove(world, failed.data['id'] as string)).data).toMatchObject({ how: 'hidden' })
    expect(operations(world)).toEqual([])
  })

  it('of one that nobody knows of is refused', async () => {
    const world = await mediaWorld(await openTestStore())
    world.instagram.sends = ['lost_before', 'lost_before', 'lost_before', 'lost_before']
    const { data } = await world.send()
    await world.advance(30 * MINUTE)
    await expect(remove(world, data['id'] as string)).rejects.toMatchObject({
      code: 'NOT_CANCELABLE',
      details: { status: 'unconfirmed' },
    })
  })
})

describeOnEveryStore('marking a message as read', (openTestStore) => {
  it('counts a received one once, and changes nothing about an own one', async () => {
    const world = await mediaWorld(await openTestStore())
    const { data, actionId } = await world.send()
    const id = data['id'] as string
    expect(await markRead(world.deps, user('user_123'), id)).toMatchObject({ status: 200, data: { isRead: false } })
    const { conversationId } = await world.message(actionId)
    await world.store.write(async (tx) => {
      await tx.updateTable('messages').set({ direction: 'in', status: 'received' }).where('id', '=', id).execute()
      await tx.updateTable('conversations').set({ unread: 1 }).where('id', '=', conversationId).execute()
    })
    for (let time = 0; time < 2; time += 1) {
      expect((await markRead(world.deps, user('user_123'), id)).data).toMatchObject({ isRead: true })
    }
    const { unread } = await world.store.read.selectFrom('conversations').select('unread').executeTakeFirstOrThrow()
    expect(unread).toBe(0)
    expect((await world.events()).filter((event) => event.type === 'message.read')).toHaveLength(1)
  })
})
