import type { Call } from '../call.ts'
import { type Answer, json, ok } from '../exchange.ts'
import type { Route } from '../router.ts'
import type { Notice } from '../world/records.ts'
import { pictureOf } from './shapes.ts'

const STORIES_MAX = 100

/** The activity feed; every notice is its own story, newest first. */
export function newsRoutes(): Route[] {
  const route = { kind: 'news', access: 'account' } as const
  return [
    { ...route, method: 'ANY', path: 'news/inbox', run: inbox },
    { ...route, method: 'POST', path: 'news/inbox_seen', run: markSeen },
    { ...route, method: 'GET', path: 'news', run: () => json({ stories: [], next_max_id: null, status: 'ok' }) },
  ]
}

const STORY_TYPES: Readonly<Record<Notice['kind'], { type: number; name: string; says: string }>> = {
  follow: { type: 101, name: 'user_followed', says: 'started following you.' },
  follow_request: { type: 6, name: 'private_user_follow_request', says: 'requested to follow you.' },
  like: { type: 60, name: 'like', says: 'liked your post.' },
  comment: { type: 12, name: 'comment', says: 'commented:' },
  comment_like: { type: 13, name: 'comment_like', says: 'liked your comment:' },
  mention: { type: 14, name: 'mention_comment', says: 'mentioned you in a comment:' },
}

function inbox(call: Call): Answer {
  const { world, viewer } = call
  const newestFirst = world.noticesOf(viewer.pk).slice(-STORIES_MAX).reverse()
  const isNew = (notice: Notice) => notice.at > viewer.newsSeenAt
  const seenAt = viewer.newsSeenAt
  const body = {
    counts: countsOf(newestFirst.filter(isNew)),
    last_checked: seenAt / 1000,
    friend_request_stories: stories(
      call,
      newestFirst.filter(({ kind }) => kind === 'follow_request'),
    ),
    new_stories: stories(call, newestFirst.filter(isNew)),
    old_stories: stories(
      call,
      newestFirst.filter((notice) => !isNew(notice)),
    ),
    continuation_token: Math.floor(call.now / 1000),
    is_last_page: true,
    partition: { time_bucket: { headers: ['New'], indices: [0] } },
    aymf: { items: [], more_available: false },
    subscription: null,
    status: 'ok',
  }
  if (call.query.get('mark_as_seen') === 'true') markSeen(call)
  return json(body)
}

function markSeen(call: Call): Answer {
  call.viewer.newsSeenAt = call.now
  call.world.users.touch(call.viewer)
  return ok()
}

function countsOf(notices: Notice[]): Record<string, number> {
  const count = (kind: Notice['kind']) => notices.filter((notice) => notice.kind === kind).length
  return {
    likes: count('like'),
    comments: count('comment') + count('mention'),
    comment_likes: count('comment_like'),
    relationships: count('follow'),
    usertags: 0,
    photos_of_you: 0,
    requests: count('follow_request'),
    story_mentions: 0,
    activity_feed_dot_badge: notices.length > 0 ? 1 : 0,
    campaign_notification: 0,
  }
}

function stories(call: Call, notices: Notice[]): Record<string, unknown>[] {
  return notices.map((notice) => story(call, notice))
}

function story({ world, viewer }: Call, notice: Notice): Record<string, unknown> {
  const actor = world.userOrThrow(notice.fromPk)
  const { type, name, says } = STORY_TYPES[notice.kind]
  const text = [actor.username, says, ...(notice.text === null ? [] : [notice.text])].join(' ')
  const media = notice.mediaPk
  return {
    pk: notice.pk,
    type: 3,
    story_type: type,
    notif_name: name,
    args: {
      text,
      rich_text: `{${actor.username}|000000|1|user?id=${actor.pk}}${text.slice(actor.username.length)}`,
      links: [{ start: 0, end: actor.username.length, type: 'user', id: actor.pk }],
      profile_id: actor.pk,
      profile_name: actor.username,
      profile_image: pictureOf(actor),
      timestamp: notice.at / 1000,
      tuuid: `tuuid-${notice.pk}`,
      clicked: false,
      destination: media === null ? `user?id=${actor.pk}` : destinationOf(notice, media),
      ...(media === null ? {} : { media: [{ id: `${media}_${world.media.get(media)?.ownerPk ?? ''}`, image: '' }] }),
      ...(notice.commentPk === null ? {} : { comment_id: notice.commentPk }),
      ...(notice.kind === 'follow'
        ? {
            inline_follow: {
              user_info: { pk: actor.pk, username: actor.username },
              following: world.isFollowing(viewer.pk, actor.pk),
              outgoing_request: false,
            },
          }
        : {}),
    },
    counts: {},
  }
}

function destinationOf(notice: Notice, mediaPk: string): string {
  if (notice.commentPk === null) return `media?id=${mediaPk}`
  return `comments_v2?media_id=${mediaPk}&target_comment_id=${notice.commentPk}`
}
