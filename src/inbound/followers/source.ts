/**
 * Who follows the account, from its follower list: the only place that tells of somebody who left.
 *
 * Three kinds of reads. The *count* on the own profile is cheap and says whether anything changed. When it is lower than
 * what we know, a *walk* goes through the whole list, page by page; when it is higher, only as far as the first whom we
 * know. A walk that Instagram itself ended, and only that, is compared with what was known before: each who is missing is
 * looked up (*confirm*) before anybody says that they left, because lists shift while they are walked.
 *
 * ```
 *            count ──lower, or a day has passed──► walk ──ended by Instagram──► confirm, one by one ──► count
 *              │ higher                              │ cut off, going in circles, interrupted for long
 *              └──► head of the list ──► count       └──► count; nothing is compared
 * ```
 *
 * The first complete walk is the baseline and tells nothing. A crash repeats the last read: rows are keyed by person, and
 * a page that was taken over already changes nothing.
 */

import type { FollowerPage, Friendship, InstagramUser } from '../../connectors/connector.ts'
import type { Random } from '../../core/random.ts'
import type { Db, Store } from '../../store/store.ts'
import type { InboundSource, Progress, SourceContext } from '../source.ts'
import { type News, tell } from '../tell.ts'
import { followNews } from './note-follow.ts'
import { countFollowing, type Follower, findFollowers, findMissing, forgetMissing, saveFollower } from './store.ts'

export interface FollowersPace {
  /** Between two looks at the count. */
  countMs: number
  /** The longest without a whole walk. */
  walkMs: number
}

interface Deps {
  store: Store
  random: Random
  pace: FollowersPace
}

interface Walk {
  cursor: string | null
  startedAt: number
  pageAt: number
  pages: number
  /** Pages in a row that showed nobody new. */
  stalePages: number
  /** Nobody of an earlier walk was met yet: whoever is new to us is new. */
  isHead: boolean
  /** Goes no further than the head. */
  isHeadOnly: boolean
}

interface FollowersState {
  /** Of the newest walk through the whole list. */
  walkNo: number
  walk: Walk | null
  /** The last walk that Instagram ended; null = there is no baseline yet. */
  completed: { walkNo: number; startedAt: number } | null
  /** When the last walk through the whole list ended, however it did. */
  walkedAt: number | null
  /** By how much the profile's number is above ours when nothing has changed; null = not known yet. */
  surplus: number | null
  /** Walks in a row after which the numbers still differed. */
  vain: number
  suspect: string | null
}

type FollowersJob =
  | { type: 'page'; walk: Walk; walkNo: number }
  | { type: 'confirm'; follower: Follower }
  | { type: 'count' }

type Found =
  | { type: 'page'; page: FollowerPage }
  | { type: 'friendship'; friendship: Friendship }
  | { type: 'user'; user: InstagramUser }

/** What catches up on a list leaves half of the hour to what is new. */
const SHARE = 0.5
/** While there is nothing new, only looks whether there is stay. */
const QUIET_SHARE = 0.9
/** A walk interrupted for longer describes no one moment any more. */
const RESUME_MS = 6 * 3_600_000
/** Fifty thousand people; a list that never ends is no list. */
const PAGES_MAX = 2_000
const STALE_PAGES_MAX = 40
const VAIN_WALKS_MAX = 2
const CUT = 'Instagram shows only a part of the followers, so that nobody can tell who leaves.'
const REFUSED = 'Instagram does not show the followers of the account.'

const EMPTY: FollowersState = {
  walkNo: 0,
  walk: null,
  completed: null,
  walkedAt: null,
  surplus: null,
  vain: 0,
  suspect: null,
}

