import { expect, test } from 'vitest'
import { parsePrefer, preferenceApplied } from './prefer.ts'

test.each([
  [undefined, null],
  ['', null],
  ['respond-async', 0],
  ['wait=10', 10_000],
  ['Wait=10', 10_000],
  ['wait = "7"', 7_000],
  ['wait=0', 0],
  ['wait=61', 60_000],
  ['wait=999999', 60_000],
  ['wait=10, respond-async', 0],
  ['handling=lenient, wait=5; x=y', 5_000],
  ['wait=5, wait=9', 5_000],
  ['wait=-1', null],
  ['wait=1.5', null],
  ['wait=forever', null],
  ['return=minimal', null],
])('Prefer: %s', (header, expected) => {
  expect(parsePrefer(header)).toBe(expected)
})

test('says what was applied, and nothing where nothing was asked', () => {
  expect(preferenceApplied(null)).toEqual({})
  expect(preferenceApplied(0)).toEqual({ 'Preference-Applied': 'respond-async' })
  expect(preferenceApplied(7_000)).toEqual({ 'Preference-Applied': 'wait=7' })
})
