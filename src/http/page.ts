/** A page at the root, outside both APIs and without a token (the hand-off page, the dashboard). */
export interface Page {
  /** camelCase, stable; names it in logs and metrics. */
  operation: string
  method: 'GET' | 'POST'
  /** From the root, e.g. `/handoff/:token`. */
  path: string
  handler: (visit: PageVisit) => Promise<PageAnswer>
}

export interface PageVisit {
  params: Readonly<Record<string, string>>
  /** Fields of a submitted form (`application/x-www-form-urlencoded`); empty for GET. */
  form: Readonly<Record<string, string>>
  requestId: string
}

export interface PageAnswer {
  status: number
  contentType: string
  body: string | Uint8Array
  /** Beyond the ones every page gets: no-store, no referrer, no sniffing, and a policy that allows no script. */
  headers?: Record<string, string>
}
