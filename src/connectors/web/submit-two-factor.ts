import type { Access, CallOptions, LoginResult, TwoFactorMethod } from '../connector.ts'
import { exchange, type Web } from './exchange.ts'
import { readLogin } from './login-answer.ts'

/** Instagram's numbers for where a code comes from; it does not insist on them, and the last two are uncertain. */
const VERIFICATION_METHODS: Record<TwoFactorMethod, string> = { sms: '1', totp: '3', push: '4', whatsapp: '6' }
const BACKUP_CODE = '2'

/** Continues a log-in with the code, on the jar of the first step. Spaces and hyphens in the code do not matter. */
export async function submitTwoFactor(
  web: Web,
  access: Access,
  input: { username: string; identifier: string; code: string; method: TwoFactorMethod },
  call: CallOptions,
): Promise<LoginResult> {
  const code = input.code.replace(/[\s-]/g, '')
  const form = {
    username: input.username,
    verificationCode: code,
    identifier: input.identifier,
    queryParams: '{"next":"/"}',
    trust_signal: 'true',
    verification_method: code.length === 8 ? BACKUP_CODE : VERIFICATION_METHODS[input.method],
  }
  const path = '/api/v1/web/accounts/login/ajax/two_factor/'
  return readLogin(web, access, await exchange(web, access, { method: 'POST', path, form }, call))
}
