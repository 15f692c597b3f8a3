import type { Clock } from '../core/clock.ts'
import { type AppendDeps, appendEvent, type EventType } from '../events/index.ts'
import type { ActingSession, Action, ActionKind, Settlement } from '../outbox/index.ts'
import { viewAction } from '../outbox/index.ts'
import type { Db } from '../store/store.ts'
import { contentOf, type EngagementKind, targetOf } from './engagement.ts'
import { createLookups } from './lookups.ts'
import {
  comment,
  findComment,
  findCommentable,
  findFollow,
  findLike,
  findPost,
  follow,
  like,
  unfollow,
  unlike,
} from './media-act.ts'
import { findReply, findStory, ownerOf, replyToStory, viewStory } from './story.ts'

type Calls = Pick<ActionKind, 'capability' | 'resolve' | 'known' | 'operation' | 'evidence' | 'addressee'>

/** How each kind finds its target, what it calls, and what tells after a lost answer whether it happened. */
function callsOf(deps: { clock: Clock }): Readonly<Record<EngagementKind, Calls>> {
  const lookups = createLookups(deps)
  const post = lookups.media(findPost)
  const commentable = lookups.media(findCommentable)
  const story = lookups.media(findStory)
  const { user } = lookups
  const liked: Calls['evidence'] = { type: 'readback', read: findLike(true) }
  const commented: Calls['evidence'] = { type: 'readback', read: findComment }
  return {
    like: { capability: 'like', ...post, operation: like, evidence: liked },
    unlike: { capability: 'unlike', ...post, operation: unlike, evidence: { type: 'readback', read: findLike(false) } },
    comment: { capability: 'comment', ...commentable, operation: comment, evidence: commented },
    follow: {
      capability: 'follow',
      ...user,
      operation: follow,
      evidence: { type: 'readback', read: findFollow(true) },
    },
    unfollow: {
      capability: 'unfollow',
      ...user,
      operation: unfollow,
      evidence: { type: 'readback', read: findFollow(false) },
    },
    story_view: { capability: 'story_view', ...story, operation: viewStory(deps), evidence: { type: 'again' } },
    story_reply: {
      capability: 'story_reply',
      ...story,
      operation: replyToStory,
      addressee: ownerOf,
      evidence: { type: 'readback', read: findReply },
    },
    reel_like: { capability: 'reel_like', ...post, operation: like, evidence: liked },
    reel_comment: { capability: 'reel_comment', ...commentable, operation: comment, evidence: commented },
  }
}

/** The kinds of engagement, for the outbox's table. */
export function createEngagementKinds(deps: { clock: Clock } & AppendDeps): ActionKind[] {
  return Object.entries(callsOf(deps)).map(([name, calls]) => {
    const kind: ActionKind = {
      name,
      ...calls,
      describe,
      settled: (tx, action, settlement, session) => tellEnd(tx, deps, { kind, action, settlement, session }),
    }
    return kind
  })
}

function describe(action: Action): Record<string, unknown> {
  const { field, given } = targetOf(action)
  const content = contentOf(action)
  return { [field]: given, ...(content === null ? {} : { content }) }
}

const EVENT_OF_STATUS: Readonly<Record<Settlement['status'], EventType>> = {
  succeeded: 'action.succeeded',
  failed: 'action.failed',
  unconfirmed: 'action.unconfirmed',
  canceled: 'action.canceled',
  expired: 'action.expired',
  skipped: 'action.skipped',
}

async function tellEnd(
  tx: Db,
  deps: AppendDeps,
  end: { kind: ActionKind; action: Action; settlement: Settlement; session: ActingSession },
): Promise<void> {
  const { kind, action, settlement, session } = end
  await appendEvent(tx, deps, {
    userId: action.userId,
    type: EVENT_OF_STATUS[settlement.status],
    at: settlement.at,
    sessionId: action.sessionId,
    username: session.username,
    data: viewAction(new Map([[kind.name, kind]]), action, null),
  })
}
