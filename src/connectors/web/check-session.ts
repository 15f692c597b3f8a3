import type { Access, CallOptions, ReadResult } from '../connector.ts'
import { ownerOfSession } from '../cookie-store.ts'
import { budget, ensureCsrfToken, read, segment, type Web } from './exchange.ts'
import { idOf, objectOf, textOf } from './json.ts'
import { lookUpUser } from './look-up-user.ts'

interface Identity {
  platformId: string
  username: string
}

/**
 * Asks Instagram who the session belongs to. The name comes from the account's own form, which nobody else can read; of
 * all that form holds nothing else is kept. The id stands in the session cookie, or is looked up by the name.
 *
 * The form has been seen redirecting with a session that was alive, so "ended" is said only when a second read agrees.
 */
export async function checkSession(web: Web, access: Access, call: CallOptions): Promise<ReadResult<Identity>> {
  const rest = budget(web, call)
  const unready = await ensureCsrfToken(web, access, rest())
  if (unready !== null) return unready
  const form = await read(
    web,
    access,
    {
      request: { method: 'GET', path: '/api/v1/accounts/edit/web_form_data/' },
      missing: null,
      pageMeansLoggedOut: true,
      decode: (body) => textOf(objectOf(body, 'form_data'), 'username'),
    },
    rest(),
  )
  const url = `${web.baseUrl}/`
  const ownId = ownerOfSession(access.cookies.get(url, 'sessionid') ?? '')
  if (form.type === 'ok') {
    if (ownId !== null) return { type: 'ok', value: { platformId: ownId, username: form.value } }
    const user = await lookUpUser(web, access, { username: form.value }, rest())
    return user.type === 'ok'
      ? { type: 'ok', value: { platformId: user.value.platformId, username: form.value } }
      : user
  }
  const askAbout = ownId ?? access.platformId
  if (form.type !== 'login_required' || askAbout === null) return form
  const second = await readIdentity(web, access, askAbout, rest())
  return second.type === 'ok' || second.type === 'challenge' ? second : form
}

function readIdentity(web: Web, access: Access, platformId: string, call: CallOptions): Promise<ReadResult<Identity>> {
  const path = `/api/v1/users/${segment(platformId)}/info/`
  return read(
    web,
    access,
    {
      request: { method: 'GET', path },
      missing: null,
      pageMeansLoggedOut: true,
      decode: (body) => {
        const user = objectOf(body, 'user')
        return { platformId: idOf(user, 'pk', 'pk_id', 'id'), username: textOf(user, 'username') }
      },
    },
    call,
  )
}
