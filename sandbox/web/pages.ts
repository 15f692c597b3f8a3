import type { Call } from '../call.ts'
import { setCookie } from '../cookies.ts'
import { type Answer, html, json, redirect } from '../exchange.ts'
import type { Route } from '../router.ts'
import { newToken } from '../world/ids.ts'
import { addCookies, jarCookies } from './login.ts'

/** The pages a browser or a web client opens first: they name the jar and hand out the CSRF token. */
export function pageRoutes(): Route[] {
  const page = { method: 'GET', kind: 'page', access: 'anyone' } as const
  return [
    { ...page, path: '', run: home },
    { ...page, path: 'accounts/login', run: (call) => pageWith(call, LOGIN_FORM) },
    { ...page, path: 'accounts/suspended', run: (call) => pageWith(call, '<p>Your account has been suspended.</p>') },
    { ...page, path: 'data/shared_data', run: sharedData },
    { ...page, path: 'graphql/query', run: viewerQuery },
  ]
}

export function sharedData(call: Call): Answer {
  const token = csrfToken(call)
  const viewer = call.account === null ? null : { id: call.account.pk, username: call.account.username }
  const answer = json({ config: { csrf_token: token, viewer }, country_code: 'US', language_code: 'en', status: 'ok' })
  addCookies(answer, pageCookies(call, token))
  return answer
}

/** The one query of the old GraphQL interface that clients use to see whether they are logged in. */
function viewerQuery(call: Call): Answer {
  if (call.query.get('query_hash') !== 'd6f4427fbe92d846298cf93df0b937d3') {
    return json({ message: 'execution error', data: null, status: 'fail' }, 400)
  }
  const user = call.account === null ? null : { id: call.account.pk, username: call.account.username }
  return json({ data: { user }, status: 'ok' })
}

function home(call: Call): Answer {
  return pageWith(call, call.account === null ? LOGIN_FORM : '<div id="mount"></div>')
}

function pageWith(call: Call, body: string): Answer {
  const token = csrfToken(call)
  const answer = html(pageText(token, body))
  addCookies(answer, pageCookies(call, token))
  return answer
}

function csrfToken(call: Call): string {
  return call.cookies.get('csrftoken') ?? newToken(call.world, 32)
}

/** What the jar lacks; a pasted session learns its user id here. */
function pageCookies(call: Call, token: string): string[] {
  const lines = [...jarCookies(call).lines, setCookie(call.scope, 'csrftoken', token)]
  const { session } = call
  if (session !== null && call.cookies.get('ds_user_id') !== session.userPk) {
    lines.push(setCookie(call.scope, 'ds_user_id', session.userPk))
  }
  return lines
}

export function toLogin(call: Call, cookies: string[]): Answer {
  return redirect(`/accounts/login/?next=${encodeURIComponent(call.path)}`, cookies)
}

/** The page's frame; `token` has letters and digits only, as clients find it by `\w+`. */
export function pageText(token: string, body: string): string {
  const shared = JSON.stringify({ config: { csrf_token: token, viewer: null } })
  return [
    '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Instagram (sandbox)</title></head><body>',
    body,
    `<script type="application/json">{"csrf_token":"${token}"}</script>`,
    `<script>window._sharedData = ${shared};</script>`,
    '</body></html>',
  ].join('\n')
}

const LOGIN_FORM = `<form id="loginForm">
<label>Username <input name="username" autocomplete="username"></label>
<label>Password <input name="password" type="password" autocomplete="current-password"></label>
<label id="code" hidden>Security code <input name="verificationCode" autocomplete="one-time-code"></label>
<button type="submit">Log in</button><p role="alert"></p>
</form>
<script>
const form = document.getElementById('loginForm')
let identifier = null
form.addEventListener('submit', async (event) => {
  event.preventDefault()
  const token = document.cookie.match(/csrftoken=([^;]+)/)?.[1] ?? ''
  const fields = { username: form.username.value }
  if (identifier) Object.assign(fields, { identifier, verificationCode: form.verificationCode.value })
  else fields.enc_password = '#PWD_INSTAGRAM_BROWSER:0:' + Math.floor(Date.now() / 1000) + ':' + form.password.value
  const path = '/api/v1/web/accounts/login/ajax/' + (identifier ? 'two_factor/' : '')
  const headers = { 'X-CSRFToken': token, 'X-IG-App-ID': '936619743392459' }
  const answer = await fetch(path, { method: 'POST', headers, body: new URLSearchParams(fields) })
  const body = await answer.json()
  if (body.authenticated) return location.assign('/')
  if (body.checkpoint_url) return location.assign(body.checkpoint_url)
  identifier = body.two_factor_info?.two_factor_identifier ?? identifier
  document.getElementById('code').hidden = identifier === null
  form.querySelector('[role=alert]').textContent = body.message || (identifier ? '' : 'Sorry, your password was incorrect.')
})
</script>`
