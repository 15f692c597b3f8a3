import { approveCheckpoint, endSession } from '../acts/sessions.ts'
import { type Call, mobileToken } from '../call.ts'
import { deleteCookie, setCookie } from '../cookies.ts'
import { type Answer, fail, json, ok } from '../exchange.ts'
import { type LoginResult, logIn, submitSecondFactor } from '../login/log-in.ts'
import { PASSWORD_KEY_ID, passwordPublicKey } from '../login/password.ts'
import type { Route } from '../router.ts'
import { codeExpired, csrfCookie, resendSms, sessionCookies, twoFactorRequired, wrongCode } from '../web/login.ts'
import { newToken } from '../world/ids.ts'
import type { Checkpoint, Session, User } from '../world/records.ts'

/** Logging in and out as Instagram's own app does it. */
export function mobileLoginRoutes(): Route[] {
  const post = { method: 'POST', access: 'anyone' } as const
  return [
    { ...post, method: 'ANY', path: 'qe/sync', kind: 'other', run: announceKey },
    { ...post, path: 'accounts/login', kind: 'login', run: login },
    { ...post, path: 'accounts/two_factor_login', kind: 'two_factor', run: secondFactor },
    { ...post, path: 'accounts/send_two_factor_login_sms', kind: 'two_factor', run: resendSms },
    { ...post, path: 'accounts/logout', kind: 'logout', run: logout },
    { method: 'GET', access: 'anyone', path: 'challenge/:pk/:token', kind: 'checkpoint', run: challengeStep },
    { ...post, path: 'challenge/:pk/:token', kind: 'checkpoint', run: answerChallenge },
  ]
}

/** Apps seal passwords with the key that these headers carry. */
function announceKey(call: Call): Answer {
  return json({ experiments: [], status: 'ok' }, 200, {
    'ig-set-password-encryption-key-id': String(PASSWORD_KEY_ID),
    'ig-set-password-encryption-pub-key': passwordPublicKey(call.world),
    'set-cookie': [csrfCookie(call), setCookie(call.scope, 'mid', call.jarName())],
  })
}

function login(call: Call): Answer {
  const { form, world, now } = call
  const mid = call.jarName()
  const result = logIn(world, {
    username: form.get('username') ?? '',
    sealedPassword: form.get('enc_password') ?? '',
    mid,
    at: now,
  })
  return loginAnswer(call, result, mid)
}

function loginAnswer(call: Call, result: LoginResult, mid: string): Answer {
  switch (result.type) {
    case 'unknown_user':
      return fail(400, "The username you entered doesn't appear to belong to an account.", {
        invalid_credentials: true,
        error_title: 'Incorrect Username',
        error_type: 'invalid_user',
      })
    case 'wrong_password':
      return fail(400, 'The password you entered is incorrect. Please try again.', {
        invalid_credentials: true,
        error_title: `Incorrect password for ${result.user.username}`,
        buttons: [{ title: 'Try Again', action: 'dismiss' }],
        error_type: 'bad_password',
      })
    case 'soft_blocked':
      return fail(400, 'Sorry, there was a problem with your request.', { error_type: 'sentry_block' })
    case 'checkpoint':
      return challengeRequired(result.user, result.checkpoint)
    case 'two_factor':
      return json(twoFactorRequired(result, mid), 400)
    case 'logged_in':
      return loggedIn(call, result, mid)
  }
}

function challengeRequired(user: User, checkpoint: Checkpoint): Answer {
  const path = `/challenge/${user.pk}/${checkpoint.token}/`
  return fail(400, 'challenge_required', {
    challenge: {
      url: `https://i.instagram.com${path}`,
      api_path: path,
      hide_webview_header: true,
      lock: true,
      logout: false,
      native_flow: true,
      flow_render_type: 0,
    },
    error_type: 'checkpoint_challenge_required',
  })
}

function loggedIn(call: Call, { user, session }: { user: User; session: Session }, mid: string): Answer {
  return json({ logged_in_user: loggedInUser(user), status: 'ok' }, 200, {
    'ig-set-authorization': mobileToken(session),
    'ig-set-ig-u-ds-user-id': user.pk,
    'ig-set-x-mid': mid,
    'x-ig-set-www-claim': `hmac.${newToken(call.world, 40)}`,
    'set-cookie': [
      ...sessionCookies(call, session),
      setCookie(call.scope, 'csrftoken', newToken(call.world, 32)),
      setCookie(call.scope, 'mid', mid),
    ],
  })
}

function loggedInUser(user: User): Record<string, unknown> {
  return {
    pk: user.pk,
    username: user.username,
    full_name: user.fullName,
    is_private: user.isPrivate,
    profile_pic_url: `https://example.com/profile/${user.pk}.png`,
    is_verified: user.isVerified,
    has_anonymous_profile_picture: false,
    is_business: user.isBusiness,
    account_type: user.isBusiness ? 2 : 1,
    phone_number: '',
    country_code: 0,
    national_number: 0,
  }
}

function secondFactor(call: Call): Answer {
  const { form, world, now, wall } = call
  const mid = call.jarName()
  const result = submitSecondFactor(world, {
    username: form.get('username') ?? '',
    identifier: form.get('two_factor_identifier') ?? '',
    code: form.get('verification_code') ?? '',
    mid,
    at: now,
    wall,
  })
  if (result.type === 'logged_in') return loggedIn(call, result, mid)
  return result.type === 'expired' ? codeExpired() : wrongCode()
}

function logout(call: Call): Answer {
  if (call.session !== null) endSession(call.world, { session: call.session, at: call.now })
  const answer = ok()
  answer.headers['ig-set-authorization'] = 'Bearer IGT:2:'
  answer.headers['set-cookie'] = [deleteCookie(call.scope, 'sessionid'), deleteCookie(call.scope, 'ds_user_id')]
  return answer
}

function challengeStep(call: Call): Answer {
  const checkpoint = call.world.checkpoints.get(call.param(1))
  if (checkpoint === undefined) return fail(404, 'Not Found')
  if (checkpoint.approvedAt !== null) return json({ action: 'close', status: 'ok' })
  return json({
    step_name: 'delta_login_review',
    step_data: { choice: '0' },
    user_id: checkpoint.userPk,
    nonce_code: checkpoint.token,
    status: 'ok',
  })
}

function answerChallenge(call: Call): Answer {
  const checkpoint = call.world.checkpoints.get(call.param(1))
  if (checkpoint === undefined) return fail(404, 'Not Found')
  approveCheckpoint(call.world, checkpoint, call.now)
  return json({ action: 'close', status: 'ok' })
}
