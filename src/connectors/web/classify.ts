import type { PushBack, Refused } from '../connector.ts'
import type { Answer } from './answer.ts'
import { handOffUrl } from './hand-off-url.ts'
import { type JsonObject, optionalFlag, optionalId, optionalObject, optionalText } from './json.ts'

/*
 * What an answer means when it is not the one that was asked for. The order is fixed: where a redirect leads, whether the
 * body is JSON, its parsed fields, and only then the status. Words are compared with whole fields, never looked for in the
 * body, because people are called "challenge" and write "login_required".
 */

/** Server trouble or something undecodable: a read may be repeated, a write may have happened. */
export interface Trouble {
  type: 'trouble'
  reason: string
}

export type Refusal = PushBack | Refused | Trouble

export interface ClassifyContext {
  baseUrl: string
  /** A write that is answered with an unknown refusal was refused; a read may have hit something passing. */
  isWrite: boolean
  /** Whether the request carried a session; without one, "log in first" only means "not now". */
  isLoggedIn: boolean
  /** What a missing target is called; null where there is no target, so that a 404 means a retired address. */
  missing: Refused['code'] | null
  /** A page instead of data means that the session ended (for checks that have a second opinion). */
  pageMeansLoggedOut?: boolean
}

const SENTRY_BLOCK_MS = 4 * 60 * 60_000
const DAY_MS = 24 * 60 * 60_000

const GONE: ReadonlySet<string> = new Set([
  'Invalid target user',
  'Invalid media_id',
  'Media is unavailable',
  'Media not found or unavailable',
  'Thread does not exist',
  'unable to fetch followers',
])
const LOGGED_OUT: ReadonlySet<string> = new Set(['login_required', 'user_has_logged_out'])
const THROTTLED_TYPES: ReadonlySet<string> = new Set(['rate_limit_error', 'generic_request_error', 'ip_block'])
const DISABLED_TYPES: ReadonlySet<string> = new Set(['inactive user', 'inactive_user'])

/** Null when the answer is an ordinary one, for the operation's own decoder. */
export function classify(answer: Answer, context: ClassifyContext): Refusal | null {
  if (answer.status >= 300 && answer.status <= 399) return byRedirect(answer, context)
  if (answer.body === null) return withoutJson(answer, context)
  const { body, status } = answer
  const isOk = status >= 200 && status <= 299 && optionalText(body, 'status') !== 'fail'
  if (isOk && optionalFlag(body, 'spam') !== true) return needsReupload(body)
  return byFields(answer, body, context) ?? byStatus(answer, body, context)
}

function byRedirect({ redirect }: Answer, { baseUrl }: ClassifyContext): Refusal {
  if (redirect === null) return trouble('Instagram sent us somewhere else.')
  const leads = (...places: string[]) => places.some((place) => redirect.startsWith(place))
  if (leads('/accounts/login')) return loginRequired()
  if (leads('/accounts/suspended')) return challenge('suspended', redirect, baseUrl)
  if (leads('/challenge')) return challenge('challenge', redirect, baseUrl)
  if (leads('/checkpoint', '/auth_platform')) return challenge('checkpoint', redirect, baseUrl)
  if (leads('/consent', '/privacy/consent')) return challenge('consent', redirect, baseUrl)
  return trouble('Instagram sent us somewhere else.')
}

function withoutJson(answer: Answer, { baseUrl, missing, pageMeansLoggedOut }: ClassifyContext): Refusal {
  const { status } = answer
  if (answer.isBareNotFound) return challenge('challenge', null, baseUrl)
  if (status === 429) return throttled(answer, null)
  if (status === 404 && missing !== null) return gone(missing)
  if (answer.isPage && status < 300 && pageMeansLoggedOut === true) return loginRequired()
  if (status >= 500) return trouble(`Instagram is in trouble (${status}).`)
  return trouble(`Instagram answered ${status} with something that is not data.`)
}

