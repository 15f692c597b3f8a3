import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseJsonObject } from './json.ts'

const read = (text: string) => parseJsonObject(Buffer.from(text))?.['value']

describe('numbers in an answer', () => {
  it.each([
    ['9007199254740991', 9007199254740991],
    ['9007199254740993', '9007199254740993'],
    ['-9007199254740993', '-9007199254740993'],
    [' 340282366841710300949128123456789012345', '340282366841710300949128123456789012345'],
    ['1e3', 1000],
    ['1.5', 1.5],
    ['-2.5E-3', -0.0025],
    ['1e999', '1e999'],
  ])('are read as they stand: %s', (written, value) => {
    expect(read(`{"value":${written}}`)).toEqual(value)
    expect(read(`{"value":[1,${written}]}`)).toEqual([1, value])
    expect(read(`{"value":{"text":"a,1e9","n":\n${written}}}`)).toEqual({ text: 'a,1e9', n: value })
  })

  it('are read exactly beside long ids in texts, and the last of two equal names counts', () => {
    expect(read('{"token":"7000000000000000001","value":70000000000000001}')).toBe('70000000000000001')
    expect(read('{"value":1,"value":2}')).toBe(2)
    expect(read('{"value":10000000000000001,"value":2}')).toBe(2)
  })

  it('are whatever was written, in any document', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const written = JSON.stringify({ value })
        // Forces the exact reading of the same document.
        const exactly = `${written.slice(0, -1)},"long":12345678901234567890}`
        expect(parseJsonObject(Buffer.from(exactly))).toEqual({
          ...parseJsonObject(Buffer.from(written)),
          long: '12345678901234567890',
        })
      }),
    )
  })
})
