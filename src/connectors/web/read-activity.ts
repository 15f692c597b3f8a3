import type { Access, Activity, ActivityPage, CallOptions, ReadResult } from '../connector.ts'
import { budget, ensureCsrfToken, read, type Web } from './exchange.ts'
import {
  idOf,
  instantOf,
  type JsonObject,
  listOf,
  optionalFlag,
  optionalId,
  optionalList,
  optionalObject,
  optionalText,
  Undecodable,
} from './json.ts'
import { mediaPk } from './media-id.ts'

/** One page of the activity feed; reading it marks nothing as seen. Lines of kinds that we do not know are `other`. */
export async function readActivity(
  web: Web,
  access: Access,
  { cursor }: { cursor: string | null },
  call: CallOptions,
): Promise<ReadResult<ActivityPage>> {
  const rest = budget(web, call)
  // The web client asks by POST, which is refused without the token.
  const unready = await ensureCsrfToken(web, access, rest())
  if (unready !== null) return unready
  return read(
    web,
    access,
    {
      request: { method: 'POST', path: '/api/v1/news/inbox/', form: cursor === null ? {} : { max_id: cursor } },
      missing: null,
      decode: readPage,
    },
    rest(),
  )
}

function readPage(body: JsonObject): ActivityPage {
  const requests = optionalList(body, 'friend_request_stories') === null ? [] : listOf(body, 'friend_request_stories')
  const stories = [...listOf(body, 'new_stories'), ...listOf(body, 'old_stories'), ...requests]
  const byId = new Map<string, Activity>()
  for (const activity of stories.flatMap(readable)) byId.set(activity.activityId, activity)
  return {
    activities: [...byId.values()].sort((one, other) => other.at - one.at),
    olderCursor: optionalFlag(body, 'is_last_page') === false ? idOf(body, 'continuation_token') : null,
  }
}

/** Adverts and digests come in forms of their own; a line that cannot be read is none of ours. */
function readable(story: JsonObject): Activity[] {
  try {
    return [readStory(story)]
  } catch (error) {
    if (error instanceof Undecodable) return []
    throw error
  }
}

function readStory(story: JsonObject): Activity {
  const args = optionalObject(story, 'args') ?? {}
  const kind = kindOf(story, args)
  const destination = new URLSearchParams((optionalText(args, 'destination') ?? '').split('?')[1] ?? '')
  const commentId = optionalId(args, 'comment_id') ?? destination.get('target_comment_id')
  return {
    activityId: idOf(story, 'pk'),
    kind,
    at: instantOf(args, 'timestamp'),
    ...actorsOf(args, kind === 'like' || kind === 'follow'),
    mediaId: mediaOf(args, destination),
    commentId,
    quote: commentId === null ? null : quoteOf(optionalText(args, 'text')),
  }
}

const KIND_BY_TYPE: ReadonlyMap<string, Activity['kind']> = new Map([
  ['101', 'follow'],
  ['60', 'like'],
  ['12', 'comment'],
  ['13', 'other'],
  ['6', 'follow_request'],
  ['102', 'mention'],
])
const KIND_BY_NAME: ReadonlyMap<string, Activity['kind']> = new Map([
  ['user_followed', 'follow'],
  ['like', 'like'],
  ['comment', 'comment'],
  ['comment_like', 'other'],
  ['private_user_follow_request', 'follow_request'],
])

/** The numbers drift and several mentions share one: first the number, then the name, then where the line leads. */
function kindOf(story: JsonObject, args: JsonObject): Activity['kind'] {
  const name = optionalText(story, 'notif_name') ?? ''
  const known = KIND_BY_TYPE.get(optionalId(story, 'story_type') ?? '') ?? KIND_BY_NAME.get(name)
  if (known !== undefined) return known
  if (/mention|usertag/.test(name)) return 'mention'
  const leadsToUser = optionalText(args, 'destination')?.startsWith('user?id=') === true
  return leadsToUser && optionalObject(args, 'inline_follow') !== null ? 'follow' : 'other'
}

const NAMED = /\{([^|{}]+)\|[^|{}]*\|[^|{}]*\|user\?id=([^|{}]+)\}/g

/** Only likes and follows are told of several people at once; elsewhere other names are part of what was written. */
function actorsOf(args: JsonObject, mayBeSeveral: boolean): Pick<Activity, 'actors' | 'othersCount'> {
  const first = { platformId: idOf(args, 'profile_id'), username: optionalText(args, 'profile_name') }
  const secondId = mayBeSeveral ? optionalId(args, 'second_profile_id') : null
  if (secondId === null) return { actors: [first], othersCount: 0 }
  const rich = optionalText(args, 'rich_text') ?? ''
  const second = [...rich.matchAll(NAMED)].find(([, , id]) => id === secondId)
  const others = /\d[\d.,\u00a0\u202f]*/.exec(rich.replaceAll(NAMED, ''))?.[0] ?? '0'
  return {
    actors: [first, { platformId: secondId, username: second?.[1] ?? null }],
    othersCount: Number(others.replaceAll(/\D/g, '')),
  }
}

function mediaOf(args: JsonObject, destination: URLSearchParams): string | null {
  const [media] = optionalList(args, 'media') === null ? [] : listOf(args, 'media')
  const id = (media === undefined ? null : optionalId(media, 'id')) ?? destination.get('media_id') ?? leadsToMedia(args)
  return id === null ? null : mediaPk(id)
}

function leadsToMedia(args: JsonObject): string | null {
  return /^media\?id=([^&]+)/.exec(optionalText(args, 'destination') ?? '')?.[1] ?? null
}

/** What follows the first colon, in any language's sentence: names hold none. */
function quoteOf(sentence: string | null): string | null {
  return /[:：]\s*(.+)$/su.exec(sentence ?? '')?.[1] ?? null
}
