/**
 * Texts with places for what is known of a contact: `{{username}}`, `{{fullName|there}}`. What stands behind the bar is
 * said where nothing is known; without one, the username. What a contact chose is put in as it is and never read as a
 * template.
 */

export const VARIABLES = ['username', 'fullName', 'firstName', 'keyword', 'account'] as const
type Variable = (typeof VARIABLES)[number]

export type Values = Readonly<Record<Variable, string | null>>

const PLACE = /\{\{([^{}]*)\}\}/g
const VALUE_CHARACTERS_MAX = 100
const BYTES_MAX = 1000

/** What is wrong with a template, or null. */
export function templateFault(template: string): string | null {
  if (template.trim() === '') return 'must not be empty'
  for (const [place, inside = ''] of template.matchAll(PLACE)) {
    if (!isVariable(nameOf(inside)))
      return `has ${place}, which is none of ${VARIABLES.map((name) => `{{${name}}}`).join(', ')}`
  }
  if (/\{\{|\}\}/.test(template.replace(PLACE, ''))) return 'has {{ or }} that belong to no variable'
  const bytes = Buffer.byteLength(template.replace(PLACE, ''), 'utf8')
  return bytes > BYTES_MAX ? `must be at most ${BYTES_MAX} bytes of UTF-8 without its variables, has ${bytes}` : null
}

/** The text to send, or why there is none. */
export function render(template: string, values: Values): { text: string } | { fault: 'text too long' | 'text empty' } {
  const text = template.replace(PLACE, (_, inside: string) => {
    const name = nameOf(inside)
    const bar = inside.indexOf('|')
    const value = isVariable(name) ? tame(values[name]) : ''
    if (value !== '') return value
    return bar === -1 ? tame(values.username) : inside.slice(bar + 1).trim()
  })
  if (text.trim() === '') return { fault: 'text empty' }
  return Buffer.byteLength(text, 'utf8') > BYTES_MAX ? { fault: 'text too long' } : { text }
}

function nameOf(inside: string): string {
  return (inside.split('|', 1)[0] as string).trim()
}

function isVariable(name: string): name is Variable {
  return (VARIABLES as readonly string[]).includes(name)
}

/** One line without anything that is not shown, and not longer than a name. */
function tame(value: string | null): string {
  const line = (value ?? '').replace(/[\p{C}\s]+/gu, ' ').trim()
  return [...line].slice(0, VALUE_CHARACTERS_MAX).join('')
}
