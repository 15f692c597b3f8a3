import { pushBack } from './acts/limits.ts'
import { endSessionsOf } from './acts/sessions.ts'
import { directRoutes } from './api/direct.ts'
import { friendshipRoutes } from './api/friendships.ts'
import { mediaRoutes } from './api/media.ts'
import { newsRoutes } from './api/news.ts'
import { storyPages, storyRoutes } from './api/stories.ts'
import { finishRoutes, uploadPages } from './api/uploads.ts'
import { userRoutes } from './api/users.ts'
import type { Call } from './call.ts'
import { deleteCookie, setCookie } from './cookies.ts'
import { type Answer, fail, html, json, ok, redirect } from './exchange.ts'
import { type Fault, loggedOut } from './faults.ts'
import { mobileLoginRoutes } from './mobile/login.ts'
import { type Route, Router } from './router.ts'
import { checkpointRoutes } from './web/checkpoint.ts'
import { addCookies, webLoginRoutes } from './web/login.ts'
import { pageRoutes, sharedData, toLogin } from './web/pages.ts'
import { newSessionId } from './world/ids.ts'

/**
 * Which route a request means, and whether it may reach it: the order in which the service checks is the order here
 * (headers, CSRF, session, limits), since each refusal tells a client something else.
 */

const API_PREFIX = '/api/v1/'
/** Paths of old web clients that are the same as today's under the prefix. */
const OLD_PREFIX = '/web/'

const sharedRoutes: Route[] = [
  ...userRoutes(),
  ...friendshipRoutes(),
  ...mediaRoutes(),
  ...directRoutes(),
  ...newsRoutes(),
  ...storyRoutes(),
  ...finishRoutes(),
  { method: 'GET', path: 'web/data/shared_data', kind: 'page', access: 'anyone', run: sharedData },
]
const webApi = new Router([...sharedRoutes, ...webLoginRoutes()])
const mobileApi = new Router([...sharedRoutes, ...webLoginRoutes(), ...mobileLoginRoutes()])
const site = new Router([
  ...pageRoutes(),
  ...checkpointRoutes(),
  ...webLoginRoutes(),
  ...uploadPages(),
  ...storyPages(),
])

export interface Destination {
  route: Route
  /** `api`: answers JSON whatever happens; `site`: may send a browser to the log-in page. */
  face: 'api' | 'site'
}

/** The route of a call; every path has one, if only to say that there is nothing. */
export function destinationOf(call: Call): Destination {
  const { path, request } = call
  const isApi = path.startsWith(API_PREFIX)
  if (isApi || path.startsWith(OLD_PREFIX)) {
    const router = call.plane === 'mobile' ? mobileApi : webApi
    const found = router.find(request.method, isApi ? path.slice(API_PREFIX.length) : path)
    return { route: found === null ? unknownApi(call) : settled(call, found), face: isApi ? 'api' : 'site' }
  }
  const found = site.find(request.method, path)
  return { route: found === null ? NO_PAGE : settled(call, found), face: 'site' }
}

/** Why the call may not go on, or null. Nothing took effect. */
export function refusalOf(call: Call, { route, face }: Destination): Answer | null {
  const { strict } = call.settings
  if (call.plane === 'mobile') {
    if (strict.userAgent && isBrowser(call)) return fail(400, 'useragent mismatch')
  } else {
    if (face === 'api' && strict.appId && call.header('x-ig-app-id') === undefined) return html(SHELL, 403)
    if (strict.csrf && call.request.method === 'POST' && !hasCsrf(call) && route.kind !== 'checkpoint')
      return csrfMissing()
  }
  if (call.account?.state === 'suspended' && route.access === 'account') {
    return call.plane === 'web'
      ? redirect('/accounts/suspended/')
      : fail(400, 'inactive user', { error_type: 'inactive user' })
  }
  if (route.access === 'account' && call.account === null) return notLoggedIn(call, route, face)
  if (route.limited !== undefined && call.account !== null) {
    const kind = typeof route.limited === 'function' ? route.limited(call) : route.limited
    return pushBack(call, { account: call.account, kind })
  }
  return null
}

/** What a fault does to the session besides its answer. */
export function touchSession(call: Call, fault: Fault, answer: Answer | null): void {
  const { session, account, world } = call
  if (session === null || account === null) return
  if (fault.fault === 'end_session') endSessionsOf(world, account)
  if (fault.fault !== 'rotate_session' || answer === null) return
  world.sessions.delete(session.sessionid)
  const rotated = world.sessions.put({ ...session, sessionid: newSessionId(world, account.pk) })
  addCookies(answer, [setCookie(call.scope, 'sessionid', rotated.sessionid, true)])
}

function settled(call: Call, found: Exclude<ReturnType<Router['find']>, null>): Route {
  if (found === 'wrong_method') return WRONG_METHOD
  call.params = found.params
  return found.route
}

/** The app calls many paths around its log-in whose answers it only wants to be ok. */
function unknownApi(call: Call): Route {
  return call.plane === 'mobile' ? ANYTHING : NOTHING
}

function isBrowser(call: Call): boolean {
  const userAgent = call.header('user-agent') ?? ''
  return userAgent.startsWith('Mozilla/') && !userAgent.includes('Instagram ')
}

/** Double submit: the header repeats the cookie. The service does not ask whether it handed the token out. */
function hasCsrf(call: Call): boolean {
  const header = call.header('x-csrftoken')
  return header !== undefined && header !== '' && call.cookies.all('csrftoken').includes(header)
}

function notLoggedIn(call: Call, route: Route, face: 'api' | 'site'): Answer {
  const dropped = call.claimsSession ? [deleteCookie(call.scope, 'sessionid')] : []
  if (call.plane === 'mobile') return loggedOut()
  if (face === 'site' || route.kind === 'session_check') return toLogin(call, dropped)
  const answer = call.claimsSession ? loggedOut() : anonymous()
  addCookies(answer, dropped)
  return answer
}

function anonymous(): Answer {
  const body = { message: 'Please wait a few minutes before you try again.', require_login: true, igweb_rollout: true }
  return json({ ...body, status: 'fail' }, 401)
}

function csrfMissing(): Answer {
  return html('<!DOCTYPE html><title>Error</title><p>CSRF token missing or incorrect.</p>', 403)
}

const SHELL = '<!DOCTYPE html><html><head><title>Instagram</title></head><body><div id="mount"></div></body></html>'
const NOT_FOUND_PAGE = '<!DOCTYPE html><html><head><title>Page Not Found</title></head><body></body></html>'

const unmatched = { method: 'ANY', path: '', kind: 'other', access: 'anyone' } as const
const ANYTHING: Route = { ...unmatched, run: () => ok() }
const NOTHING: Route = { ...unmatched, run: () => html(NOT_FOUND_PAGE, 404) }
const NO_PAGE: Route = { ...unmatched, kind: 'page', run: () => html(NOT_FOUND_PAGE, 404) }
const WRONG_METHOD: Route = { ...unmatched, run: () => fail(405, 'method not allowed') }
