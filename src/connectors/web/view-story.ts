import type { Access, CallOptions, Outcome, StoryViewInput } from '../connector.ts'
import { type Web, write } from './exchange.ts'
import { missing, textOf } from './json.ts'
import { mediaPk } from './media-id.ts'

/** Shows the owner that the account saw the story. Sets the state, so doing it twice is doing it once. */
export function viewStory(web: Web, access: Access, input: StoryViewInput, call: CallOptions): Promise<Outcome> {
  const { mediaId, ownerId, takenAt, seenAt } = input
  const form = {
    reelMediaId: mediaPk(mediaId),
    reelMediaOwnerId: ownerId,
    reelId: ownerId,
    reelMediaTakenAt: seconds(takenAt),
    viewSeenAt: seconds(seenAt),
  }
  return write(
    web,
    access,
    {
      request: { method: 'POST', path: '/api/v1/stories/reel/seen', form },
      missing: 'TARGET_NOT_FOUND',
      decode: (body) =>
        textOf(body, 'status') === 'ok' ? { type: 'done', externalId: null, at: null, threadId: null } : missing('ok'),
    },
    call,
  )
}

function seconds(instant: number): string {
  return String(Math.floor(instant / 1_000))
}