export function createFollowersSource(deps: Deps): InboundSource<FollowersState, FollowersJob, Found> {
  return {
    name: 'followers',
    capability: 'read_followers',
    share: SHARE,
    quietShare: QUIET_SHARE,
    gapMs: 0,
    next: (tx, context) => nextJob(tx, deps, context),
    async read({ connector, access, session }, job, call) {
      switch (job.type) {
        case 'page': {
          const input = { userId: session.platformId, cursor: job.walk.cursor }
          const result = await connector.readFollowers(access, input, call)
          return result.type === 'ok' ? { type: 'ok', value: { type: 'page', page: result.value } } : result
        }
        case 'confirm': {
          const result = await connector.readFriendship(access, { userId: job.follower.platformId }, call)
          return result.type === 'ok' ? { type: 'ok', value: { type: 'friendship', friendship: result.value } } : result
        }
        case 'count': {
          const result = await connector.readUser(access, { userId: session.platformId }, call)
          return result.type === 'ok' ? { type: 'ok', value: { type: 'user', user: result.value } } : result
        }
      }
    },
    async settle(tx, context, { job, found }) {
      if (job.type === 'page' && found.type === 'page') return takePage(tx, deps, context, { ...job, page: found.page })
      if (job.type === 'confirm' && found.type === 'friendship') {
        return takeConfirmation(tx, deps, context, {
          follower: job.follower,
          hasLeft: found.friendship.followedBy === false,
        })
      }
      if (job.type === 'count' && found.type === 'user') {
        return takeCount(tx, deps, context, found.user.followersCount)
      }
      throw new Error(`followers: ${job.type} was answered with ${found.type}`)
    },
    async refused(tx, context, job) {
      if (job.type === 'confirm') return takeGone(tx, context, job.follower)
      return between(deps, context, { ...stateOf(context), walk: null, suspect: REFUSED })
    },
    async giveUp(tx, context, job) {
      return job.type === 'confirm' ? keep(tx, context, job.follower) : null
    },
  }
}

type Context = SourceContext<FollowersState>

function stateOf({ state }: Pick<Context, 'state'>): FollowersState {
  return state ?? EMPTY
}

async function nextJob(tx: Db, { pace }: Deps, context: Context): Promise<FollowersJob> {
  const { session, now } = context
  const state = stateOf(context)
  if (state.walk !== null && now - state.walk.pageAt <= RESUME_MS) {
    return { type: 'page', walk: state.walk, walkNo: state.walkNo }
  }
  const { completed } = state
  const missing = completed === null ? null : await findMissing(tx, { accountId: session.accountId, ...completed })
  if (missing !== null) return { type: 'confirm', follower: missing }
  const isWalkDue = state.walkedAt === null || now - state.walkedAt >= pace.walkMs
  return isWalkDue ? { type: 'page', ...begin(state, now, { isHeadOnly: false }) } : { type: 'count' }
}

function begin(
  { walkNo }: FollowersState,
  now: number,
  { isHeadOnly }: Pick<Walk, 'isHeadOnly'>,
): { walk: Walk; walkNo: number } {
  const walk = { cursor: null, startedAt: now, pageAt: now, pages: 0, stalePages: 0, isHead: true, isHeadOnly }
  return { walk, walkNo: isHeadOnly ? walkNo : walkNo + 1 }
}

interface Page {
  walk: Walk
  walkNo: number
  page: FollowerPage
}

async function takePage(
  tx: Db,
  deps: Deps,
  context: Context,
  { walk, walkNo, page }: Page,
): Promise<Progress<FollowersState>> {
  const { session, now } = context
  const { accountId } = session
  const state = { ...stateOf(context), walkNo }
  const users = [...new Map(page.users.map((user) => [user.platformId, user])).values()]
  const known = await findFollowers(tx, { accountId, platformIds: users.map(({ platformId }) => platformId) })
  const news: News[] = []
  let { isHead } = walk
  let fresh = 0
  for (const user of users) {
    const row = known.get(user.platformId)
    const isNew = row?.state !== 'following'
    // Whom this walk met before says nothing about where the head ends.
    if (row !== undefined && !isNew && row.walkNo > 0 && (walk.isHeadOnly || row.walkNo < walkNo)) isHead = false
    const isNews = isNew && isHead && state.completed !== null && row?.state !== 'gone'
    const episode = (row?.episode ?? 0) + (isNew && row?.state !== 'gone' ? 1 : 0)
    if (row === undefined || row.walkNo !== walkNo) fresh += 1
    const followedAt = isNews ? now : isNew ? 0 : (row?.followedAt ?? 0)
    const heardFrom = isNews ? 'list' : isNew ? 'baseline' : (row?.heardFrom ?? 'baseline')
    const met = { episode, followedAt, heardFrom, walkNo: walk.isHeadOnly ? (row?.walkNo ?? 0) : walkNo }
    await saveFollower(tx, { accountId, ...user, state: 'following', ...met })
    if (isNews) news.push(followNews(user, episode, null))
  }
  const next: Walk = {
    ...walk,
    cursor: page.nextCursor,
    pageAt: now,
    pages: walk.pages + 1,
    stalePages: fresh === 0 ? walk.stalePages + 1 : 0,
    isHead,
  }
  const progress = await goOn(tx, deps, context, { state, before: walk, walk: next, isCut: page.isCut })
  // The oldest first: lists are newest first.
  const told = await tell(tx, deps, context, news.reverse())
  return { ...progress, heard: told > 0 }
}

