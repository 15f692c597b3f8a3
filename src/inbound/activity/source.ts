/**
 * What others did to the account, from the activity feed: follows, likes, comments, mentions.
 *
 * The feed is read from its newest line back to where the last walk began. Lines name one or two people and count the
 * rest, and may shorten what was written; what they leave open becomes a *detail*, read before the walk goes on: the
 * likers of a post, its comments, when it was taken. The first walk is the baseline: only its likes leave details, to
 * learn who had liked before.
 *
 * Lines are told apart by their id and instant, facts by Instagram's own ids: lines that come late, twice, or again after
 * a crash are heard once. A detail that Instagram refuses or that cannot be understood is told from the line alone.
 */
import type { Activity, ActivityPage, CommentPage, Likers, MediaInfo } from '../../connectors/connector.ts'
import type { Random } from '../../core/random.ts'
import { findKnownFacts } from '../../events/index.ts'
import type { LaneSignal } from '../../lanes/index.ts'
import type { Db, Store } from '../../store/store.ts'
import { noteFollow } from '../followers/note-follow.ts'
import { wakeSource } from '../poll.ts'
import type { InboundSource, Progress, SourceContext } from '../source.ts'
import { type News, tell } from '../tell.ts'
import { COMMENT_FACT, hearComments, quotedNews } from './comments.ts'
import { hearLikers, hearLikes, likeNews } from './likes.ts'
import type { ActivityState, Detail, LikesLine, WantedComment } from './state.ts'

interface Deps {
  store: Store
  random: Random
  signal: LaneSignal
}

type ActivityJob = { type: 'feed'; cursor: string | null } | { type: 'detail'; detail: Detail }

type Found =
  | { type: 'feed'; page: ActivityPage }
  | { type: 'media'; media: MediaInfo }
  | { type: 'likers'; likers: Likers }
  | { type: 'comments'; page: CommentPage }

/** Lines may come into the feed this much later than their instant says. */
const LATE_MS = 10 * 60_000
const RECENT_MAX = 500
/** Twenty thousand lines; what happened longer ago is left to the lists. */
const PAGES_MAX = 200
const BASELINE_PAGES_MAX = 5
const TOO_MUCH = 'More happened than the activity feed shows; some of it was not heard.'
const REFUSED = 'Instagram does not show the activity feed of the account.'

export function createActivitySource(deps: Deps): InboundSource<ActivityState, ActivityJob, Found> {
  return {
    name: 'activity',
    capability: 'read_activity',
    share: 1,
    gapMs: 0,
    async next(_tx, { state }) {
      const [detail] = state?.details ?? []
      return detail === undefined ? { type: 'feed', cursor: state?.walk?.cursor ?? null } : { type: 'detail', detail }
    },
    async read({ connector, access }, job, call) {
      if (job.type === 'feed') {
        const result = await connector.readActivity(access, { cursor: job.cursor }, call)
        return result.type === 'ok' ? { type: 'ok', value: { type: 'feed', page: result.value } } : result
      }
      const { detail } = job
      switch (detail.type) {
        case 'media': {
          const result = await connector.readMedia(access, detail, call)
          return result.type === 'ok' ? { type: 'ok', value: { type: 'media', media: result.value } } : result
        }
        case 'likers': {
          const result = await connector.readLikers(access, detail, call)
          return result.type === 'ok' ? { type: 'ok', value: { type: 'likers', likers: result.value } } : result
        }
        case 'comments': {
          const result = await connector.readComments(access, detail, call)
          return result.type === 'ok' ? { type: 'ok', value: { type: 'comments', page: result.value } } : result
        }
      }
    },
    settle: (tx, context, { job, found }) =>
      job.type === 'feed' ? takeFeed(tx, deps, context, found) : takeDetail(tx, deps, context, job.detail, found),
    refused: (tx, context, job) => withoutAnswer(tx, deps, context, job),
    async giveUp(tx, context, job) {
      return job.type === 'detail' ? withoutAnswer(tx, deps, context, job) : null
    },
  }
}

type Context = SourceContext<ActivityState>
type Step = Progress<ActivityState>

/** Nothing was heard before `at`. */
function begin(at: number): ActivityState {
  const nothing = { recent: [], walk: null, details: [], suspect: null }
  return { baselineAt: at, isBaselineWhole: false, heardUntil: at, ...nothing }
}

