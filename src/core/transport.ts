/** Where a session's traffic goes out. A dead proxy fails the request; it never goes out directly instead. */
export interface Proxy {
  protocol: 'http' | 'https' | 'socks5'
  host: string
  port: number
  username?: string
  password?: string
}

export interface TransportRequest {
  method: 'GET' | 'POST'
  /** Absolute. */
  url: string
  headers: Record<string, string>
  body?: string | Uint8Array
  proxy: Proxy | null
  /** Milliseconds of machine time for everything: connecting, writing, reading. */
  deadlineMs: number
  /** Bytes of the answer's body; where absent or larger, the transport's own limit holds. */
  bodyBytesMax?: number
  /** Asked immediately before the first byte is written; false leaves everything unsent (a lease that ran out). */
  mayWrite?: () => boolean
}

export interface TransportResponse {
  status: number
  /** Lower-case names; `set-cookie` keeps every line. */
  headers: Record<string, string | string[]>
  /** Redirects are not followed; the body is capped. */
  body: Uint8Array
}

/** One HTTP exchange with the outside: exactly one request, never retried. Rejects only with `TransportError`. */
export type Transport = (request: TransportRequest) => Promise<TransportResponse>

/**
 * - `unsent`: certain that no byte of the request left us (no connection, DNS, TLS, proxy refused, lease ran out).
 * - `unknown`: the request may have arrived (timeout after connecting, reset, truncated answer).
 */
export type Certainty = 'unsent' | 'unknown'

export class TransportError extends Error {
  override readonly name = 'TransportError'
  readonly certainty: Certainty
  readonly kind: 'connect' | 'dns' | 'tls' | 'proxy' | 'address_refused' | 'lease' | 'timeout' | 'reset' | 'too_large'

  constructor(certainty: Certainty, kind: TransportError['kind'], message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.certainty = certainty
    this.kind = kind
  }
}
