import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { Secret } from './secret.ts'

test('a secret shows itself only when asked to', () => {
  const secret = new Secret('sessionid=abc123')
  const holder = { cookie: secret }
  const shown = [String(secret), `${secret}`, JSON.stringify(holder), inspect(holder), inspect(holder, { depth: 9 })]
  for (const text of shown) {
    expect(text).toContain('[redacted]')
    expect(text).not.toContain('abc123')
  }
  expect(secret.reveal()).toBe('sessionid=abc123')
  expect(Object.keys(secret)).toEqual([])
})
