import type { Access, CallOptions, Outcome } from '../connector.ts'
import { segment, type Web, write } from './exchange.ts'
import { missing, textOf } from './json.ts'

/** Takes an own message back, for everybody. */
export function unsend(
  web: Web,
  access: Access,
  { threadId, itemId }: { threadId: string; itemId: string },
  call: CallOptions,
): Promise<Outcome> {
  const path = `/api/v1/direct_v2/threads/${segment(threadId)}/items/${segment(itemId)}/delete/`
  return write(
    web,
    access,
    {
      request: { method: 'POST', path, form: {} },
      missing: 'TARGET_NOT_FOUND',
      decode: (body) =>
        textOf(body, 'status') === 'ok' ? { type: 'done', externalId: itemId, at: null, threadId } : missing('ok'),
    },
    call,
  )
}
