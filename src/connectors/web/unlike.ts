import type { Access, CallOptions, Outcome } from '../connector.ts'
import { segment, type Web, write } from './exchange.ts'
import { missing, textOf } from './json.ts'
import { mediaPk } from './media-id.ts'

/** Sets the state, so doing it twice is doing it once; "ok" is all that Instagram says to it. */
export function unlike(
  web: Web,
  access: Access,
  { mediaId }: { mediaId: string },
  call: CallOptions,
): Promise<Outcome> {
  return write(
    web,
    access,
    {
      request: { method: 'POST', path: `/api/v1/web/likes/${segment(mediaPk(mediaId))}/unlike/`, form: {} },
      missing: 'TARGET_NOT_FOUND',
      decode: (body) =>
        textOf(body, 'status') === 'ok' ? { type: 'done', externalId: null, at: null, threadId: null } : missing('ok'),
    },
    call,
  )
}
