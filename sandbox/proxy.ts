import { timingSafeEqual } from 'node:crypto'
import type { Answer } from './exchange.ts'
import { FILE_HOST } from './files.ts'

/**
 * The forward-proxy face: it proves that a client's proxy support works, so it knows one pair of credentials, and leads
 * to the sandbox itself and the names it stands for.
 */

/** The credentials of the documents' example. */
const CREDENTIALS = 'proxy_user:proxy_pass'
const CHALLENGE = 'Basic realm="sandbox"'

export type ProxyVerdict = { type: 'allowed'; url: string } | { type: 'login_needed' } | { type: 'forbidden' }

/**
 * A request in absolute form. Instagram's names need no credentials, for clients that are pointed at the sandbox as
 * their proxy; the sandbox's own address does, because whoever asks that way means to use a proxy.
 */
export function checkProxied(url: string, authorization: string | undefined, ownPort: number): ProxyVerdict {
  if (!URL.canParse(url)) return { type: 'forbidden' }
  const target = new URL(url)
  const isOwn = isOwnAddress(target.hostname, target.port === '' ? '80' : target.port, ownPort)
  if (authorization === undefined ? isOwn : !isRight(authorization)) return { type: 'login_needed' }
  if (isOwn) return { type: 'allowed', url: target.pathname + target.search }
  return isReserved(target.hostname) ? { type: 'allowed', url } : { type: 'forbidden' }
}

export type ConnectVerdict = 'allowed' | 'login_needed' | 'forbidden'

/** `authority` is `host:port`. A reserved name is served without TLS only: the sandbox has no certificate for it. */
export function checkConnect(authority: string, authorization: string | undefined, ownPort: number): ConnectVerdict {
  if (authorization === undefined || !isRight(authorization)) return 'login_needed'
  const colon = authority.lastIndexOf(':')
  const [host, port] = [authority.slice(0, colon), authority.slice(colon + 1)]
  if (isOwnAddress(host, port, ownPort)) return 'allowed'
  return isReserved(host) && port === '80' ? 'allowed' : 'forbidden'
}

export function askForProxyLogin(): Answer {
  return { kind: 'answered', status: 407, headers: { 'proxy-authenticate': CHALLENGE }, body: '' }
}

export function refuseTunnel(verdict: Exclude<ConnectVerdict, 'allowed'>): string {
  const [line, header] =
    verdict === 'login_needed'
      ? ['407 Proxy Authentication Required', `Proxy-Authenticate: ${CHALLENGE}\r\n`]
      : ['403 Forbidden', '']
  return `HTTP/1.1 ${line}\r\n${header}Content-Length: 0\r\nConnection: close\r\n\r\n`
}

function isOwnAddress(host: string, port: string, ownPort: number): boolean {
  return (host === 'localhost' || host === '[::1]' || host.startsWith('127.')) && port === String(ownPort)
}

function isReserved(host: string): boolean {
  return host === FILE_HOST || host === 'instagram.com' || host.endsWith('.instagram.com')
}

function isRight(authorization: string): boolean {
  const [scheme, encoded = ''] = authorization.split(' ')
  const given = Buffer.from(encoded, 'base64')
  const wanted = Buffer.from(CREDENTIALS)
  return scheme?.toLowerCase() === 'basic' && given.length === wanted.length && timingSafeEqual(given, wanted)
}
