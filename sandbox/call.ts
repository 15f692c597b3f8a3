import { findSession } from './acts/sessions.ts'
import { type CookieScope, Cookies } from './cookies.ts'
import type { SandboxRequest } from './exchange.ts'
import { type Form, readForm } from './form.ts'
import type { Settings } from './settings.ts'
import { newToken } from './world/ids.ts'
import type { Session, User } from './world/records.ts'
import type { World } from './world/world.ts'

/** Which of Instagram's interfaces a request speaks; answers differ in places. */
export type Plane = 'web' | 'mobile'

export interface CallInput {
  request: SandboxRequest
  world: World
  settings: Settings
  now: number
  wall: number
  host: string | null
  isSecure: boolean
  path: string
  search: string
}

const TOKEN_PREFIX = 'Bearer IGT:2:'
const INSTAGRAM_DOMAIN = 'instagram.com'

/** One request on its way to a route: what came, who asks, and what the answer must set. */
export class Call {
  readonly request: SandboxRequest
  readonly world: World
  readonly settings: Settings
  readonly now: number
  readonly wall: number
  readonly path: string
  readonly plane: Plane
  readonly cookies: Cookies
  readonly scope: CookieScope
  readonly session: Session | null
  readonly account: User | null
  /** Parts of the path that the route leaves open, in order. */
  params: string[] = []
  readonly #search: string
  #query: URLSearchParams | null = null
  #form: Form | null = null

  constructor(input: CallInput) {
    this.request = input.request
    this.world = input.world
    this.settings = input.settings
    this.now = input.now
    this.wall = input.wall
    this.path = input.path
    this.#search = input.search
    this.plane = planeOf(input)
    this.cookies = new Cookies(input.request.headers['cookie'])
    this.scope = scopeOf(input)
    this.session = findSession(input.world, this.#sessionIds()) ?? null
    this.account = this.session === null ? null : (input.world.users.get(this.session.userPk) ?? null)
  }

  get query(): URLSearchParams {
    this.#query ??= new URLSearchParams(this.#search)
    return this.#query
  }

  get form(): Form {
    this.#form ??= readForm(this.request.body, this.header('content-type') ?? '')
    return this.#form
  }

  /** Whether the caller claims to be logged in, rightly or not. */
  get claimsSession(): boolean {
    return this.#sessionIds().length > 0
  }

  /** Who asks, on a route that only accounts reach. */
  get viewer(): User {
    if (this.account === null) throw new Error('the route is open to nobody but accounts')
    return this.account
  }

  param(position: number): string {
    return this.params[position] ?? ''
  }

  header(name: string): string | undefined {
    const value = this.request.headers[name]
    return Array.isArray(value) ? value[0] : value
  }

  /** The name of this jar; a new one when it has none yet. */
  jarName(): string {
    return (
      this.cookies.get('mid') ?? this.header('x-mid') ?? this.form.get('device_id') ?? `Z${newToken(this.world, 27)}`
    )
  }

  #sessionIds(): readonly string[] {
    const authorization = this.header('authorization')
    const claimed = authorization?.startsWith(TOKEN_PREFIX) === true ? sessionIn(authorization) : null
    return claimed === null ? this.cookies.all('sessionid') : [claimed]
  }
}

/** The bearer token a mobile client keeps: base64 of JSON that names the session. */
export function mobileToken(session: Session): string {
  const claims = { ds_user_id: session.userPk, sessionid: session.sessionid, should_use_header_over_cookies: true }
  return TOKEN_PREFIX + Buffer.from(JSON.stringify(claims)).toString('base64')
}

function sessionIn(authorization: string): string | null {
  try {
    const claims: unknown = JSON.parse(Buffer.from(authorization.slice(TOKEN_PREFIX.length), 'base64').toString())
    const isClaims = typeof claims === 'object' && claims !== null && 'sessionid' in claims
    return isClaims && typeof claims.sessionid === 'string' ? claims.sessionid : null
  } catch {
    return null
  }
}

function planeOf({ host, request }: CallInput): Plane {
  if (host === `i.${INSTAGRAM_DOMAIN}`) return 'mobile'
  const { authorization, 'user-agent': userAgent } = request.headers
  if (typeof authorization === 'string' && authorization.startsWith('Bearer IGT:')) return 'mobile'
  return typeof userAgent === 'string' && userAgent.startsWith('Instagram ') ? 'mobile' : 'web'
}

/** Only a client that named instagram.com in an absolute URL believes to be there. */
function scopeOf({ request, host, isSecure }: CallInput): CookieScope {
  const isThere = !request.url.startsWith('/') && host?.endsWith(INSTAGRAM_DOMAIN) === true
  return isThere ? { domain: `.${INSTAGRAM_DOMAIN}`, isSecure } : { domain: null, isSecure: false }
}
