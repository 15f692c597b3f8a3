import { describe, expect, it } from 'vitest'
import { render, templateFault, type Values } from './template.ts'
import { findKeyword, isWord } from './text.ts'

describe('a keyword', () => {
  it.each([
    ['What is the PRICE?', 'price', 'word', true],
    ['prices', 'price', 'word', false],
    ['underpriced price', 'price', 'word', true],
    ['¿Cuál es el précio?', 'precio', 'word', true],
    ['STRASSE', 'straße', 'word', true],
    ['ｐｒｉｃｅ', 'price', 'word', true],
    ['how  much', 'how much', 'word', true],
    ['love it 🔥!', '🔥', 'word', true],
    ['yes🔥', '🔥', 'word', true],
    ['prices', 'price', 'contains', true],
    ['Price', 'price', 'exact', true],
    ['Price?', 'price', 'exact', false],
    ['(a+)+$', '(a+)+$', 'contains', true],
    ['aaaa', '(a+)+$', 'contains', false],
  ] as const)('in %j is %j as %s: %s', (text, keyword, match, isFound) => {
    expect(findKeyword(text, ['never', keyword], match)).toBe(isFound ? keyword : null)
  })

  it('of a long hostile text is looked for in no time that grows faster than the text', () => {
    const text = 'a'.repeat(20_000)
    expect(findKeyword(text, ['a'.repeat(50)], 'word')).toBeNull()
  })

  it('that is a whole message is so whatever its case and punctuation', () => {
    const words = new Set(['stop', 'arret'])
    for (const text of ['STOP', ' stop. ', 'Stop!!', 'arrêt', '„Stop“']) expect(isWord(text, words)).toBe(true)
    for (const text of ['please stop', 'stop it', 'nonstop', '']) expect(isWord(text, words)).toBe(false)
  })
})

describe('a template', () => {
  const values: Values = { username: 'anna', fullName: 'Anna Bee', firstName: 'Anna', keyword: null, account: 'us' }
  const text = (template: string, more: Partial<Values> = {}) => render(template, { ...values, ...more })

  it('puts in what is known, and says something where nothing is', () => {
    expect(text('Hi {{firstName|there}} of {{ account }}')).toEqual({ text: 'Hi Anna of us' })
    expect(text('Hi {{fullName|there}}', { fullName: ' ' })).toEqual({ text: 'Hi there' })
    expect(text('Hi {{fullName}}', { fullName: null })).toEqual({ text: 'Hi anna' })
  })

  it('takes what a contact chose as it is: on one line, never as a template', () => {
    const fullName = '{{account}}\n\u202eevil\u0000 $& x'
    expect(text('Hi {{fullName}}!', { fullName })).toEqual({ text: 'Hi {{account}} evil $& x!' })
    const long = render('{{fullName}}', { ...values, fullName: 'x'.repeat(5_000) })
    expect(long).toEqual({ text: 'x'.repeat(100) })
  })

  it('that comes out empty or longer than a message may be is not sent', () => {
    expect(text('{{keyword| }}')).toEqual({ fault: 'text empty' })
    expect(text(`${'é'.repeat(495)}{{username}}`, { username: 'x'.repeat(30) })).toEqual({ fault: 'text too long' })
  })

  it.each([
    ['Hi {{name}}', '{{name}}'],
    ['Hi {{username', '{{'],
    ['Hi {{}}', '{{}}'],
    ['  ', 'empty'],
    ['é'.repeat(501), '1000 bytes'],
    ['{{constructor}}', '{{constructor}}'],
  ])('%j is refused, naming %j', (template, named) => {
    expect(templateFault(template)).toContain(named)
  })
})