/** An upload that was refused answers "ok"; no other answer of that status is a refusal. */
function needsReupload(body: JsonObject): Refusal | null {
  if (optionalText(body, 'message') !== 'media_needs_reupload') return null
  return refused('Instagram did not accept the upload.')
}

function byFields(answer: Answer, body: JsonObject, context: ClassifyContext): Refusal | null {
  const message = optionalText(body, 'message') ?? ''
  const errorType = optionalText(body, 'error_type') ?? ''
  if (optionalFlag(body, 'comments_disabled') === true) return refused('Comments are turned off for this post.')
  if (message === 'feedback_required' || optionalFlag(body, 'spam') === true) return blocked(answer, body)
  return (
    byIdentityCheck(body, { message, errorType }, context) ??
    byLogin(answer, body, { message }, context) ??
    byThrottle(answer, { message, errorType }) ??
    byDirectMessage(answer, body) ??
    byTarget(answer, { message }, context)
  )
}

interface Words {
  message: string
  errorType: string
}

function byIdentityCheck(body: JsonObject, words: Words, { baseUrl }: ClassifyContext): Refusal | null {
  const { message, errorType } = words
  if (message === 'challenge_required' || errorType === 'checkpoint_challenge_required') {
    const details = optionalObject(body, 'challenge')
    const url = details === null ? null : (optionalText(details, 'url') ?? optionalText(details, 'api_path'))
    return challenge(isSuspension(url, baseUrl) ? 'suspended' : 'challenge', url, baseUrl)
  }
  if (message === 'checkpoint_required') {
    const url = optionalText(body, 'checkpoint_url')
    return challenge(isSuspension(url, baseUrl) ? 'suspended' : 'checkpoint', url, baseUrl)
  }
  if (message === 'consent_required') return challenge('consent', null, baseUrl)
  if (
    DISABLED_TYPES.has(errorType) ||
    DISABLED_TYPES.has(message) ||
    message.startsWith('Your account has been disabled')
  ) {
    return challenge('suspended', null, baseUrl)
  }
  return null
}

function byLogin(
  answer: Answer,
  body: JsonObject,
  { message }: Pick<Words, 'message'>,
  context: ClassifyContext,
): Refusal | null {
  if (LOGGED_OUT.has(message)) return loginRequired()
  // With "please wait" this is ambiguous; for a session it is more often dead than not, and one check tells.
  if (optionalFlag(body, 'require_login') === true)
    return context.isLoggedIn ? loginRequired() : throttled(answer, message)
  return null
}

function byThrottle(answer: Answer, { message, errorType }: Words): Refusal | null {
  if (errorType === 'sentry_block') {
    return {
      type: 'throttled',
      retryAfterMs: Math.max(answer.retryAfterMs ?? 0, SENTRY_BLOCK_MS),
      reason: 'Instagram refuses the network or device of this session for now.',
    }
  }
  const isThrottled =
    answer.status === 429 ||
    THROTTLED_TYPES.has(errorType) ||
    message.startsWith('Please wait a few minutes') ||
    message === 'rate limited'
  return isThrottled ? throttled(answer, message) : null
}

/** Section 4.6 of the reference: an acknowledgement that says no. */
function byDirectMessage(answer: Answer, body: JsonObject): Refusal | null {
  if (optionalText(body, 'action') !== 'item_ack') return null
  const payload = optionalObject(body, 'payload')
  const code = payload === null ? null : optionalId(payload, 'error_code')
  if (code === '1545121') {
    return { type: 'blocked', until: null, reason: 'Instagram does not trust this account to send messages for now.' }
  }
  if (code === '1404006') return refused('Instagram could not read the message request.')
  const sentence = payload === null ? null : optionalText(payload, 'message')
  if (answer.status >= 400 && answer.status <= 499) {
    return refused(sentence === null ? 'This recipient cannot be messaged.' : answer.say(sentence))
  }
  return null
}

