import type { KeywordMatch } from './rule.ts'

/** Texts that people take for the same: without case, accents and the width of characters. */
export function fold(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .replace(/\s+/gu, ' ')
    .trim()
}

/** The first of some keywords that a text has, as it was written in the rule; null = none. No pattern of a user is run. */
export function findKeyword(text: string, keywords: readonly string[], match: KeywordMatch): string | null {
  const folded = fold(text)
  return keywords.find((keyword) => has(folded, fold(keyword), match)) ?? null
}

function has(text: string, keyword: string, match: KeywordMatch): boolean {
  if (keyword === '') return false
  if (match === 'exact') return text === keyword
  if (match === 'contains') return text.includes(keyword)
  for (let at = text.indexOf(keyword); at !== -1; at = text.indexOf(keyword, at + 1)) {
    if (!isInWord(text, at, keyword.length)) return true
  }
  return false
}

const LETTER_BEFORE = /[\p{L}\p{N}_]$/u
const LETTER_AFTER = /^[\p{L}\p{N}_]/u

/** Whether what is found goes on as the same word on either side. What is no letter itself has no such sides. */
function isInWord(text: string, at: number, length: number): boolean {
  const found = text.slice(at, at + length)
  const before = LETTER_AFTER.test(found) && LETTER_BEFORE.test(text.slice(Math.max(0, at - 2), at))
  return before || (LETTER_BEFORE.test(found) && LETTER_AFTER.test(text.slice(at + length, at + length + 2)))
}

/** Whether a whole message is one of some words, whatever its punctuation. */
export function isWord(text: string, words: ReadonlySet<string>): boolean {
  return words.has(fold(text.replace(/^[\p{P}\p{S}\s]+|[\p{P}\p{S}\s]+$/gu, '')))
}
