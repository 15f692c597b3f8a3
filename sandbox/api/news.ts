import type { Call } from '../call.ts'
import { type Answer, json, ok } from '../exchange.ts'
import type { Route } from '../router.ts'
import type { Notice, User } from '../world/records.ts'
import { entryOf } from '../world/table.ts'
import { pictureOf } from './shapes.ts'

const STORIES_PAGE = 100
/** How many of those who like are named; the others are a number. */
const NAMED_MAX = 2

/** The activity feed, newest first. Likes on one media are one story, which moves up with each: "a, b and 8 others". */
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

/** What one story tells: a notice, or all likes on one media. */
interface Line {
  first: Notice
  newest: Notice
  /** Newest first, each once. */
  actorPks: string[]
}

function inbox(call: Call): Answer {
  const { world, viewer, query } = call
  const seenAt = viewer.newsSeenAt
  const notices = world.noticesOf(viewer.pk)
  const older = after(linesOf(notices), call.form.get('max_id') ?? query.get('max_id'))
  const page = older.slice(0, STORIES_PAGE)
  const last = older.length > page.length ? page.at(-1) : undefined
  const isNew = ({ newest }: Line) => newest.at > seenAt
  const body = {
    counts: countsOf(notices.filter(({ at }) => at > seenAt)),
    last_checked: seenAt / 1000,
    friend_request_stories: page
      .filter(({ newest }) => newest.kind === 'follow_request')
      .map((line) => story(call, line)),
    new_stories: page.filter(isNew).map((line) => story(call, line)),
    old_stories: page.filter((line) => !isNew(line)).map((line) => story(call, line)),
    continuation_token: last === undefined ? Math.floor(call.now / 1000) : tokenOf(last),
    is_last_page: last === undefined,
    partition: { time_bucket: { headers: ['New'], indices: [0] } },
    aymf: { items: [], more_available: false },
    subscription: null,
    status: 'ok',
  }
  if (query.get('mark_as_seen') === 'true') markSeen(call)
  return json(body)
}

function markSeen(call: Call): Answer {
  call.viewer.newsSeenAt = call.now
  call.world.users.touch(call.viewer)
  return ok()
}

/** Newest first. */
function linesOf(notices: readonly Notice[]): Line[] {
  const lines: Line[] = []
  const likes = new Map<string, Line>()
  for (const notice of notices.toReversed()) {
    const together = notice.kind === 'like' ? likes.get(notice.mediaPk ?? '') : undefined
    if (together !== undefined) {
      together.first = notice
      together.actorPks.push(notice.fromPk)
      continue
    }
    const line = { first: notice, newest: notice, actorPks: [notice.fromPk] }
    lines.push(line)
    if (notice.kind === 'like') entryOf(likes, notice.mediaPk ?? '', () => line)
  }
  return lines
}

function tokenOf({ newest }: Line): string {
  return `${newest.at}_${newest.pk}`
}

/** What comes after the token's line; from its instant on when that line has moved up or gone meanwhile. */
function after(lines: Line[], token: string | null | undefined): Line[] {
  if (!token) return lines
  const at = lines.findIndex((line) => tokenOf(line) === token)
  if (at >= 0) return lines.slice(at + 1)
  const instant = Number(token.split('_')[0])
  return lines.filter(({ newest }) => newest.at <= instant)
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

/** The story keeps its number when it grows, and is told from its earlier state by `timestamp` and `tuuid`. */
function story({ world, viewer }: Call, { first, newest, actorPks }: Line): Record<string, unknown> {
  const [actor, second] = actorPks.slice(0, NAMED_MAX).map((pk) => world.userOrThrow(pk))
  if (actor === undefined) throw new Error('a story is about somebody')
  const { type, name, says } = STORY_TYPES[newest.kind]
  const named = second === undefined ? [actor] : [actor, second]
  const rest = [says, ...(newest.text === null ? [] : [newest.text])].join(' ')
  const { text, links } = sentence(named, actorPks.length, rest)
  const media = newest.mediaPk
  return {
    pk: first.pk,
    type: 3,
    story_type: type,
    notif_name: name,
    args: {
      text,
      rich_text: richText(text, links),
      links: links.map(({ start, end, user }) => ({ start, end, type: 'user', id: user.pk })),
      profile_id: actor.pk,
      profile_name: actor.username,
      profile_image: pictureOf(actor),
      ...(second === undefined ? {} : { second_profile_id: second.pk, second_profile_image: pictureOf(second) }),
      timestamp: newest.at / 1000,
      tuuid: `tuuid-${newest.pk}`,
      clicked: false,
      destination: media === null ? `user?id=${actor.pk}` : destinationOf(newest, media),
      ...(media === null ? {} : { media: [{ id: `${media}_${world.media.get(media)?.ownerPk ?? ''}`, image: '' }] }),
      ...(newest.commentPk === null ? {} : { comment_id: newest.commentPk }),
      ...(newest.kind === 'follow'
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

interface Link {
  start: number
  end: number
  user: User
}

/** "a liked …", "a and b liked …", "a, b and 8 others liked …". */
function sentence(named: User[], actors: number, says: string): { text: string; links: Link[] } {
  const links: Link[] = []
  const others = actors - named.length
  let text = ''
  for (const [position, user] of named.entries()) {
    if (position > 0) text += others === 0 ? ' and ' : ', '
    links.push({ start: text.length, end: text.length + user.username.length, user })
    text += user.username
  }
  if (others > 0) text += ` and ${others} other${others === 1 ? '' : 's'}`
  return { text: `${text} ${says}`, links }
}

function richText(text: string, links: Link[]): string {
  let rich = ''
  let from = 0
  for (const { start, end, user } of links) {
    rich += `${text.slice(from, start)}{${user.username}|000000|1|user?id=${user.pk}}`
    from = end
  }
  return rich + text.slice(from)
}

function destinationOf(notice: Notice, mediaPk: string): string {
  if (notice.commentPk === null) return `media?id=${mediaPk}`
  return `comments_v2?media_id=${mediaPk}&target_comment_id=${notice.commentPk}`
}
