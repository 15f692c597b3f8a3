/** One request as the control face shows it: never a cookie, a password or a body. */
export interface LoggedRequest {
  no: number
  at: number
  method: string
  /** Without the query. */
  path: string
  kind: string
  account: string | null
  /** Null when the connection died without one. */
  status: number | null
  remotePort: number | null
  fault: string | null
}

const CAPACITY = 20_000

/** The newest requests, in a ring: a benchmark must not fill the memory. */
export class RequestLog {
  readonly #ring: LoggedRequest[] = []
  #last = 0

  get last(): number {
    return this.#last
  }

  add(request: Omit<LoggedRequest, 'no'>): void {
    this.#ring[this.#last % CAPACITY] = { no: ++this.#last, ...request }
  }

  clear(): void {
    this.#ring.length = 0
    this.#last = 0
  }

  /** Oldest first, from after `after`. */
  *after(after: number): Generator<LoggedRequest> {
    const first = Math.max(after, this.#last - CAPACITY)
    for (let no = first; no < this.#last; no++) {
      const request = this.#ring[no % CAPACITY]
      if (request !== undefined) yield request
    }
  }
}
