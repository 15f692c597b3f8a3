import type { Access, CallOptions, ReadResult, Thread } from '../connector.ts'
import { read, segment, type Web } from './exchange.ts'
import { objectOf } from './json.ts'
import { readThreadObject } from './thread.ts'

/** One page of a thread. */
export function readThread(
  web: Web,
  access: Access,
  { threadId, cursor }: { threadId: string; cursor: string | null },
  call: CallOptions,
): Promise<ReadResult<Thread>> {
  const query = {
    visual_message_return_type: 'unseen',
    limit: '20',
    ...(cursor === null ? {} : { cursor, direction: 'older' }),
  }
  return read(
    web,
    access,
    {
      request: { method: 'GET', path: `/api/v1/direct_v2/threads/${segment(threadId)}/`, query },
      missing: 'TARGET_NOT_FOUND',
      decode: (body) => readThreadObject(objectOf(body, 'thread'), access.platformId),
    },
    call,
  )
}
