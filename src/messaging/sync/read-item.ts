import type { ThreadItem } from '../../connectors/connector.ts'
import { type MessageMetadata, parseMetadata, type ShownType } from '../message.ts'

/** An item of a thread as the message that it is here. */
export interface ItemContent {
  type: ShownType
  content: string
  mediaUrl: string | null
  metadata: MessageMetadata
  /** One fact, one event: the most specific one. */
  event: 'message.received' | 'story_reply.received' | 'mention.received'
}

/** Lines that Instagram writes into a thread itself: who joined, a new name, a reaction. */
const NOBODY_WROTE: ReadonlySet<string> = new Set(['action_log', 'deletion', 'expired_placeholder'])

/** Null for what nobody wrote. `ownId` is the account's platform id. */
export function readItemContent(item: ThreadItem, ownId: string): ItemContent | null {
  if (NOBODY_WROTE.has(item.itemType)) return null
  const content = item.text ?? ''
  const type = typeOf(item, ownId)
  const storyId = item.story?.mediaId ?? null
  return {
    type,
    content,
    mediaUrl: item.media?.url ?? null,
    metadata: {
      ...parseMetadata(content),
      ...(storyId === null ? {} : { storyId }),
      ...(type === 'other' ? { itemType: item.itemType } : {}),
    },
    event: EVENTS[type] ?? 'message.received',
  }
}

const EVENTS: Partial<Record<ShownType, ItemContent['event']>> = {
  story_reply: 'story_reply.received',
  story_mention: 'mention.received',
}

function typeOf({ itemType, media, story, isFromMe, text }: ThreadItem, ownId: string): ShownType {
  if (story !== null) {
    const { how, ownerId, mentionedId } = story
    const isAboutOwn = isFromMe || ownerId === null || ownerId === ownId
    if ((how === 'reply' || how === 'reaction') && isAboutOwn) return 'story_reply'
    if (how === 'mention' && (isFromMe || mentionedId === null || mentionedId === ownId)) return 'story_mention'
    return 'share'
  }
  if (itemType === 'like') return 'like'
  if (media !== null) return media.kind
  return text === null ? 'other' : 'text'
}
