import type { CallOptions, MediaInfo, Outcome, ReadResult, Refused } from '../connectors/connector.ts'
import type { Clock } from '../core/clock.ts'
import type { Action, Addressee, Finding, TurnContext } from '../outbox/index.ts'
import { contentOf } from './engagement.ts'

/** What a story act needs to know of its story; kept as `resolved`. */
interface Story {
  mediaId: string
  ownerId: string
  takenAt: number
  isVideo: boolean
}

/** Whose story it is: Instagram wants its owner named with every act. */
export function findStory(media: MediaInfo, action: Action): Story | Refused {
  const { mediaId, ownerId, isVideo, kind, takenAt } = media
  if (kind !== 'story') return { type: 'refused', code: 'TARGET_NOT_FOUND', reason: 'This is no story.' }
  return { mediaId, ownerId, isVideo, takenAt: takenAt ?? action.acceptedAt }
}

export function viewStory(deps: { clock: Clock }) {
  return ({ connector, access, action }: TurnContext, call: CallOptions): Promise<Outcome> => {
    const { mediaId, ownerId, takenAt } = storyOf(action)
    return connector.viewStory(access, { mediaId, ownerId, takenAt, seenAt: deps.clock.now() }, call)
  }
}

export function replyToStory({ connector, access, action }: TurnContext, call: CallOptions): Promise<Outcome> {
  const { mediaId, ownerId, isVideo } = storyOf(action)
  const text = contentOf(action) ?? ''
  return connector.replyToStory(access, { mediaId, ownerId, isVideo, text, clientToken: action.clientToken }, call)
}

/** A reply is written to the story's owner, who is known by id. */
export function ownerOf({ resolved }: Pick<Action, 'resolved'>): Addressee {
  return { platformId: resolved === null ? null : (JSON.parse(resolved) as Story).ownerId, username: null }
}

/** A reply is a message to the owner, so the thread shows its token. Not on the newest page counts as absent. */
export async function findReply(context: TurnContext, call: CallOptions): Promise<ReadResult<Finding>> {
  const { connector, access, action } = context
  const result = await connector.readThreadWith(access, { recipientId: storyOf(action).ownerId }, call)
  if (result.type !== 'ok') return result
  const item = result.value?.items.find((candidate) => candidate.clientToken === action.clientToken)
  if (item === undefined || result.value === null) return { type: 'ok', value: { type: 'absent' } }
  const { threadId } = result.value
  return { type: 'ok', value: { type: 'there', externalId: item.itemId, at: item.at, threadId } }
}

function storyOf(action: Action): Story {
  if (action.resolved === null) throw new Error(`action ${action.id}: the story was not found yet`)
  return JSON.parse(action.resolved) as Story
}