interface Step {
  state: FollowersState
  before: Walk
  walk: Walk
  isCut: boolean
}

/** Whether the walk goes on, has come to its end, or is of no use. */
async function goOn(tx: Db, deps: Deps, context: Context, step: Step): Promise<Progress<FollowersState>> {
  const { state, before, walk, isCut } = step
  const { session, now } = context
  if (walk.isHeadOnly && !walk.isHead) return { state: { ...state, walk: null }, heard: false, more: true }
  if (isCut) return abandon(deps, context, state, CUT)
  if (walk.cursor !== null) {
    const isCircle = walk.cursor === before.cursor || walk.stalePages >= STALE_PAGES_MAX || walk.pages >= PAGES_MAX
    if (isCircle) return abandon(deps, context, state, CUT)
    return { state: { ...state, walk }, heard: false, more: true, suspect: state.suspect }
  }
  if (walk.isHeadOnly) return { state: { ...state, walk: null }, heard: false, more: true }
  const completed = { walkNo: state.walkNo, startedAt: walk.startedAt }
  if (state.completed === null) await forgetMissing(tx, { accountId: session.accountId, ...completed })
  const done = { ...state, walk: null, completed, walkedAt: now, suspect: null }
  return { state: done, heard: false, more: true }
}

/** Nothing is compared with a walk that has no end; another is tried when the next is due. */
function abandon(deps: Deps, context: Context, state: FollowersState, suspect: string): Progress<FollowersState> {
  return between(deps, context, { ...state, walk: null, walkedAt: context.now, suspect })
}

/** Until the next look at the count. */
function between({ pace }: Deps, { now }: Context, state: FollowersState): Progress<FollowersState> {
  return { state, heard: false, nextAt: now + pace.countMs, suspect: state.suspect }
}

async function takeCount(
  tx: Db,
  deps: Deps,
  context: Context,
  count: number | null,
): Promise<Progress<FollowersState>> {
  const state = stateOf(context)
  if (count === null) return between(deps, context, { ...state, walk: null })
  const ours = await countFollowing(tx, context.session.accountId)
  const change = state.surplus === null ? 0 : count - ours - state.surplus
  // A walk may be overtaken by who leaves during it; a difference that two walks do not explain is Instagram's own.
  if (change === 0 || state.vain >= VAIN_WALKS_MAX) {
    return between(deps, context, { ...state, walk: null, surplus: count - ours, vain: 0 })
  }
  const begun = begin(state, context.now, { isHeadOnly: change > 0 })
  return { state: { ...state, ...begun, vain: state.vain + 1 }, heard: false, more: true, suspect: state.suspect }
}

async function takeConfirmation(
  tx: Db,
  deps: Deps,
  context: Context,
  { follower, hasLeft }: { follower: Follower; hasLeft: boolean },
): Promise<Progress<FollowersState>> {
  if (!hasLeft) return keep(tx, context, follower)
  const { platformId, username, episode } = follower
  await saveFollower(tx, { ...follower, state: 'left' })
  const news: News = {
    type: 'unfollow.received',
    externalId: `${platformId}:${episode}`,
    from: { platformId, username },
    occurredAt: null,
  }
  const told = await tell(tx, deps, context, [news])
  return { ...confirmed(context), heard: told > 0 }
}

/** The list shifted past them, or nobody can tell: they stay until another walk. */
async function keep(tx: Db, context: Context, follower: Follower): Promise<Progress<FollowersState>> {
  await saveFollower(tx, { ...follower, walkNo: stateOf(context).walkNo })
  return confirmed(context)
}

/** Deactivated, deleted, or blocking the account: nobody who chose to leave. */
async function takeGone(tx: Db, context: Context, follower: Follower): Promise<Progress<FollowersState>> {
  await saveFollower(tx, { ...follower, state: 'gone' })
  return confirmed(context)
}

function confirmed(context: Context): Progress<FollowersState> {
  const state = stateOf(context)
  return { state, heard: false, more: true, suspect: state.suspect }
}
