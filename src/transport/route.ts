import type { Proxy, TransportRequest } from '../core/transport.ts'

export interface Endpoint {
  host: string
  port: number
}

/**
 * How one request travels:
 * - `direct`: a connection to the target.
 * - `forward`: plain http through an http(s) proxy, which reads the absolute form of the request line.
 * - `tunnel`: a connection through the proxy (CONNECT or SOCKS5) that the proxy cannot read when the target is https.
 */
export interface Route {
  kind: 'direct' | 'forward' | 'tunnel'
  target: Endpoint
  isTargetSecure: boolean
  proxy: Proxy | null
  /** What the request line names. */
  path: string
  hostHeader: string
  /** Equal keys may share connections; it holds the proxy's credentials and is never shown. */
  key: string
}

/** Reserved names (`host:port` or `host`) and the service of our own that each stands for; it speaks plain http. */
export type Names = ReadonlyMap<string, Endpoint>

/** The service that a reserved name stands for, or null. */
export function reserved(names: Names, { host, port }: Endpoint): Endpoint | null {
  return names.get(`${host}:${port}`) ?? names.get(host) ?? null
}

/** Null when the URL is not an absolute http(s) URL. */
export function planRoute({ url: text, proxy }: Pick<TransportRequest, 'url' | 'proxy'>, names: Names): Route | null {
  const url = URL.parse(text)
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) return null
  const target = {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port),
  }
  const isTargetSecure = url.protocol === 'https:' && reserved(names, target) === null
  const path = `${url.pathname}${url.search}`
  const kind = proxy === null ? 'direct' : !isTargetSecure && proxy.protocol !== 'socks5' ? 'forward' : 'tunnel'
  return {
    kind,
    target,
    isTargetSecure,
    proxy,
    path: kind === 'forward' ? `http://${url.host}${path}` : path,
    hostHeader: url.host,
    key: JSON.stringify([
      kind,
      kind === 'forward' ? null : [isTargetSecure, target.host, target.port],
      proxy === null ? null : [proxy.protocol, proxy.host, proxy.port, proxy.username, proxy.password],
    ]),
  }
}

/** The value of `Proxy-Authorization`, or null for a proxy without credentials. */
export function proxyAuthorization({ username, password }: Pick<Proxy, 'username' | 'password'>): string | null {
  if (username === undefined && password === undefined) return null
  return `Basic ${Buffer.from(`${username ?? ''}:${password ?? ''}`).toString('base64')}`
}
