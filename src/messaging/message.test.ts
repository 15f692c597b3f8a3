import { describe, expect, it } from 'vitest'
import { parseDraft } from './content.ts'
import { parseMetadata, parseRecipient } from './message.ts'

describe('hashtags and mentions', () => {
  it.each([
    ['plain text', [], []],
    ['#sun and #Moon, #sun again', ['sun', 'Moon'], []],
    ['#größe #日本語 #प्रेम', ['größe', '日本語', 'प्रेम'], []],
    ['#1 is no tag, #1st is', ['1st'], []],
    ['a#b &#38; http://x.test/#top', ['top'], []],
    ['hi @North.Lamp. and @a_b!', [], ['north.lamp', 'a_b']],
    ['mail me@example.com', [], []],
    ['(@x) @x,@y', [], ['x', 'y']],
  ])('of "%s"', (text, hashtags, mentions) => {
    expect(parseMetadata(text)).toEqual({ hashtags, mentions })
  })
})

describe('a recipient', () => {
  it('is compared as Instagram does: without @ and in lower case', () => {
    expect(parseRecipient('@North.Lamp_1')).toBe('north.lamp_1')
  })

  it.each(['', '@', 'a b', 'a/b', 'ä', '@@x', 'x'.repeat(31)])('"%s" is refused', (name) => {
    expect(() => parseRecipient(name)).toThrow(expect.objectContaining({ code: 'VALIDATION_ERROR' }))
  })
})

describe('a text', () => {
  it('has 1 to 1000 bytes, counted as bytes and named so', () => {
    expect(() => parseDraft({ content: 'ä'.repeat(500) })).not.toThrow()
    expect(() => parseDraft({ content: 'ä'.repeat(501) })).toThrow('must be at most 1000 bytes of UTF-8, has 1002')
    expect(() => parseDraft({ content: ' \n' })).toThrow('must not be empty')
  })
})
