import type { Access, CallOptions, ReadResult, Stories } from '../connector.ts'
import { read, segment, type Web } from './exchange.ts'
import { idOf, instantOf, listOf, missing, optionalCount, optionalObject } from './json.ts'

/** The stories that a person shows now; Instagram says that there are none by a `reel` that is null. */
export function readStories(
  web: Web,
  access: Access,
  { ownerId }: { ownerId: string },
  call: CallOptions,
): Promise<ReadResult<Stories>> {
  return read(
    web,
    access,
    {
      request: { method: 'GET', path: `/api/v1/feed/user/${segment(ownerId)}/story/` },
      missing: 'TARGET_NOT_FOUND',
      decode(body) {
        const reel = optionalObject(body, 'reel')
        // Without the member at all it is another answer, which must not pass for "no stories".
        if (reel === null) return body['reel'] === null ? { stories: [], seenUntil: 0 } : missing('reel')
        const stories = listOf(reel, 'items').map((item) => ({
          mediaId: idOf(item, 'pk', 'id'),
          takenAt: instantOf(item, 'taken_at'),
        }))
        stories.sort((one, other) => one.takenAt - other.takenAt)
        return { stories, seenUntil: (optionalCount(reel, 'seen') ?? 0) * 1_000 }
      },
    },
    call,
  )
}
