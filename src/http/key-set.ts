import type { CryptoKey, FlattenedJWSInput, JSONWebKeySet, JWSHeaderParameters } from 'jose'
import type { Clock } from '../core/clock.ts'
import type { Transport } from '../core/transport.ts'

const FRESH_MS = 10 * 60_000
const COOLDOWN_MS = 30_000
const DEADLINE_MS = 5000

type KeyOf = (header: JWSHeaderParameters, token: FlattenedJWSInput) => Promise<CryptoKey>

/**
 * The key set of the operator's identity provider: fetched from that one address, kept for ten minutes, looked up again
 * for an unknown key at most every 30 seconds, and kept in use while the provider is down.
 */
export class RemoteKeySet {
  readonly #deps: { url: string; transport: Transport; clock: Clock }
  #keyOf: KeyOf | null = null
  #loadedAt = Number.NEGATIVE_INFINITY
  #triedAt = Number.NEGATIVE_INFINITY
  #loading: Promise<void> | null = null

  constructor(deps: { url: string; transport: Transport; clock: Clock }) {
    this.#deps = deps
  }

  /** The public key a token names. Rejects when the set has none, or several, that fit. */
  async find(header: JWSHeaderParameters, token: FlattenedJWSInput): Promise<CryptoKey> {
    if (this.#deps.clock.elapsed() - this.#loadedAt > FRESH_MS) await this.#load()
    try {
      return await this.#look(header, token)
    } catch (error) {
      if (!(await this.#load())) throw error
      return this.#look(header, token)
    }
  }

  #look(header: JWSHeaderParameters, token: FlattenedJWSInput): Promise<CryptoKey> {
    if (this.#keyOf === null) throw new Error('no key set has been read yet')
    return this.#keyOf(header, token)
  }

  /** False when it was tried too recently. A failed load leaves the last good set in place. */
  async #load(): Promise<boolean> {
    const { clock } = this.#deps
    if (this.#loading === null) {
      if (clock.elapsed() - this.#triedAt < COOLDOWN_MS) return false
      this.#triedAt = clock.elapsed()
      this.#loading = this.#fetch().finally(() => {
        this.#loading = null
      })
    }
    await this.#loading
    return true
  }

  async #fetch(): Promise<void> {
    const { url, transport, clock } = this.#deps
    try {
      const response = await transport({
        method: 'GET',
        url,
        headers: { accept: 'application/json' },
        proxy: null,
        deadlineMs: DEADLINE_MS,
      })
      if (response.status !== 200) return
      const { createLocalJWKSet } = await import('jose')
      // `createLocalJWKSet` checks the set's form and throws when it has another one.
      this.#keyOf = createLocalJWKSet(JSON.parse(Buffer.from(response.body).toString('utf8')) as JSONWebKeySet)
      this.#loadedAt = clock.elapsed()
    } catch {
      // The provider is down or talks nonsense: the last good set stays, and the cooldown spaces the next try.
    }
  }
}
