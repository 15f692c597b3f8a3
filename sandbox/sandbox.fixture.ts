import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import { createSandbox, type EffectKind, type MovableClock, type Sandbox, standaloneClock } from './index.ts'
import { WebClient } from './web-client.fixture.ts'

/** A sandbox of its own for every test, and what tests ask of it. */
export class SandboxBench {
  readonly clock: MovableClock = standaloneClock()
  readonly #directory = mkdtempSync(join(tmpdir(), 'sandbox-'))
  readonly file = join(this.#directory, 'sandbox.jsonl')
  sandbox: Sandbox = this.#open()

  #open(): Sandbox {
    return createSandbox({ clock: this.clock, advance: this.clock.advance, file: this.file })
  }

  /** Ends it and starts another on what it left. */
  async restart(between: () => void = () => {}): Promise<void> {
    await this.sandbox.close()
    between()
    this.sandbox = this.#open()
  }

  client(): WebClient {
    return new WebClient(this.sandbox)
  }

  async loggedIn(): Promise<WebClient> {
    const client = this.client()
    await client.logIn('your_instagram_username', 'your_instagram_password')
    return client
  }

  async control(method: string, path: string, body?: unknown) {
    const answer = await this.sandbox.handle({
      method,
      url: `/_sandbox/${path}`,
      headers: {},
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (answer.kind !== 'answered') throw new Error(`the control face was ${answer.kind}`)
    return { status: answer.status, body: JSON.parse(String(answer.body)) }
  }

  pkOf(username: string): string {
    return this.sandbox.world.userNamed(username)?.pk ?? ''
  }

  ledger(kind: EffectKind) {
    return [...this.sandbox.world.ledger.values()].filter((entry) => entry.kind === kind)
  }

  async end(): Promise<void> {
    await this.sandbox.close()
    rmSync(this.#directory, { recursive: true })
  }
}

/** Registers a fresh bench for each test of a file; read it inside the tests. */
export function benchPerTest(): { readonly now: SandboxBench } {
  let current: SandboxBench | null = null
  beforeEach(() => {
    current = new SandboxBench()
  })
  afterEach(() => current?.end())
  return {
    get now() {
      if (current === null) throw new Error('no test is running')
      return current
    },
  }
}
