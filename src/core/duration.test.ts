import { expect, test } from 'vitest'
import { parseDuration } from './duration.ts'

test.each([
  ['90s', 90_000],
  ['15m', 900_000],
  ['12h', 43_200_000],
  ['30d', 2_592_000_000],
])('reads %s', (text, ms) => {
  expect(parseDuration(text)).toBe(ms)
})

test.each(['', '30', 'd', '-1d', '1.5h', '1w', '1d ', '9999999d'])('refuses %j', (text) => {
  expect(parseDuration(text)).toBeNull()
})
