import type { Access, CallOptions, Outcome } from '../connector.ts'
import { segment, type Web, write } from './exchange.ts'
import { idOf, instantOf, optionalId, optionalObject } from './json.ts'
import { mediaPk } from './media-id.ts'

/** One comment. The answer is flat (`id`, `created_time`) or nested (`comment.pk`, `created_at`); both have been seen. */
export function comment(
  web: Web,
  access: Access,
  { mediaId, text, clientToken }: { mediaId: string; text: string; clientToken: string },
  call: CallOptions,
): Promise<Outcome> {
  const path = `/api/v1/web/comments/${segment(mediaPk(mediaId))}/add/`
  return write(
    web,
    access,
    {
      request: { method: 'POST', path, form: { comment_text: text, idempotence_token: clientToken } },
      missing: 'TARGET_NOT_FOUND',
      decode(body) {
        const made = optionalObject(body, 'comment') ?? body
        const keys = ['created_time', 'created_at', 'created_at_utc']
        const hasTime = optionalId(made, ...keys) !== null
        return {
          type: 'done',
          externalId: idOf(made, 'pk', 'id'),
          at: hasTime ? instantOf(made, ...keys) : null,
          threadId: null,
        }
      },
    },
    call,
  )
}