/** One page of what was there before anybody listened. */
function takeBaseline(before: ActivityState | null, { activities, olderCursor }: ActivityPage): Step {
  const newest = activities[0]?.at ?? 0
  const state = before ?? begin(newest)
  const pages = (state.walk?.pages ?? 0) + 1
  const goesOn = olderCursor !== null && olderCursor !== state.walk?.cursor && pages < BASELINE_PAGES_MAX
  const details = activities.filter(isAboutLikes).map((line): Detail => {
    return { type: 'likers', mediaId: line.mediaId, likes: likesOf(line), whoElse: 'known_before' }
  })
  const next: ActivityState = {
    ...state,
    isBaselineWhole: olderCursor === null,
    recent: [...state.recent, ...activities.map(revisionOf)].slice(0, RECENT_MAX),
    walk: goesOn ? { cursor: olderCursor, pages, newest: state.heardUntil, isBaseline: true } : null,
    details: [...state.details, ...details],
  }
  return goOn(next, 0)
}

async function takeFeed(tx: Db, deps: Deps, context: Context, found: Found): Promise<Step> {
  if (found.type !== 'feed') throw new Error(`activity: the feed was answered with ${found.type}`)
  const { page } = found
  const { state } = context
  if (state === null || state.walk?.isBaseline === true) return takeBaseline(state, page)
  const floor = Math.max(state.baselineAt, state.heardUntil - LATE_MS)
  const heard = new Set(state.recent)
  const lines = page.activities.filter((line) => line.at >= floor && !heard.has(revisionOf(line)))
  const { news, details } = await hearLines(tx, deps, context, lines.toReversed())
  const oldest = page.activities.at(-1)?.at ?? 0
  const pages = (state.walk?.pages ?? 0) + 1
  const newest = Math.max(state.walk?.newest ?? state.heardUntil, page.activities[0]?.at ?? 0)
  const { olderCursor } = page
  const isMore = lines.length > 0 && oldest >= floor && olderCursor !== null && olderCursor !== state.walk?.cursor
  const goesOn = isMore && pages < PAGES_MAX
  const next: ActivityState = {
    ...state,
    recent: [...lines.map(revisionOf), ...state.recent].slice(0, RECENT_MAX),
    walk: goesOn ? { cursor: olderCursor, pages, newest, isBaseline: false } : null,
    heardUntil: goesOn ? state.heardUntil : newest,
    details: [...state.details, ...details],
    suspect: isMore && !goesOn ? TOO_MUCH : null,
  }
  return goOn(next, await tell(tx, deps, context, news))
}

/** What the lines say at once, and what they leave to be read; the oldest first. */
async function hearLines(
  tx: Db,
  deps: Deps,
  context: Context,
  lines: readonly Activity[],
): Promise<{ news: News[]; details: Detail[] }> {
  const news: News[] = []
  const details: Detail[] = []
  for (const line of lines) {
    switch (line.kind) {
      case 'follow':
        news.push(...(await hearFollows(tx, deps, context, line)))
        break
      case 'like': {
        if (!isAboutLikes(line)) break
        const heard = await hearLikes(tx, context, { mediaId: line.mediaId, likes: likesOf(line) })
        news.push(...heard.news)
        if (heard.detail !== null) details.push(heard.detail)
        break
      }
      case 'comment':
      case 'mention':
        news.push(...mentionOutsideComments(line))
        break
      case 'follow_request':
      case 'other':
        break
    }
  }
  return { news, details: [...details, ...(await wantedComments(tx, context, lines))] }
}

async function hearFollows(tx: Db, deps: Deps, context: Context, line: Activity): Promise<News[]> {
  const { accountId } = context.session
  const news: News[] = []
  for (const [position, who] of [...line.actors.entries()].reverse()) {
    const heard = await noteFollow(tx, { accountId, who, at: line.at, isNewest: position === 0 })
    if (heard !== null) news.push(heard)
  }
  // Who else, only the list of followers says.
  if (line.othersCount > 0) await wakeSource(tx, deps, { accountId, source: 'followers', at: context.now })
  return news
}

