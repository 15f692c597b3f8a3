import type { Access, CallOptions, Outcome, StoryReplyInput } from '../connector.ts'
import { broadcast } from './broadcast.ts'
import type { Web } from './exchange.ts'
import { mediaPk } from './media-id.ts'

/** A direct message that shows the story. It names the owner, so Instagram finds or opens the thread by itself. */
export function replyToStory(web: Web, access: Access, input: StoryReplyInput, call: CallOptions): Promise<Outcome> {
  const { mediaId, ownerId, isVideo, text, clientToken } = input
  return broadcast(
    web,
    access,
    {
      type: 'reel_share',
      to: { recipientId: ownerId },
      clientToken,
      query: { media_type: isVideo ? 'video' : 'photo' },
      form: { media_id: `${mediaPk(mediaId)}_${ownerId}`, reel_id: ownerId, text, entry: 'reel' },
    },
    call,
  )
}
