import type { Access, LoginResult, TwoFactorMethod } from '../connector.ts'
import type { Answer } from './answer.ts'
import { challenge, classify, type Refusal, throttled } from './classify.ts'
import type { Exchange, Web } from './exchange.ts'
import { type JsonObject, optionalFlag, optionalId, optionalObject, optionalText } from './json.ts'

/*
 * Both steps of a log-in answer in the same words. The body decides, not the status: a refusal may be 200 and a question
 * for the second factor is 400. Only `authenticated: false` says that the password was wrong; a body without that key is
 * Instagram refusing to look at it.
 */

const WRONG_PASSWORD_TYPES: ReadonlySet<string> = new Set([
  'UserInvalidCredentials',
  'bad_password',
  'invalid_user',
  'unusable_password',
])

/** The result of a log-in request; a log-in counts only with a session cookie in the jar. */
export function readLogin(web: Web, access: Access, result: Exchange): LoginResult {
  if (result.type === 'lost') return { type: 'unreadable', timedOut: result.timedOut, reason: result.reason }
  if (result.type === 'not_sent') return result
  const { answer } = result
  const { body } = answer
  const isRedirect = answer.status >= 300 && answer.status <= 399
  const known = isRedirect || body === null ? null : readBody(web, access, answer, body)
  if (known !== null) return known
  const refusal = classify(answer, { baseUrl: web.baseUrl, isWrite: true, isLoggedIn: false, missing: null })
  return refusal === null
    ? unreadable('Instagram answered the log-in with something unknown.')
    : refusedLogin(refusal, answer)
}

function readBody(web: Web, access: Access, answer: Answer, body: JsonObject): LoginResult | null {
  const question = optionalObject(body, 'two_factor_info')
  if (optionalFlag(body, 'two_factor_required') === true || question !== null) return twoFactor(question)
  const errorType = optionalText(body, 'error_type') ?? ''
  if (errorType === 'sms_code_validation_code_invalid' || errorType === 'invalid_nonce') {
    const sentence = optionalText(body, 'message')
    return {
      type: 'wrong_code',
      expired: errorType === 'invalid_nonce',
      reason: sentence ? answer.say(sentence) : 'Instagram did not accept the security code.',
    }
  }
  const authenticated = optionalFlag(body, 'authenticated')
  if (authenticated === true) return loggedIn(web, access, body)
  if (authenticated === false || WRONG_PASSWORD_TYPES.has(errorType)) return wrongCredentials(body)
  if (optionalText(body, 'exception_name') === 'AuthPlatformLoginChallengeException') {
    return withPlatformId(challenge('checkpoint', optionalText(body, 'checkpoint_url'), web.baseUrl))
  }
  const message = optionalText(body, 'message') ?? ''
  const isSoftBlock =
    errorType === 'generic_request_error' ||
    optionalObject(body, 'errors') !== null ||
    message.startsWith('Oops, an error occurred')
  return isSoftBlock && answer.status < 500 ? throttled(answer, message || firstError(body)) : null
}

function loggedIn(web: Web, access: Access, body: JsonObject): LoginResult {
  const url = `${web.baseUrl}/`
  const platformId = optionalId(body, 'userId') ?? access.cookies.get(url, 'ds_user_id')
  if (platformId === null || access.cookies.get(url, 'sessionid') === null) {
    return unreadable('Instagram accepted the log-in but opened no session.')
  }
  return { type: 'logged_in', platformId }
}

function wrongCredentials(body: JsonObject): LoginResult {
  const isUnknown = optionalFlag(body, 'user') === false || optionalText(body, 'error_type') === 'invalid_user'
  const reason = isUnknown ? 'Instagram does not know this username.' : 'Instagram did not accept the password.'
  return { type: 'wrong_credentials', reason }
}

/** None of the methods named means that another device is asked, with nothing to type. */
function twoFactor(info: JsonObject | null): LoginResult {
  const identifier = info === null ? null : optionalId(info, 'two_factor_identifier')
  if (info === null || identifier === null) return unreadable('Instagram asks for a second factor but not which.')
  const has = (key: string) => optionalFlag(info, key) === true
  const method: TwoFactorMethod = has('totp_two_factor_on')
    ? 'totp'
    : has('sms_two_factor_on')
      ? 'sms'
      : has('whatsapp_two_factor_on')
        ? 'whatsapp'
        : 'push'
  return { type: 'two_factor', method, identifier, obfuscatedContact: optionalId(info, 'obfuscated_phone_number') }
}

function refusedLogin(refusal: Refusal, answer: Answer): LoginResult {
  switch (refusal.type) {
    case 'challenge':
      return withPlatformId(refusal)
    case 'throttled':
      return refusal
    case 'blocked':
      return { type: 'throttled', retryAfterMs: answer.retryAfterMs, reason: refusal.reason }
    // None of these says anything about the password.
    case 'login_required':
    case 'refused':
    case 'trouble':
      return unreadable(refusal.reason)
  }
}

/** A checkpoint's path names the account: `/challenge/70011223344/AbCdEf/`. */
function withPlatformId(asked: ReturnType<typeof challenge>): LoginResult {
  const path = URL.parse(asked.url ?? '')?.pathname ?? ''
  return { ...asked, platformId: /^\/challenge\/(\d{1,20})\//.exec(path)?.[1] ?? null }
}

function firstError(body: JsonObject): string | null {
  const list = optionalObject(body, 'errors')?.['error']
  const sentence = Array.isArray(list) ? list[0] : null
  return typeof sentence === 'string' ? sentence : null
}

function unreadable(reason: string): LoginResult {
  return { type: 'unreadable', timedOut: false, reason }
}
