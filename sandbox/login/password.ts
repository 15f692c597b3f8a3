import { constants, createDecipheriv, createPublicKey, generateKeyPairSync, privateDecrypt } from 'node:crypto'
import type { World } from '../world/world.ts'

/** The id under which the mobile interface announces its one key. */
export const PASSWORD_KEY_ID = 87
const KEY_BITS = 2048
const IV_BYTES = 12
const TAG_BYTES = 16
const AES_KEY_BYTES = 32

/** The public half of the key for mobile passwords, as the base64 of a PEM that the key headers carry. */
export function passwordPublicKey(world: World): string {
  const pem = createPublicKey(privateKey(world)).export({ type: 'spki', format: 'pem' })
  return Buffer.from(pem).toString('base64')
}

/**
 * The password inside `#PWD_<name>:<version>:<instant>:<payload>`: version 0 is plain, 4 is sealed for our key. Null
 * for anything else, the browser's version 10 included, whose envelope nobody needs who can speak to a sandbox.
 */
export function openPassword(world: World, sealed: string): string | null {
  const [name, version, instant, ...rest] = sealed.split(':')
  if (instant === undefined || rest.length === 0 || name?.startsWith('#PWD_') !== true) return null
  const payload = rest.join(':')
  if (version === '0') return payload
  return version === '4' ? openEnvelope(world, instant, Buffer.from(payload, 'base64')) : null
}

/** `01`, key id, 12 bytes of IV, length of the sealed key (LE16), the sealed AES key, 16 bytes of tag, ciphertext. */
function openEnvelope(world: World, instant: string, envelope: Buffer): string | null {
  const keyStart = 2 + IV_BYTES + 2
  if (envelope.length < keyStart) return null
  const keyLength = envelope.readUInt16LE(keyStart - 2)
  const tagStart = keyStart + keyLength
  if (envelope.length < tagStart + TAG_BYTES) return null
  try {
    const aesKey = unseal(privateKey(world), envelope.subarray(keyStart, tagStart))
    const decipher = createDecipheriv('aes-256-gcm', aesKey, envelope.subarray(2, 2 + IV_BYTES))
    decipher.setAAD(Buffer.from(instant))
    decipher.setAuthTag(envelope.subarray(tagStart, tagStart + TAG_BYTES))
    return decipher.update(envelope.subarray(tagStart + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
  } catch {
    // Sealed for another key, or not sealed at all: for the caller a wrong password.
    return null
  }
}

/** PKCS #1 v1.5 by hand, because Node refuses that padding in some of its release lines. */
function unseal(key: string, sealed: Uint8Array): Buffer {
  const padded = privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, sealed)
  return padded.subarray(padded.length - AES_KEY_BYTES)
}

/** Made when first needed: a key costs a good part of a second. Kept with the world, since clients remember it. */
function privateKey(world: World): string {
  if (world.meta.passwordKey !== null) return world.meta.passwordKey
  const { privateKey: pem } = generateKeyPairSync('rsa', {
    modulusLength: KEY_BITS,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  world.keepPasswordKey(pem)
  return pem
}
