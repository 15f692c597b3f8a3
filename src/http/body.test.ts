import fc from 'fast-check'
import { expect, test } from 'vitest'
import { GatewayError } from '../core/errors.ts'
import { parseBody } from './body.ts'

/** The parsed value, or the code of the refusal; anything else that is thrown fails the test. */
function outcome(bytes: Buffer): unknown {
  try {
    return { value: parseBody(bytes) }
  } catch (error) {
    if (error instanceof GatewayError) return error.code
    throw error
  }
}

test('no bytes at all make it throw anything but a refusal', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      outcome(Buffer.from(bytes))
    }),
  )
})

test('whatever it accepts is what JSON says', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 10 }), (text) => {
      const result = outcome(Buffer.from(text))
      if (typeof result === 'object') expect(result).toEqual({ value: JSON.parse(text) })
    }),
  )
})

test('brackets and quotes inside strings are no structure', () => {
  const text = JSON.stringify({ content: `${'['.repeat(100)}\\"${'{'.repeat(100)}` })
  expect(outcome(Buffer.from(text))).toEqual({ value: JSON.parse(text) })
})

test('thirty-two levels and twenty thousand members are taken, one more is not', () => {
  const nested = (depth: number) => Buffer.from('['.repeat(depth) + ']'.repeat(depth))
  expect(outcome(nested(32))).toBeTypeOf('object')
  expect(outcome(nested(33))).toBe('BAD_REQUEST')
  const list = (members: number) => Buffer.from(JSON.stringify(Array.from({ length: members }, () => 1)))
  expect(outcome(list(20_000))).toBeTypeOf('object')
  expect(outcome(list(20_001))).toBe('BAD_REQUEST')
})

test('an empty body is no body', () => {
  expect(parseBody(Buffer.alloc(0))).toBeUndefined()
})
