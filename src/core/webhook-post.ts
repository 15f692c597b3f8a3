/** One delivery to somebody's server: exactly one signed POST, no redirect followed. */
export interface WebhookPost {
  /** Whose connections it may use: a server that hangs for one endpoint takes none from another on the same host. */
  endpointId: string
  /** Absolute; its address is judged at every connection. */
  url: string
  headers: Record<string, string>
  body: string
  /** Milliseconds of machine time for everything: connecting, writing, reading the answer to its end. */
  deadlineMs: number
  /** Asked immediately before the first byte is written; false leaves everything unsent (a lease that ran out). */
  mayWrite: () => boolean
  /** Gives the exchange up. */
  signal?: AbortSignal
}

/**
 * Why there is no complete answer.
 * - `address_refused`, `dns`, `connect`, `tls`: no byte of the request left us
 * - `timeout`: the deadline passed, in whatever stage
 * - `reset`: the connection broke after the request was written
 * - `held_back`: `mayWrite` said no, or the exchange was given up
 */
export type WebhookFault = 'address_refused' | 'dns' | 'connect' | 'tls' | 'timeout' | 'reset' | 'held_back'

export interface WebhookAnswer {
  /** As far as it came, also where the answer broke off. */
  status: number | null
  /** Null = the answer is complete, or longer than anybody reads. */
  fault: WebhookFault | null
  /** `Retry-After` as it was sent. */
  retryAfter: string | null
  /** `webhook-delivery`: what the receiver wants done with the message. */
  directive: string | null
  /** The beginning of the answer's body; anything may stand in it. */
  excerpt: string
}

export interface WebhookTransport {
  /**
   * Judges where a URL leads before it is stored. Rejects with `TransportError` (`address_refused`, `dns`), whose text never
   * names the resolved address. What a name leads to later is judged again at every connection.
   */
  check(url: string): Promise<void>
  /** Never rejects. */
  post(request: WebhookPost): Promise<WebhookAnswer>
}
