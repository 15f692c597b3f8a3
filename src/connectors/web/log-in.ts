import type { Access, CallOptions, LoginResult } from '../connector.ts'
import { budget, ensureCsrfToken, exchange, type Web } from './exchange.ts'
import { readLogin } from './login-answer.ts'

/**
 * Sends the password once, with the page that hands out the first cookies before it when the jar has none. The same jar
 * serves a later try: an owner's approval of a checkpoint belongs to the cookies of the device that met it.
 */
export async function logIn(
  web: Web,
  access: Access,
  input: { username: string; password: string },
  call: CallOptions,
): Promise<LoginResult> {
  const rest = budget(web, call)
  const unready = await ensureCsrfToken(web, access, rest())
  if (unready !== null) return unready
  if (access.cookies.get(`${web.baseUrl}/`, 'csrftoken') === null) {
    return { type: 'not_sent', cause: 'connect', reason: 'The start page gave no token, so the password was not sent.' }
  }
  const seconds = Math.floor(web.clock.now() / 1_000)
  const form = {
    username: input.username,
    enc_password: `#PWD_INSTAGRAM_BROWSER:0:${seconds}:${input.password}`,
    queryParams: '{}',
    optIntoOneTap: 'false',
    trustedDeviceRecords: '{}',
  }
  const result = await exchange(web, access, { method: 'POST', path: '/api/v1/web/accounts/login/ajax/', form }, rest())
  return readLogin(web, access, result)
}
