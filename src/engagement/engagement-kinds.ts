import type { Clock } from '../core/clock.ts'
import { type AppendDeps, appendEvent, type EventType } from '../events/index.ts'
import type { ActingSession, Action, ActionKind, Settlement } from '../outbox/index.ts'
import { viewAction } from '../outbox/index.ts'
import type { Db } from '../store/store.ts'
import { contentOf, type EngagementKind, targetOf } from './engagement.ts'
import { comment, findComment, findFollow, findLike, follow, like, unfollow, unlike } from './media-act.ts'
import { findReply, findStory, ownerOf, replyToStory, viewStory } from './story.ts'

type Calls = Pick<ActionKind, 'capability' | 'resolve' | 'operation' | 'evidence' | 'addressee'>

/**
 * What each kind calls, and what tells after a lost answer whether it happened. An id needs no look-up before the write:
 * where there is nothing, the write itself says so.
 */
const callsOf = (deps: { clock: Clock }): Readonly<Record<EngagementKind, Calls>> => ({
  like: { capability: 'like', operation: like, evidence: { type: 'readback', read: findLike(true) } },
  unlike: { capability: 'unlike', operation: unlike, evidence: { type: 'readback', read: findLike(false) } },
  comment: { capability: 'comment', operation: comment, evidence: { type: 'readback', read: findComment } },
  follow: { capability: 'follow', operation: follow, evidence: { type: 'readback', read: findFollow(true) } },
  unfollow: { capability: 'unfollow', operation: unfollow, evidence: { type: 'readback', read: findFollow(false) } },
  story_view: { capability: 'story_view', resolve: findStory, operation: viewStory(deps), evidence: { type: 'again' } },
  story_reply: {
    capability: 'story_reply',
    resolve: findStory,
    operation: replyToStory,
    addressee: ownerOf,
    evidence: { type: 'readback', read: findReply },
  },
  reel_like: { capability: 'reel_like', operation: like, evidence: { type: 'readback', read: findLike(true) } },
  reel_comment: { capability: 'reel_comment', operation: comment, evidence: { type: 'readback', read: findComment } },
})

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
