import type { Access, CallOptions, ReadResult, Thread } from '../connector.ts'
import { read, type Web } from './exchange.ts'
import { optionalObject } from './json.ts'
import { listedId, readThreadObject } from './thread.ts'

/** The one-to-one thread with a user, or null: Instagram answers "ok" without a thread when there is none. */
export function readThreadWith(
  web: Web,
  access: Access,
  { recipientId }: { recipientId: string },
  call: CallOptions,
): Promise<ReadResult<Thread | null>> {
  const query = { recipient_users: `[${listedId(recipientId)}]` }
  return read<Thread | null>(
    web,
    access,
    {
      request: { method: 'GET', path: '/api/v1/direct_v2/threads/get_by_participants/', query },
      missing: 'TARGET_NOT_FOUND',
      decode: (body) => {
        const thread = optionalObject(body, 'thread')
        return thread === null ? null : readThreadObject(thread, access.platformId)
      },
    },
    call,
  )
}