/** Named in the words of a post, or tagged in it. */
function mentionOutsideComments({ kind, commentId, mediaId, at, activityId, actors: [from] }: Activity): News[] {
  if (kind !== 'mention' || commentId !== null || from === undefined) return []
  const externalId = mediaId === null ? activityId : `${mediaId}:${from.platformId}`
  const details = { mediaId, commentId: null, parentCommentId: null, text: null, mentionedIn: 'post' }
  return [{ type: 'mention.received', externalId, from, occurredAt: at, details }]
}

/** The comments that lines speak of and nobody has told yet, one detail a post. */
async function wantedComments(tx: Db, { session }: Context, lines: readonly Activity[]): Promise<Detail[]> {
  const { accountId } = session
  const about = lines.filter(isAboutComment)
  const externalIds = about.map(({ commentId }) => commentId)
  const told = await findKnownFacts(tx, { accountId, kinds: [COMMENT_FACT], externalIds })
  const byMedia = new Map<string, WantedComment[]>()
  for (const { mediaId, commentId, at, kind, quote, actors } of about) {
    const [from] = actors
    if (from === undefined || from.platformId === session.platformId || told.has(commentId)) continue
    const wanted = byMedia.get(mediaId) ?? []
    wanted.push({ commentId, at, isMention: kind === 'mention', from, quote })
    byMedia.set(mediaId, wanted)
  }
  return [...byMedia].map(([mediaId, wanted]) => ({ type: 'comments', mediaId, cursor: null, idlePages: 0, wanted }))
}

async function takeDetail(tx: Db, deps: Deps, context: Context, detail: Detail, found: Found): Promise<Step> {
  if (detail.type === 'media' && found.type === 'media') {
    const { takenAt } = found.media
    const isYoung = takenAt !== null && takenAt > context.since
    const whoElse = isYoung ? 'new' : context.state?.isBaselineWhole === true ? 'by_number' : 'nobody'
    return goOn(replaced(context, { ...detail, type: 'likers', whoElse }), 0)
  }
  if (detail.type === 'likers' && found.type === 'likers') {
    const { news, isMore } = await hearLikers(tx, context, detail, found.likers)
    return goOn(replaced(context, isMore ? detail : null), await tell(tx, deps, context, news))
  }
  if (detail.type === 'comments' && found.type === 'comments') {
    const heard = hearComments(context.session, detail, found.page)
    return goOn(replaced(context, heard.detail), await tell(tx, deps, context, heard.news))
  }
  throw new Error(`activity: ${detail.type} was answered with ${found.type}`)
}

/** The post is gone, or its lists are closed: what the line itself says is told. */
async function withoutAnswer(tx: Db, deps: Deps, context: Context, job: ActivityJob): Promise<Step> {
  if (job.type === 'feed') {
    // What is there once the feed opens again was there before anybody listened.
    const state = context.state ?? begin(context.now)
    return { state: { ...state, walk: null, suspect: REFUSED }, heard: false, suspect: REFUSED }
  }
  const { detail } = job
  if (detail.type === 'comments') {
    const told = await tell(tx, deps, context, quotedNews(context.session, detail))
    return goOn(replaced(context, null), told)
  }
  const isBaseline = detail.type === 'likers' && detail.whoElse === 'known_before'
  const news = isBaseline ? [] : likeNews(detail.mediaId, detail.likes, detail.likes.named)
  return goOn(replaced(context, null), await tell(tx, deps, context, news))
}

/** The first detail made way for the next, or for nothing. */
function replaced({ state }: Context, next: Detail | null): ActivityState {
  if (state === null) throw new Error('activity: a detail before the baseline')
  const [, ...rest] = state.details
  return { ...state, details: next === null ? rest : [next, ...rest] }
}

function goOn(state: ActivityState, told: number): Step {
  const more = state.details.length > 0 || state.walk !== null
  return { state, heard: told > 0, more, suspect: state.suspect }
}

function isAboutLikes(line: Activity): line is Activity & { mediaId: string } {
  return line.kind === 'like' && line.mediaId !== null
}

function isAboutComment(line: Activity): line is Activity & { mediaId: string; commentId: string } {
  return (line.kind === 'comment' || line.kind === 'mention') && line.mediaId !== null && line.commentId !== null
}

function likesOf({ at, actors, othersCount }: Activity): LikesLine {
  return { at, named: actors, count: actors.length + othersCount }
}

function revisionOf({ activityId, at }: Activity): string {
  return `${activityId}@${at}`
}
