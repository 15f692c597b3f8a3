import { connectionOf } from './gateway.ts'
import type { AcceptedMessage, Session } from './operations.ts'
import { sendRequest } from './send-request.ts'

/** An answer as it came, envelope and all. */
export interface Envelope<T> {
  success: true
  data: T
  message?: string
  timestamp: string
}

/** The client of the API's own documentation: two calls, which return the answer's JSON and throw `GatewayError`. */
export interface InstagramAPI {
  /** E.g. `https://your-api-domain.com/api/v2/instagram`. */
  baseURL: string
  token: string
  login(username: string, password: string): Promise<Envelope<Session>>
  sendMessage(sessionId: string, recipient: string, content: string): Promise<Envelope<AcceptedMessage>>
}

export function createInstagramAPI({ baseURL, token }: { baseURL: string; token: string }): InstagramAPI {
  return {
    baseURL,
    token,
    login(username, password) {
      return post(this, '/login', { username, password })
    },
    sendMessage(sessionId, recipient, content) {
      return post(this, '/message', { sessionId, recipientUsername: recipient, content })
    },
  }
}

/** Set `baseURL` and `token` before the first call. */
export const instagramAPI: InstagramAPI = createInstagramAPI({
  baseURL: 'https://your-api-domain.com/api/v2/instagram',
  token: 'your-jwt-token',
})

function post<T>({ baseURL, token }: InstagramAPI, path: string, body: unknown): Promise<Envelope<T>> {
  const request = { method: 'POST', url: baseURL.replace(/\/+$/, '') + path, body }
  return sendRequest(connectionOf({ token }), request, {}, (response) => response.json() as Promise<Envelope<T>>)
}
