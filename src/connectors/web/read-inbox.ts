import type { Access, CallOptions, Inbox, InboxFolder, ReadResult } from '../connector.ts'
import { read, type Web } from './exchange.ts'
import { idOf, listOf, objectOf, optionalCount, optionalFlag } from './json.ts'
import { readThreadObject } from './thread.ts'

const PATHS: Record<InboxFolder, string> = {
  accepted: '/api/v1/direct_v2/inbox/',
  pending: '/api/v1/direct_v2/pending_inbox/',
}

/** One page of threads, the newest of their messages inside. Some accounts have no folder of requests on the web. */
export function readInbox(
  web: Web,
  access: Access,
  { folder, cursor }: { folder: InboxFolder; cursor: string | null },
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
      request: { method: 'GET', path: PATHS[folder], query },
      missing: folder === 'pending' ? 'TARGET_NOT_FOUND' : null,
      decode: (body) => {
        const inbox = objectOf(body, 'inbox')
        return {
          threads: listOf(inbox, 'threads').map((thread) => readThreadObject(thread, access.platformId)),
          olderCursor: optionalFlag(inbox, 'has_older') === true ? idOf(inbox, 'oldest_cursor') : null,
          unreadCount: optionalCount(inbox, 'unseen_count'),
          pendingCount: optionalCount(body, 'pending_requests_total') ?? 0,
          snapshotAt: optionalCount(body, 'snapshot_at_ms'),
        }
      },
    },
    call,
  )
}
