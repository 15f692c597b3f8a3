import { isUtf8 } from 'node:buffer'
import { GatewayError, invalidFields } from '../core/errors.ts'

export const BODY_BYTES_MAX = 1024 * 1024
const DEPTH_MAX = 32
const MEMBERS_MAX = 20_000

const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c

/**
 * Parses a JSON body once, for every layer above. An empty body is no body (undefined), whatever its content type says.
 * Throws `BAD_REQUEST` for what is no JSON text of ours, `VALIDATION_ERROR` for a member that names the trouble.
 */
export function parseBody(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined
  if (!isUtf8(bytes)) throw new GatewayError('BAD_REQUEST', { message: 'The body is not valid UTF-8.' })
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
    throw new GatewayError('BAD_REQUEST', { message: 'The body starts with a byte order mark; leave it out.' })
  }
  checkShape(bytes)
  const text = bytes.toString('utf8')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new GatewayError('BAD_REQUEST', { message: 'The body is not valid JSON.' })
  }
  if (mayHoldBadText(text)) checkText(value, '')
  return value
}

/**
 * Text that no store and no Instagram takes: NUL, and halves of surrogate pairs. Returns the sentence about it, or null.
 */
export function textFault(value: string): string | null {
  if (value.includes('\0')) return 'must not contain the character U+0000'
  return value.isWellFormed() ? null : 'must not contain unpaired surrogates'
}

/** Judged on the raw bytes, because recursive walkers overflow on texts that the parser still takes. */
function checkShape(bytes: Buffer): void {
  let depth = 0
  let members = 0
  let inString = false
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index] as number
    if (inString) {
      if (byte === BACKSLASH) index += 1
      else if (byte === QUOTE) inString = false
    } else if (byte === QUOTE) {
      inString = true
    } else if (byte === 0x7b || byte === 0x5b) {
      depth += 1
      members += 1
      if (depth > DEPTH_MAX) {
        throw new GatewayError('BAD_REQUEST', { message: `The body is nested deeper than ${DEPTH_MAX} levels.` })
      }
    } else if (byte === 0x7d || byte === 0x5d) {
      depth -= 1
    } else if (byte === COMMA) {
      members += 1
    }
  }
  if (members > MEMBERS_MAX) {
    throw new GatewayError('BAD_REQUEST', { message: `The body has more than ${MEMBERS_MAX} members.` })
  }
}

/** In valid UTF-8, NUL and lone surrogates can only come from escapes; so nearly no body needs the walk below. */
function mayHoldBadText(text: string): boolean {
  if (text.includes('\\u')) return true
  for (const key of FORBIDDEN_KEYS) if (text.includes(key)) return true
  return false
}

function checkText(value: unknown, path: string): void {
  if (typeof value === 'string') {
    const fault = textFault(value)
    if (fault !== null) throw invalidFields([{ path, message: fault }])
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) checkText(item, `${path}[${index}]`)
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, member] of Object.entries(value)) {
      if (FORBIDDEN_KEYS.has(key)) throw invalidFields([{ path: join(path, key), message: 'is not an allowed name' }])
      if (textFault(key) !== null) throw invalidFields([{ path, message: 'has a field whose name is not clean text' }])
      checkText(member, join(path, key))
    }
  }
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`
}
