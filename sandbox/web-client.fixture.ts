import type { Sandbox } from './index.ts'

/** A small browser for tests: a cookie jar, the headers that the web interface asks for, and nothing clever. */
export class WebClient {
  readonly cookies = new Map<string, string>()
  appId: string | null = '936619743392459'
  /** Instead of the cookie's value. */
  csrf: string | null = null
  readonly #sandbox: Sandbox

  constructor(sandbox: Sandbox) {
    this.#sandbox = sandbox
  }

  async logIn(username: string, password: string) {
    if (!this.cookies.has('csrftoken')) await this.get('/')
    const fields = { username, enc_password: `#PWD_INSTAGRAM_BROWSER:0:1760000000:${password}` }
    return this.post('/api/v1/web/accounts/login/ajax/', fields)
  }

  get(path: string) {
    return this.#exchange('GET', path)
  }

  post(path: string, fields: Record<string, string>) {
    return this.#exchange('POST', path, fields)
  }

  /** What came back, faults included. */
  async raw(method: string, path: string, fields?: Record<string, string>) {
    const answer = await this.#sandbox.handle({
      method,
      url: path,
      headers: {
        cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        'content-type': 'application/x-www-form-urlencoded',
        'x-csrftoken': this.csrf ?? this.cookies.get('csrftoken'),
        ...(this.appId === null ? {} : { 'x-ig-app-id': this.appId }),
      },
      ...(fields === undefined ? {} : { body: new URLSearchParams(fields).toString() }),
    })
    if (answer.kind === 'answered') this.#keep([answer.headers['set-cookie'] ?? []].flat())
    return answer
  }

  async #exchange(method: string, path: string, fields?: Record<string, string>) {
    const answer = await this.raw(method, path, fields)
    if (answer.kind !== 'answered') throw new Error(`the connection was ${answer.kind}`)
    const text = String(answer.body)
    // Tests look into answers of every shape.
    const body = String(answer.headers['content-type']).startsWith('application/json') ? JSON.parse(text) : null
    return { status: answer.status, headers: answer.headers, text, body }
  }

  #keep(lines: string[]): void {
    for (const line of lines) {
      const [pair = ''] = line.split(';')
      const at = pair.indexOf('=')
      if (line.includes('Max-Age=0')) this.cookies.delete(pair.slice(0, at))
      else this.cookies.set(pair.slice(0, at), pair.slice(at + 1))
    }
  }
}
