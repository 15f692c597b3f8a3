import { readFileSync } from 'node:fs'

/** A fenced block of a document, as it is printed. */
export interface Fence {
  /** `http`, `json`, `python`, `javascript`; empty where the document names none. */
  language: string
  code: string
  /** Headings above it, outermost first, joined by ` › `. */
  section: string
  /** A bold label right above it, such as `Request Body`. */
  label: string | null
  line: number
}

/** Something a document says: a sentence, an item of a list, a row of a table, or an example. */
export interface Statement {
  section: string
  text: string
}

export interface SpecDocument {
  fences: readonly Fence[]
  statements: readonly Statement[]
}

/** The two specification documents, word for word. */
export const DOCUMENTS = {
  first: 'instagram-integration.md',
  second: 'instagram-api.md',
} as const
export type DocumentName = keyof typeof DOCUMENTS

export function readDocument(name: DocumentName): SpecDocument {
  return parseDocument(readFileSync(new URL(`documents/${DOCUMENTS[name]}`, import.meta.url), 'utf8'))
}

/** Reads the part of Markdown that the documents use. */
function parseDocument(text: string): SpecDocument {
  const fences: Fence[] = []
  const statements: Statement[] = []
  const headings: string[] = []
  let label: string | null = null
  const lines = text.split('\n')
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] as string
    const section = headings.filter((heading) => heading !== undefined).join(' › ')
    const [, marks, title] = /^(#+) (.+)$/.exec(line) ?? []
    if (marks !== undefined && title !== undefined) {
      headings.length = marks.length - 1
      headings[marks.length - 1] = title
      label = null
    } else if (line.startsWith('```')) {
      const end = lines.indexOf('```', at + 1)
      const fence = { language: line.slice(3), code: lines.slice(at + 1, end).join('\n'), section, label, line: at + 1 }
      fences.push(fence)
      statements.push(...statementsOf(fence))
      at = end
      label = null
    } else if (/^\*\*[^*]+\*\*$/.test(line)) {
      label = line.replaceAll('*', '').replace(/:$/, '')
    } else {
      const said = statementIn(line)
      if (said !== null) statements.push({ section, text: said })
    }
  }
  return { fences, statements }
}

/** Every line of an `http` block is an endpoint of its own; other blocks are one example each. */
function statementsOf({ language, code, section, label, line }: Fence): Statement[] {
  if (language === 'http') {
    const endpoints = code.split('\n').filter((endpoint) => endpoint !== '')
    return endpoints.map((endpoint) => ({ section, text: `\`${endpoint}\`` }))
  }
  const name = label ?? (language === '' ? 'Text' : language)
  return [{ section, text: `${name} (example in line ${line})` }]
}

function statementIn(line: string): string | null {
  const text = line.replace(/^(?:[-*]|\d+\.) /, '').trim()
  const isRuleOfTable = /^\|[-| ]+\|$/.test(text)
  return text === '' || isRuleOfTable || text.startsWith('| Action |') ? null : text
}

/** A request that a document prints, and the answer that it prints for it. */
export interface Exchange {
  title: string
  method: string
  /** Below the API's base, with its placeholders. */
  path: string
  request: unknown
  response: unknown
}

/** The exchanges of the second document, by the title of their section. */
export function readExchanges({ fences }: SpecDocument): ReadonlyMap<string, Exchange> {
  const exchanges = new Map<string, Exchange>()
  for (const { section, code } of fences.filter(({ language }) => language === 'http')) {
    const title = section.split(' › ').at(-1) as string
    const [method, address] = code.trim().split(' ') as [string, string]
    const printed = (label: string) => {
      const fence = fences.find((one) => one.section === section && one.label === label)
      return fence === undefined ? undefined : parseCommentedJson(fence.code)
    }
    exchanges.set(title, {
      title,
      method,
      // The base address that the document names ends in `/instagram` already.
      path: address.replace(/^\/instagram/, ''),
      request: printed('Request Body'),
      response: printed('Response'),
    })
  }
  return exchanges
}

/** The documents explain JSON with comments at the ends of lines. */
export function parseCommentedJson(code: string): unknown {
  return JSON.parse(code.replaceAll(/\s\/\/ .*$/gm, ''))
}
