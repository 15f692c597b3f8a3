import { createHmac } from 'node:crypto'

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const STEP_MS = 30_000
const DIGITS = 6

/** Whether `code` is right at `instant` (RFC 6238: SHA-1, 30 s, 6 digits), one step early or late included. */
export function isTotp(code: string, secret: string, instant: number): boolean {
  const step = Math.floor(instant / STEP_MS)
  return [step - 1, step, step + 1].some((counter) => hotp(secret, counter) === code)
}

function hotp(secret: string, counter: number): string {
  const message = Buffer.alloc(8)
  message.writeBigUInt64BE(BigInt(Math.max(counter, 0)))
  const mac = createHmac('sha1', fromBase32(secret)).update(message).digest()
  const offset = mac.readUInt8(mac.length - 1) & 0xf
  const number = mac.readUInt32BE(offset) & 0x7fffffff
  return String(number % 10 ** DIGITS).padStart(DIGITS, '0')
}

function fromBase32(text: string): Buffer {
  const bytes: number[] = []
  let bits = 0
  let value = 0
  for (const letter of text.toUpperCase()) {
    const digit = BASE32.indexOf(letter)
    if (digit < 0) continue
    value = ((value << 5) | digit) & 0xfff
    bits += 5
    if (bits < 8) continue
    bits -= 8
    bytes.push((value >> bits) & 0xff)
  }
  return Buffer.from(bytes)
}
