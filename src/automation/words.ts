import type { Words } from './deps.ts'
import { fold } from './text.ts'

/** The configured words as they are compared. */
export function createWords(words: { stop: readonly string[]; start: readonly string[] }): Words {
  return { stop: new Set(words.stop.map(fold)), start: new Set(words.start.map(fold)) }
}
