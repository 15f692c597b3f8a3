import type { RequestLimits } from '../../src/config/index.ts'
import type { Capability, Connector, MediaInfo, Outcome, ReadResult } from '../../src/connectors/connector.ts'
import type { ErrorCode } from '../../src/core/errors.ts'
import { createEngagementKinds, engagementRoutes } from '../../src/engagement/index.ts'
import type { Route } from '../../src/http/route.ts'
import { outboxRoutes, type RunDeps } from '../../src/outbox/index.ts'
import type { Store } from '../../src/store/store.ts'
import { startTestServer, type TestAnswer, type TestServer } from './http-server.ts'
import { type OutboxWorld, outboxWorld } from './outbox-world.ts'

/** What Instagram holds of an account's engagement, and what its next answers are instead of taking effect. */
export interface MemorySociety {
  liked: Set<string>
  followed: Set<string>
  viewed: Set<string>
  comments: { commentId: string; authorId: string; text: string; at: number; mediaId: string; token: string }[]
  replies: { text: string; token: string; at: number }[]
  /** Whether a page of comments reaches the first one. */
  isCommentPageComplete: boolean
  /** Each write that reached Instagram, in order. */
  effects: { kind: string; target: string; at: number }[]
  /** What the next writes do; then they take effect. */
  writes: (Outcome | 'lost_before' | 'lost_after')[]
  /** What the next reads answer instead. */
  reads: Exclude<ReadResult<never>, { type: 'ok' }>[]
  media: Partial<MediaInfo>
}

export interface EngagementWorld extends OutboxWorld {
  society: MemorySociety
  server: TestServer
  /** Another server over the same store, as after a restart. */
  restart(): Promise<EngagementWorld['post']>
  /** `POST` as the account's user; the session is filled in. */
  post(path: string, body: Record<string, unknown>, headers?: Record<string, string>): Promise<TestAnswer>
  /** The same, with every lane run until the answer is there. */
  act(path: string, body: Record<string, unknown>, headers?: Record<string, string>): Promise<TestAnswer>
  /** Resolves once the store has that many actions. */
  accepted(count: number): Promise<void>
}

const CAPABILITIES: readonly Capability[] = [
  'like',
  'unlike',
  'comment',
  'follow',
  'unfollow',
  'story_view',
  'story_reply',
  'reel_like',
  'reel_comment',
]

const DONE: Outcome = { type: 'done', externalId: null, at: null, threadId: null }
const OWN_ID = '1001'

/** The outbox's world with likes, comments, follows and stories, behind real routes. */
export async function engagementWorld(
  store: Store,
  options: Parameters<typeof outboxWorld>[1] & {
    requestLimits?: RequestLimits
    routes?: (deps: RunDeps) => Route[]
    noteRefusal?: (code: ErrorCode, operation: string) => void
  } = {},
): Promise<EngagementWorld> {
  const world = await outboxWorld(store, { ...options, kinds: createEngagementKinds })
  const society = connectSociety(world)
  const routes = [...engagementRoutes(world.deps), ...outboxRoutes(world.deps), ...(options.routes?.(world.deps) ?? [])]

  const start = async () => {
    const server = await startTestServer({
      store,
      clock: world.clock,
      routes,
      limits: options.requestLimits ?? null,
      noteRefusal: (code, operation) => options.noteRefusal?.(code, operation),
    })
    const token = await server.token({ userId: 'user_123', expiresInMs: 365 * 86_400_000 })
    const post: EngagementWorld['post'] = (path, body, headers = {}) =>
      server.call('POST', path, { body: { sessionId: world.session.id, ...body }, headers, token })
    return { server, post }
  }
  const { server, post } = await start()
  return {
    ...world,
    society,
    server,
    post,
    restart: async () => (await start()).post,
    async act(path, body, headers) {
      let isThere = false
      const answering = post(path, body, headers).finally(() => {
        isThere = true
      })
      while (!isThere) {
        await world.run()
        await new Promise<void>((resolve) => setImmediate(resolve))
      }
      return answering
    },
    async accepted(count) {
      for (;;) {
        const rows = await store.read.selectFrom('actions').select('id').execute()
        if (rows.length >= count) return
        await new Promise<void>((resolve) => setImmediate(resolve))
      }
    },
  }
}

