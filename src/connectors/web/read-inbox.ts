import type { Access, CallOptions, Inbox, ReadResult } from '../connector.ts'
import { read, type Web } from './exchange.ts'
import { idOf, listOf, objectOf, optionalFlag } from './json.ts'
import { readThreadObject } from './thread.ts'

/** One page of threads, the newest of their messages inside. */
export function readInbox(
  web: Web,
  access: Access,
  { cursor }: { cursor: string | null },
  call: CallOptions,
): Promise<ReadResult<Inbox>> {
  const query = {
    visual_message_return_type: 'unseen',
    thread_message_limit: '10',
    persistentBadging: 'true',
    limit: '20',
    ...(cursor === null ? {} : { cursor, direction: 'older' }),
  }
  return read(
    web,
    access,
    {
      request: { method: 'GET', path: '/api/v1/direct_v2/inbox/', query },
      missing: null,
      decode: (body) => {
        const inbox = objectOf(body, 'inbox')
        return {
          threads: listOf(inbox, 'threads').map((thread) => readThreadObject(thread, access.platformId)),
          olderCursor: optionalFlag(inbox, 'has_older') === true ? idOf(inbox, 'oldest_cursor') : null,
        }
      },
    },
    call,
  )
}