function byTarget(answer: Answer, { message }: Pick<Words, 'message'>, { missing }: ClassifyContext): Refusal | null {
  if (message === 'useragent mismatch') return refused('Instagram does not accept the user agent of this session.')
  if (message === 'Not authorized to view user') return refused('The profile is private.')
  if (GONE.has(message) || message.endsWith('has been deleted') || message.endsWith('has been deleted.')) {
    return gone(missing ?? 'TARGET_NOT_FOUND')
  }
  if (answer.status === 404 && missing !== null) return gone(missing)
  return null
}

function byStatus(answer: Answer, body: JsonObject, { isWrite, isLoggedIn }: ClassifyContext): Refusal {
  const { status } = answer
  const sentence = optionalText(body, 'message')
  if (status >= 500) return trouble(`Instagram is in trouble (${status}).`)
  // Said of an upload that is still being transcoded: neither done nor refused.
  if (status === 202) return trouble('Instagram is still working on it.')
  if (status === 401 && isLoggedIn) return loginRequired()
  const isRefusal = status < 300 || status === 400 || (isWrite && (status === 403 || status === 422))
  if (isRefusal) return refused(sentence ? answer.say(sentence) : 'Instagram refused the request.')
  return trouble(`Instagram answered ${status}.`)
}

function blocked(answer: Answer, body: JsonObject): PushBack {
  const sentence = optionalText(body, 'feedback_message') || optionalText(body, 'feedback_title')
  return {
    type: 'blocked',
    until: sentence === null ? null : endOfDayIn(sentence),
    reason: sentence ? answer.say(sentence) : 'Instagram blocks this kind of action for now.',
  }
}

/** The end of the day that a localised sentence names in ISO form, the one form that reads the same in every language. */
function endOfDayIn(sentence: string): number | null {
  const date = /(?<!\d)20\d\d-\d\d-\d\d(?!\d)/.exec(sentence)?.[0]
  const start = date === undefined ? Number.NaN : Date.parse(`${date}T00:00:00Z`)
  return Number.isNaN(start) ? null : start + DAY_MS
}

function isSuspension(url: string | null, baseUrl: string): boolean {
  return URL.parse(url ?? '', baseUrl)?.pathname.startsWith('/accounts/suspended') ?? false
}

const CHALLENGE_REASONS = {
  challenge: 'Instagram asks the account owner to confirm their identity.',
  checkpoint: 'Instagram asks the account owner to pass a checkpoint.',
  consent: 'Instagram asks the account owner to accept its terms.',
  suspended: 'Instagram has suspended the account.',
} as const

type Challenge = Extract<PushBack, { type: 'challenge' }>

/** Instagram wants the account's owner; `url` as it came, shown only when it is safe to. */
export function challenge(kind: Challenge['kind'], url: string | null, baseUrl: string): Challenge {
  return { type: 'challenge', kind, url: handOffUrl(url, baseUrl), reason: CHALLENGE_REASONS[kind] }
}

function loginRequired(): PushBack {
  return { type: 'login_required', reason: 'Instagram has ended the session.' }
}

/** Not now; `message` is Instagram's sentence. */
export function throttled(answer: Answer, message: string | null): Extract<PushBack, { type: 'throttled' }> {
  const reason = message ? answer.say(message) : 'Instagram asks to slow down.'
  return { type: 'throttled', retryAfterMs: answer.retryAfterMs, reason }
}

function refused(reason: string): Refused {
  return { type: 'refused', code: 'REFUSED_BY_INSTAGRAM', reason }
}

function gone(code: Refused['code']): Refused {
  const what = code === 'UNKNOWN_RECIPIENT' ? 'No Instagram user has this name.' : 'Instagram does not know the target.'
  return { type: 'refused', code, reason: code === 'REFUSED_BY_INSTAGRAM' ? 'Instagram refused the request.' : what }
}

function trouble(reason: string): Trouble {
  return { type: 'trouble', reason }
}
