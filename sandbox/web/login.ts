import { endSession } from '../acts/sessions.ts'
import type { Call } from '../call.ts'
import { deleteCookie, setCookie } from '../cookies.ts'
import { type Answer, fail, json, ok } from '../exchange.ts'
import { type LoginResult, logIn, submitSecondFactor } from '../login/log-in.ts'
import type { Route } from '../router.ts'
import { newToken, newUuid } from '../world/ids.ts'
import type { PendingLogin, Session, TwoFactor, User } from '../world/records.ts'

/** Logging in and out through the web interface, at today's paths and those of older clients. */
export function webLoginRoutes(): Route[] {
  const post = { method: 'POST', access: 'anyone' } as const
  return ['web/accounts', 'accounts'].flatMap((base): Route[] => [
    { ...post, path: `${base}/login/ajax`, kind: 'login', run: login },
    { ...post, path: `${base}/login/ajax/two_factor`, kind: 'two_factor', run: secondFactor },
    { ...post, path: `${base}/send_two_factor_login_sms`, kind: 'two_factor', run: resendSms },
    { ...post, method: 'ANY', path: `${base}/logout/ajax`, kind: 'logout', run: logout },
  ])
}

function login(call: Call): Answer {
  const { form, world, now } = call
  const jar = jarCookies(call)
  const result = logIn(world, {
    username: form.get('username') ?? '',
    sealedPassword: form.get('enc_password') ?? '',
    mid: jar.mid,
    at: now,
  })
  const answer = loginAnswer(call, result, jar.mid)
  addCookies(answer, result.type === 'logged_in' ? jar.lines : [...jar.lines, csrfCookie(call)])
  return answer
}

function loginAnswer(call: Call, result: LoginResult, mid: string): Answer {
  switch (result.type) {
    case 'unknown_user':
      return json({ authenticated: false, user: false, status: 'ok' })
    case 'wrong_password':
      return json({ authenticated: false, user: true, status: 'ok', error_type: 'UserInvalidCredentials' })
    case 'soft_blocked': {
      const errors = { error: ['Sorry, there was a problem with your request.'] }
      return json({ errors, status: 'ok', error_type: 'generic_request_error' })
    }
    case 'checkpoint':
      return fail(400, 'checkpoint_required', {
        checkpoint_url: `/challenge/${result.user.pk}/${result.checkpoint.token}/`,
        lock: false,
        flow_render_type: 0,
      })
    case 'two_factor':
      return json(twoFactorRequired(result, mid), 400)
    case 'logged_in':
      return loggedIn(call, result)
  }
}

function loggedIn(call: Call, { user, session }: { user: User; session: Session }): Answer {
  const body = { authenticated: true, user: true, userId: user.pk, oneTapPrompt: false, status: 'ok' }
  return json(body, 200, {
    'x-ig-set-www-claim': `hmac.${newToken(call.world, 40)}`,
    'set-cookie': [...sessionCookies(call, session), setCookie(call.scope, 'csrftoken', newToken(call.world, 32))],
  })
}

function secondFactor(call: Call): Answer {
  const { form, world, now, wall } = call
  const jar = jarCookies(call)
  const result = submitSecondFactor(world, {
    username: form.get('username') ?? '',
    identifier: form.get('identifier') ?? '',
    code: form.get('verificationCode') ?? '',
    mid: jar.mid,
    at: now,
    wall,
  })
  if (result.type === 'logged_in') {
    const answer = loggedIn(call, result)
    addCookies(answer, jar.lines)
    return answer
  }
  const answer = result.type === 'expired' ? codeExpired() : wrongCode()
  addCookies(answer, [...jar.lines, csrfCookie(call)])
  return answer
}

export function wrongCode(): Answer {
  return fail(400, 'Please check the security code and try again.', {
    error_type: 'sms_code_validation_code_invalid',
  })
}

export function codeExpired(): Answer {
  return fail(400, 'This code is no longer valid. Please request a new one.', { error_type: 'invalid_nonce' })
}

/** Another SMS for the same attempt. The one code stays right: a sandbox has no telephone. */
export function resendSms(call: Call): Answer {
  const identifier = call.form.get('identifier') ?? call.form.get('two_factor_identifier') ?? ''
  const pending = call.world.pendingLogins.get(identifier)
  const user = pending === undefined ? undefined : call.world.users.get(pending.userPk)
  if (pending === undefined || user?.twoFactor == null || call.now >= pending.expiresAt) return codeExpired()
  const body = twoFactorRequired({ user, twoFactor: user.twoFactor, pending }, pending.mid ?? '')
  return json({ two_factor_info: body['two_factor_info'], status: 'ok' })
}

export function twoFactorRequired(
  { user, twoFactor, pending }: { user: User; twoFactor: TwoFactor; pending: PendingLogin },
  mid: string,
): Record<string, unknown> {
  return {
    message: '',
    two_factor_required: true,
    two_factor_info: {
      pk: user.pk,
      username: user.username,
      sms_two_factor_on: twoFactor.method === 'sms',
      whatsapp_two_factor_on: twoFactor.method === 'whatsapp',
      totp_two_factor_on: twoFactor.method === 'totp',
      eligible_for_multiple_totp: true,
      obfuscated_phone_number: twoFactor.method === 'totp' || twoFactor.method === 'push' ? '' : '0134',
      two_factor_identifier: pending.identifier,
      device_id: mid,
      show_messenger_code_option: false,
      show_new_login_screen: true,
      show_trusted_device_option: false,
      should_opt_in_trusted_device_option: true,
      pending_trusted_notification: false,
      trusted_notification_polling_nonce: null,
      sms_not_allowed_reason: null,
      phone_verification_settings: {
        max_sms_count: 2,
        resend_sms_delay_sec: 60,
        robocall_count_down_time_sec: 30,
        robocall_after_max_sms: true,
      },
    },
    status: 'fail',
    error_type: 'two_factor_required',
  }
}

function logout(call: Call): Answer {
  if (call.session !== null) endSession(call.world, { session: call.session, at: call.now })
  const answer = ok()
  addCookies(answer, [deleteCookie(call.scope, 'sessionid'), deleteCookie(call.scope, 'ds_user_id')])
  return answer
}

/** The cookies that name a jar, as far as it lacks them. */
export function jarCookies(call: Call): { mid: string; lines: string[] } {
  const mid = call.jarName()
  const lines: string[] = []
  if (call.cookies.get('mid') === null) lines.push(setCookie(call.scope, 'mid', mid))
  if (call.cookies.get('ig_did') === null) {
    lines.push(setCookie(call.scope, 'ig_did', newUuid(call.world).toUpperCase(), true))
  }
  return { mid, lines }
}

/** The jar's own token again, or its first. Old clients throw unless every answer to a log-in sets it. */
export function csrfCookie(call: Call): string {
  return setCookie(call.scope, 'csrftoken', call.cookies.get('csrftoken') ?? newToken(call.world, 32))
}

export function sessionCookies(call: Call, session: Session): string[] {
  const rur = `"CLN\\054${session.userPk}\\0541893456000:01f7${newToken(call.world, 16).toLowerCase()}"`
  return [
    setCookie(call.scope, 'sessionid', session.sessionid, true),
    setCookie(call.scope, 'ds_user_id', session.userPk),
    setCookie(call.scope, 'rur', rur, true),
  ]
}

export function addCookies(answer: Answer, lines: string[]): void {
  if (lines.length === 0) return
  const before = answer.headers['set-cookie']
  answer.headers['set-cookie'] = [...(before === undefined ? [] : [before].flat()), ...lines]
}
