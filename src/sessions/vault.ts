import { createCipheriv, createDecipheriv } from 'node:crypto'
import type { Random } from '../core/random.ts'

/**
 * Envelope encryption of what must not be readable in a copy of the database: cookies, proxies, one-time secrets.
 *
 * Every value gets its own data key (AES-256-GCM); the data key is wrapped by a versioned key, so that rotating the
 * versioned key re-wraps 32 bytes a row and never touches the value. The row's identity is authenticated data of both
 * layers: a value copied to another row, or another column, does not open.
 *
 * Text form: `1.<key version>.<iv, tag, wrapped data key>.<iv, tag, ciphertext>`, the last two in base64url.
 */
export interface Vault {
  /** Version of the key that seals. */
  readonly currentVersion: number
  /** `identity` names the row and column, e.g. `sessions/<id>/jar`; opening needs the same one. */
  seal(plain: string, identity: string): string
  /** Throws `VaultError`: key missing, wrong key, wrong identity or damaged text, which are told apart only for the first. */
  open(sealed: string, identity: string): string
  /** The same value wrapped by the current key; null when it is already. Throws `VaultError` like `open`. */
  rewrap(sealed: string, identity: string): string | null
  /** Takes over a changed list of keys (the key file gained or lost a version). */
  useKeys(keys: readonly EncryptionKey[]): void
}

export interface EncryptionKey {
  /** Whole, at least 1; the highest one seals. */
  version: number
  /** 32 bytes. */
  key: Uint8Array
}

/** A sealed value, or a list of keys, that cannot be used. The text never shows key material or values. */
export class VaultError extends Error {
  override readonly name = 'VaultError'
}

const FORMAT = '1'
const ALGORITHM = 'aes-256-gcm'
const KEY_BYTES = 32
const IV_BYTES = 12
const TAG_BYTES = 16

/** Throws `VaultError` when `keys` is empty, repeats a version, or holds a key that is not 32 bytes. */
export function createVault(deps: { keys: readonly EncryptionKey[]; random: Random }): Vault {
  const { random } = deps
  let ring = keyRing(deps.keys)

  const keyOf = (version: number): Uint8Array => {
    const key = ring.keys.get(version)
    if (key === undefined) throw new VaultError(`the encryption key of version ${version} is missing`)
    return key
  }
  const unwrap = (sealed: string, identity: string): { version: number; dataKey: Buffer; body: string } => {
    const [format, version, wrapped, body, more] = sealed.split('.')
    if (format !== FORMAT || wrapped === undefined || body === undefined || more !== undefined) {
      throw new VaultError('a sealed value has an unknown form')
    }
    const number = Number(version)
    return { version: number, dataKey: decrypt(keyOf(number), wrapped, wrapContext(identity)), body }
  }
  const wrap = (dataKey: Uint8Array, identity: string): string =>
    `${FORMAT}.${ring.current}.${encrypt(keyOf(ring.current), dataKey, wrapContext(identity), random)}`

  return {
    get currentVersion() {
      return ring.current
    },
    seal(plain, identity) {
      const dataKey = random.bytes(KEY_BYTES)
      const body = encrypt(dataKey, Buffer.from(plain, 'utf8'), Buffer.from(identity), random)
      return `${wrap(dataKey, identity)}.${body}`
    },
    open(sealed, identity) {
      const { dataKey, body } = unwrap(sealed, identity)
      return decrypt(dataKey, body, Buffer.from(identity)).toString('utf8')
    },
    rewrap(sealed, identity) {
      if (sealedVersion(sealed) === ring.current) return null
      const { dataKey, body } = unwrap(sealed, identity)
      return `${wrap(dataKey, identity)}.${body}`
    },
    useKeys(keys) {
      ring = keyRing(keys)
    },
  }
}

/** The key version that a sealed text names; NaN when the text has another form. */
export function sealedVersion(sealed: string): number {
  const [format, version] = sealed.split('.', 2)
  return format === FORMAT ? Number(version) : Number.NaN
}

/**
 * Reads `<version>:<base64 of 32 bytes>` entries, separated by commas or lines: the form of `ENCRYPTION_KEYS` and of the
 * key file. Throws `VaultError` naming the entry by its place, never by its text.
 */
export function parseKeys(text: string): EncryptionKey[] {
  const entries = text.split(/[\s,]+/).filter((entry) => entry !== '')
  const keys = entries.map((entry, index) => {
    const match = /^([1-9][0-9]{0,8}):([A-Za-z0-9+/_-]{43}=?)$/.exec(entry)
    const key = Buffer.from(match?.[2] ?? '', 'base64')
    if (match === null || key.length !== KEY_BYTES) {
      throw new VaultError(`encryption key no. ${index + 1} is not of the form <version>:<base64 of 32 bytes>`)
    }
    return { version: Number(match[1]), key }
  })
  keyRing(keys)
  return keys
}

/** The text that `parseKeys` reads, one key a line. */
export function formatKeys(keys: readonly EncryptionKey[]): string {
  return keys.map(({ version, key }) => `${version}:${Buffer.from(key).toString('base64')}\n`).join('')
}

/** A key of the version after the newest. */
export function nextKey(keys: readonly EncryptionKey[], random: Random): EncryptionKey {
  const newest = keys.reduce((highest, { version }) => Math.max(highest, version), 0)
  return { version: newest + 1, key: Buffer.from(random.bytes(KEY_BYTES)) }
}

function keyRing(list: readonly EncryptionKey[]): { keys: Map<number, Uint8Array>; current: number } {
  const keys = new Map<number, Uint8Array>()
  for (const { version, key } of list) {
    if (keys.has(version)) throw new VaultError(`there are two encryption keys of version ${version}`)
    if (key.length !== KEY_BYTES) throw new VaultError(`the encryption key of version ${version} is not 32 bytes long`)
    keys.set(version, key)
  }
  if (keys.size === 0) throw new VaultError('there is no encryption key')
  return { keys, current: Math.max(...keys.keys()) }
}

/** Both layers authenticate the identity, told apart so that neither can stand in for the other. */
function wrapContext(identity: string): Buffer {
  return Buffer.from(`key of ${identity}`)
}

function encrypt(key: Uint8Array, plain: Uint8Array, context: Buffer, random: Random): string {
  const iv = random.bytes(IV_BYTES)
  const cipher = createCipheriv(ALGORITHM, key, iv).setAAD(context)
  const ciphertext = cipher.update(plain)
  cipher.final()
  return Buffer.concat([iv, cipher.getAuthTag(), ciphertext]).toString('base64url')
}

function decrypt(key: Uint8Array, text: string, context: Buffer): Buffer {
  const bytes = Buffer.from(text, 'base64url')
  if (bytes.length < IV_BYTES + TAG_BYTES) throw new VaultError('a sealed value is cut short')
  const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES })
  decipher.setAAD(context).setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES))
  const plain = decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES))
  try {
    decipher.final()
  } catch (cause) {
    throw new VaultError('a sealed value does not open: another key, another row, or damaged', { cause })
  }
  return plain
}
