import { expect, it } from 'vitest'
import { parseUserReference } from './user-reference.ts'

it.each([
  ['70000001234', { platformId: '70000001234' }],
  ['north.lamp', { username: 'north.lamp' }],
  [' @North.Lamp ', { username: 'north.lamp' }],
  ['user_1234567890', { username: 'user_1234567890' }],
  ['https://www.instagram.com/North.Lamp/', { username: 'north.lamp' }],
  ['http://instagram.com/123?igsh=abc', { username: '123' }],
])('%j names %j', (text, reference) => {
  expect(parseUserReference(text)).toEqual(reference)
})

it.each([
  '',
  '@',
  'two words',
  'a-b',
  'x'.repeat(31),
  '1'.repeat(31),
  'https://www.instagram.com/',
  'https://www.instagram.com/p/DCSf3dWaVJW/',
  'https://www.instagram.com/north.lamp/p/DCSf3dWaVJW/',
  'https://evil.example/north.lamp/',
  'https://instagram.com@evil.example/north.lamp/',
])('%j names nobody', (text) => {
  expect(parseUserReference(text)).toBeNull()
})
