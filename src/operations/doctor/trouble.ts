/** One thing that stands in the way, and what to do about it; both for the person at the terminal, without secrets. */
export interface Trouble {
  what: string
  remedy: string
}

export interface Finding {
  /** What was looked at, e.g. `data directory`. */
  subject: string
  troubles: Trouble[]
  /** Said when there is no trouble, e.g. `3 proxies answer`. */
  detail: string
}
