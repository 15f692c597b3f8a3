import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseMediaReference, pkOfShortcode, shortcodeOfPk } from './media-reference.ts'

const PK = '2110901750722920960'
const CODE = 'B1LbfVPlwIA'

describe('a shortcode', () => {
  it('is its number in base 64', () => {
    expect(pkOfShortcode(CODE)).toBe(PK)
    expect(shortcodeOfPk(PK)).toBe(CODE)
  })

  it('and a number name each other, whatever the number', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }), (pk) => {
        expect(pkOfShortcode(shortcodeOfPk(String(pk)) ?? '')).toBe(String(pk))
      }),
    )
  })

  it('may carry the suffix of a private link', () => {
    expect(pkOfShortcode(`${CODE}${'x'.repeat(28)}`)).toBe(PK)
  })

  it.each([
    '',
    '!',
    `${CODE}x`,
    `${CODE}${'x'.repeat(27)}`,
    'zzzzzzzzzzz',
    'AAAAAAAAAAA',
    'B1LbfVPlwI ',
    'Ｂ1LbfVPlwIA',
  ])('is not %j', (text) => {
    expect(pkOfShortcode(text)).toBeNull()
  })

  it.each([
    '',
    '0',
    '-1',
    '01',
    '1.5',
    '9223372036854775808',
    '12345678901234567890',
    'post_1',
    '1_2',
  ])('does not come from %j', (pk) => {
    expect(shortcodeOfPk(pk)).toBeNull()
  })
})

describe('what a person gives for a post, reel or story', () => {
  it.each([
    PK,
    `${PK}_70055667788`,
    '35',
    // Of the documents' form; none has the length and the first letter of a code.
    'post_1234567890',
    'post789',
    'media_id',
    'reel_123456',
    'story_1234567890',
    'comments_off',
    '12345678901',
  ])('is itself: %s', (text) => {
    expect(parseMediaReference(text)).toEqual({ type: 'media', mediaId: text })
  })

  it.each([
    CODE,
    ` ${CODE}\n`,
    `${CODE}${'a'.repeat(28)}`,
    `https://www.instagram.com/p/${CODE}/`,
    `http://instagram.com/p/${CODE}`,
    `HTTPS://WWW.INSTAGRAM.COM/reel/${CODE}/?igsh=abc#x`,
    `https://www.instagram.com/reels/${CODE}/`,
    `https://m.instagram.com/tv/${CODE}/`,
    `https://www.instagram.com/clay.fern/p/${CODE}/`,
    `https://www.instagram.com/clay.fern/reel/${CODE}/`,
    `https://www.instagram.com/p/${CODE}${'a'.repeat(28)}/`,
    `https://www.instagram.com/stories/clay.fern/${PK}/`,
    `https://www.instagram.com/stories/clay.fern/${PK}?x=1`,
  ])('is a number: %j', (text) => {
    expect(parseMediaReference(text)).toEqual({ type: 'media', mediaId: PK })
  })

  it.each([
    'https://www.instagram.com/share/p/BADtoken123/',
    'https://www.instagram.com/share/reel/_aBc/',
  ])('has to be opened first: %s', (text) => {
    expect(parseMediaReference(text)).toEqual({ type: 'share_link' })
  })

  it.each([
    '',
    ' ',
    'two words',
    '../x',
    'a/b',
    'x'.repeat(65),
    'https://',
    `https://example.com/p/${CODE}/`,
    `https://www.instagram.com.evil.example/p/${CODE}/`,
    `https://instagram.com@evil.example/p/${CODE}/`,
    `https://evil@www.instagram.com/p/${CODE}/`,
    `https://www.instagram.com:8443/p/${CODE}/`,
    `ftp://www.instagram.com/p/${CODE}/`,
    'https://www.instagram.com/',
    'https://www.instagram.com/clay.fern/',
    'https://www.instagram.com/p/',
    'https://www.instagram.com/p/not a code/',
    'https://www.instagram.com/share/',
    'https://www.instagram.com/stories/clay.fern/',
    `https://www.instagram.com/stories/highlights/${PK}/`,
    'https://www.instagram.com/stories/clay.fern/abc/',
    `https://www.instagram.com/explore/p/x/${CODE}`,
  ])('is nothing: %j', (text) => {
    expect(parseMediaReference(text)).toEqual({ type: 'unknown' })
  })
})
