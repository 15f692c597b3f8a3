import { Fault } from './option.ts'

/** Words by language; the languages are for whoever reads the configuration. */
export type WordsByLanguage = Readonly<Record<string, readonly string[]>>

const WORD_CHARACTERS_MAX = 60
const WORDS_MAX = 1_000

/** JSON of lists of words by language; `{}` = none. */
export function parseWords(text: string): WordsByLanguage | Fault {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return new Fault('holds no valid JSON')
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return new Fault('must be a JSON object')
  const words: Record<string, string[]> = {}
  for (const [language, list] of Object.entries(parsed)) {
    if (!Array.isArray(list) || list.length > WORDS_MAX || !list.every(isWord)) {
      return new Fault(`${JSON.stringify(language)} must be a list of words of 1 to ${WORD_CHARACTERS_MAX} characters`)
    }
    words[language] = list
  }
  return words
}

function isWord(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '' && value.length <= WORD_CHARACTERS_MAX
}
