import type { Access, CallOptions, ReadResult } from '../connector.ts'
import { budget, ensureCsrfToken, read, segment, type Web } from './exchange.ts'
import { missing, textOf } from './json.ts'

/** Marks a thread seen up to and with an item; going back changes nothing. */
export async function markSeen(
  web: Web,
  access: Access,
  { threadId, itemId }: { threadId: string; itemId: string },
  call: CallOptions,
): Promise<ReadResult<null>> {
  const rest = budget(web, call)
  const unready = await ensureCsrfToken(web, access, rest())
  if (unready !== null) return unready
  const path = `/api/v1/direct_v2/threads/${segment(threadId)}/items/${segment(itemId)}/seen/`
  const form = { action: 'mark_seen', thread_id: threadId, item_id: itemId, use_unified_inbox: 'true' }
  return read(
    web,
    access,
    {
      request: { method: 'POST', path, form },
      missing: 'TARGET_NOT_FOUND',
      decode: (body) => (textOf(body, 'status') === 'ok' ? null : missing('ok')),
    },
    rest(),
  )
}
