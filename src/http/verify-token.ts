import { createSecretKey, type KeyObject } from 'node:crypto'
import type { Clock } from '../core/clock.ts'
import type { Secret } from '../core/secret.ts'
import { type ClaimRules, readClaims, type TokenFault, type VerifiedToken } from './claims.ts'
import type { RemoteKeySet } from './key-set.ts'
import type { Revocations } from './revocations.ts'
import type { Principal } from './route.ts'

const TOKEN_LENGTH_MAX = 8192
const KEY_ID_LENGTH_MAX = 64
/** Each of the two generations of the cache; a token is about 300 bytes. */
const CACHE_SIZE = 5000

/** Exactly three parts of base64url, checked before decoding: lenient decoders make many texts for one token. */
const BEARER = /^Bearer ([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)$/i

const SECRET_ALGORITHM = 'HS256'
const KEY_SET_ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA']
const TYPES: ReadonlySet<unknown> = new Set([undefined, 'JWT', 'at+jwt'])
/** Header members that bring their own key, or change what is signed. */
const REFUSED_MEMBERS = ['crit', 'b64', 'zip', 'jku', 'jwk', 'x5u', 'x5c', 'enc']

/**
 * Verifies bearer tokens. A token that was verified once is a map look-up until it expires or is revoked; the cache is
 * two generations of maps, so that a look-up never has to reorder anything.
 */
export class TokenVerifier {
  readonly #rules: ClaimRules
  readonly #secrets: readonly KeyObject[]
  readonly #keySet: RemoteKeySet | null
  readonly #revocations: Revocations
  readonly #clock: Clock
  #young = new Map<string, VerifiedToken>()
  #old = new Map<string, VerifiedToken>()

  constructor(deps: {
    rules: ClaimRules
    secrets: readonly Secret[]
    keySet: RemoteKeySet | null
    revocations: Revocations
    clock: Clock
  }) {
    this.#rules = deps.rules
    this.#secrets = deps.secrets.map((secret) => createSecretKey(secret.reveal(), 'utf8'))
    this.#keySet = deps.keySet
    this.#revocations = deps.revocations
    this.#clock = deps.clock
    deps.revocations.onChange(() => {
      this.#young.clear()
      this.#old.clear()
    })
  }

  /** The hot path: the principal of a header that was verified before and is still good, else null. */
  known(header: string | undefined): Principal | null {
    if (header === undefined) return null
    const token = this.#young.get(header) ?? this.#fromOld(header)
    if (token === undefined || token.expiresAt * 1000 <= this.#clock.wall()) return null
    return token.principal
  }

  async verify(header: string | undefined): Promise<Principal | TokenFault> {
    if (header === undefined) return 'missing'
    const token = BEARER.exec(header)?.[1]
    if (token === undefined || token.length > TOKEN_LENGTH_MAX) return 'malformed'
    const joseHeader = decodeHeader(token)
    if (joseHeader === null || !isPlainHeader(joseHeader)) return 'header'
    const payload = await this.#verifySignature(token, joseHeader['alg'])
    if (!(payload instanceof Uint8Array)) return payload
    const claims = parseObject(Buffer.from(payload).toString('utf8'))
    if (claims === null) return 'claims'
    const verified = readClaims(claims, this.#rules, Math.floor(this.#clock.wall() / 1000))
    if (typeof verified === 'string') return verified
    if (this.#revocations.isRevoked(verified.principal.userId, verified.issuedAt)) return 'revoked'
    this.#remember(header, verified)
    return verified.principal
  }

  async #verifySignature(token: string, algorithm: unknown): Promise<Uint8Array | TokenFault> {
    const { compactVerify } = await import('jose')
    if (algorithm === SECRET_ALGORITHM && this.#secrets.length > 0) {
      for (const secret of this.#secrets) {
        const payload = await compactVerify(token, secret, { algorithms: [SECRET_ALGORITHM] }).then(
          (result) => result.payload,
          () => null,
        )
        if (payload !== null) return payload
      }
      return 'signature'
    }
    const keySet = this.#keySet
    if (keySet === null || typeof algorithm !== 'string' || !KEY_SET_ALGORITHMS.includes(algorithm)) return 'algorithm'
    return compactVerify(token, (header, input) => keySet.find(header, input), { algorithms: KEY_SET_ALGORITHMS }).then(
      (result) => result.payload,
      () => 'signature',
    )
  }

  #fromOld(header: string): VerifiedToken | undefined {
    const token = this.#old.get(header)
    if (token !== undefined) this.#remember(header, token)
    return token
  }

  #remember(header: string, token: VerifiedToken): void {
    if (this.#young.size >= CACHE_SIZE) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(header, token)
  }
}

function isPlainHeader(header: Record<string, unknown>): boolean {
  const { kid } = header
  if (kid !== undefined && (typeof kid !== 'string' || kid.length > KEY_ID_LENGTH_MAX)) return false
  return TYPES.has(header['typ']) && REFUSED_MEMBERS.every((member) => !Object.hasOwn(header, member))
}

function decodeHeader(token: string): Record<string, unknown> | null {
  return parseObject(Buffer.from(token.slice(0, token.indexOf('.')), 'base64url').toString('utf8'))
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null
  } catch {
    return null
  }
}