function connectSociety({ instagram, clock }: OutboxWorld): MemorySociety {
  const society: MemorySociety = {
    liked: new Set(),
    followed: new Set(),
    viewed: new Set(),
    comments: [],
    replies: [],
    isCommentPageComplete: true,
    effects: [],
    writes: [],
    reads: [],
    media: {},
  }
  const write = async (kind: string, target: string, effect: () => Outcome): Promise<Outcome> => {
    instagram.calls.push({ operation: kind, at: clock.now(), hasLeft: true })
    const behaviour = society.writes.shift()
    if (behaviour !== undefined && behaviour !== 'lost_after' && behaviour !== 'lost_before') return behaviour
    if (behaviour === 'lost_before') return { type: 'uncertain', reason: 'The answer was lost.' }
    society.effects.push({ kind, target, at: clock.now() })
    const outcome = effect()
    return behaviour === 'lost_after' ? { type: 'uncertain', reason: 'The answer was lost.' } : outcome
  }
  const read = async <T>(operation: string, value: () => T): Promise<ReadResult<T>> => {
    instagram.calls.push({ operation, at: clock.now(), hasLeft: true })
    return society.reads.shift() ?? { type: 'ok', value: value() }
  }
  const set = (of: Set<string>, key: string, isIn: boolean) => () => {
    if (isIn) of.add(key)
    else of.delete(key)
    return DONE
  }
  const operations: Partial<Connector> = {
    like: (_, { mediaId }) => write('like', mediaId, set(society.liked, mediaId, true)),
    unlike: (_, { mediaId }) => write('unlike', mediaId, set(society.liked, mediaId, false)),
    follow: (_, { userId }) => write('follow', userId, set(society.followed, userId, true)),
    unfollow: (_, { userId }) => write('unfollow', userId, set(society.followed, userId, false)),
    viewStory: (_, { mediaId }) => write('viewStory', mediaId, set(society.viewed, mediaId, true)),
    comment: (_, { mediaId, text, clientToken: token }) =>
      write('comment', mediaId, () => {
        const known = society.comments.find((comment) => comment.token === token)
        const commentId = known?.commentId ?? `comment_${society.comments.length + 1}`
        if (known === undefined) {
          const at = Math.floor(clock.now() / 1_000) * 1_000
          society.comments.unshift({ commentId, authorId: OWN_ID, text, at, mediaId, token })
        }
        return { ...DONE, externalId: commentId }
      }),
    replyToStory: (_, { text, clientToken: token }) =>
      write('replyToStory', text, () => {
        if (!society.replies.some((reply) => reply.token === token)) {
          society.replies.push({ text, token, at: clock.now() })
        }
        return { ...DONE, externalId: 'item_reply', threadId: 'thread_owner' }
      }),
    readMedia: (_, { mediaId }) =>
      read('readMedia', () => ({
        mediaId,
        kind: 'post' as const,
        isVideo: false,
        ownerId: 'p_owner',
        ownerUsername: 'owner',
        hasLiked: society.liked.has(mediaId),
        commentsDisabled: false,
        takenAt: clock.now() - 60_000,
        ...society.media,
      })),
    readUser: (_, { userId }) =>
      read('readUser', () => ({
        platformId: userId,
        username: `user_${userId}`,
        fullName: '',
        isPrivate: false,
        isVerified: false,
        isBusiness: false,
        followersCount: null,
        followingCount: null,
        postsCount: null,
      })),
    readFriendship: (_, { userId }) =>
      read('readFriendship', () => ({
        following: society.followed.has(userId),
        requested: false,
        followedBy: null,
      })),
    readComments: (_, { mediaId }) =>
      read('readComments', () => ({
        comments: society.comments
          .filter((comment) => comment.mediaId === mediaId)
          .map((comment) => ({ ...comment, authorUsername: null, authorFullName: null, parentId: null })),
        complete: society.isCommentPageComplete,
        olderCursor: null,
      })),
    readThreadWith: () =>
      read('readThreadWith', () => ({
        threadId: 'thread_owner',
        title: '',
        isGroup: false,
        users: [],
        items: society.replies.map((reply) => ({
          itemId: 'item_reply',
          senderId: OWN_ID,
          isFromMe: true,
          at: reply.at,
          micros: 0,
          itemType: 'reel_share',
          text: reply.text,
          clientToken: reply.token,
          media: null,
          story: null,
        })),
        olderCursor: null,
        lastActivityAt: 0,
        isUnread: false,
        isPending: false,
        seenAt: {},
      })),
  }
  const { connector } = instagram
  Object.assign(connector, operations, { capabilities: new Set([...connector.capabilities, ...CAPABILITIES]) })
  return society
}
