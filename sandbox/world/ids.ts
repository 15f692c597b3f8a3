import { hash } from 'node:crypto'
import type { World } from './world.ts'

/**
 * Ids of the real thing's length and form, repeatable: each comes from the world's seed and its counter. The counter
 * is in every id, so none repeats; the digest only makes them look less regular.
 */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const TEN_DIGITS = 10

export function newUserPk(world: World): string {
  const counter = world.count()
  return `7${String(counter).padStart(7, '0')}${digits(world, counter, 3)}`
}

export function newMediaPk(world: World): string {
  return numbered(world, '35', 7)
}

export function newCommentPk(world: World): string {
  return numbered(world, '180', 4)
}

export function newThreadId(world: World): string {
  return numbered(world, '34028236684171030', 12)
}

export function newThreadV2Id(world: World): string {
  return numbered(world, '178', 4)
}

/** Items sort by id as they sort by time. */
export function newItemId(world: World, timestampUs: number): string {
  const counter = world.count()
  return `315${String(timestampUs).padStart(16, '0')}${String(counter).padStart(12, '0')}${digits(world, counter, 4)}`
}

export function newSessionId(world: World, userPk: string): string {
  return `${userPk}%3A${newToken(world, 14)}%3A${world.meta.counter % 30}%3A${newToken(world, 24)}`
}

/** Letters and digits only; at most 40 of them. */
export function newToken(world: World, length: number): string {
  const counter = world.count()
  let text = ''
  for (let round = 0; text.length < length; round++) {
    text += digest(world, counter, round, 'base64url').replaceAll('-', '').replaceAll('_', '')
  }
  return text.slice(0, length)
}

export function newUuid(world: World): string {
  const hex = digest(world, world.count(), 0, 'hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

/** The code in a media's URL: its pk in base 64, most significant digit first. */
export function shortcodeOf(mediaPk: string): string {
  let rest = BigInt(mediaPk)
  let code = ''
  while (rest > 0n) {
    code = ALPHABET.charAt(Number(rest & 63n)) + code
    rest >>= 6n
  }
  return code
}

function numbered(world: World, prefix: string, digestDigits: number): string {
  const counter = world.count()
  return prefix + String(counter).padStart(TEN_DIGITS, '0') + digits(world, counter, digestDigits)
}

function digits(world: World, counter: number, length: number): string {
  return BigInt(`0x${digest(world, counter, 0, 'hex').slice(0, 24)}`)
    .toString()
    .padStart(length, '0')
    .slice(-length)
}

function digest(world: World, counter: number, round: number, encoding: 'hex' | 'base64url'): string {
  return hash('sha256', `${world.meta.seed}:${counter}:${round}`, encoding)
}
