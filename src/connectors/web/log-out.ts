import type { Access, CallOptions, ReadResult } from '../connector.ts'
import { read, type Web } from './exchange.ts'
import { missing, textOf } from './json.ts'

/** Ends the session at Instagram; one that had ended already is logged out too. */
export async function logOut(web: Web, access: Access, call: CallOptions): Promise<ReadResult<null>> {
  const form = { one_tap_app_login: '0', ...(access.platformId === null ? {} : { user_id: access.platformId }) }
  const result = await read(
    web,
    access,
    {
      request: { method: 'POST', path: '/api/v1/web/accounts/logout/ajax/', form },
      missing: null,
      decode: (body) => (textOf(body, 'status') === 'ok' ? null : missing('ok')),
    },
    call,
  )
  return result.type === 'login_required' ? { type: 'ok', value: null } : result
}
