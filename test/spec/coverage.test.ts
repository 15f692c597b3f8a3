import { existsSync, readFileSync } from 'node:fs'
import { parseSync, Visitor } from 'oxc-parser'
import { describe, expect, it } from 'vitest'
import { COVERAGE } from './coverage.ts'
import { DOCUMENTS, type DocumentName, readDocument } from './document.ts'
import { coverStatements, renderCoveragePage } from './render-coverage.ts'

const ROOT = new URL('../../', import.meta.url)

describe.each(Object.keys(DOCUMENTS) as DocumentName[])('the %s document', (name) => {
  const statements = coverStatements(name)

  it('says nothing that no test shows and no reason excuses', () => {
    expect(statements.length).toBeGreaterThan(80)
    const bare = statements.filter(({ coverage }) => coverage === undefined || coverage.length === 0)
    expect(bare).toEqual([])
  })

  it('says everything that the table speaks of', () => {
    const { statements: said } = readDocument(name)
    const unsaid = Object.entries(COVERAGE[name]).flatMap(([end, rows]) => {
      const under = said.filter(({ section }) => section.endsWith(end)).map(({ text }) => text)
      const texts = Object.keys(rows).filter((text) => text !== '*' && !under.includes(text))
      return under.length === 0 ? [end] : texts
    })
    expect(unsaid).toEqual([])
  })

  it('is shown by tests that exist', () => {
    const references = statements.flatMap(({ coverage }) => (typeof coverage === 'object' ? coverage : []))
    expect(references.length).toBeGreaterThan(50)
    const missing = references.filter(({ file, title }) => !titlesIn(file).has(title))
    expect([...new Set(missing.map(({ file, title }) => `${file}: ${title}`))]).toEqual([])
  })
})

it('stands in docs/spec-coverage.md as it is', () => {
  expect(readFileSync(new URL('docs/spec-coverage.md', ROOT), 'utf8')).toBe(renderCoveragePage())
})

const known = new Map<string, ReadonlySet<string>>()

/** The titles of the tests in a file, as they are written there. */
function titlesIn(file: string): ReadonlySet<string> {
  const titles = known.get(file) ?? readTitles(file)
  known.set(file, titles)
  return titles
}

function readTitles(file: string): ReadonlySet<string> {
  const path = new URL(file, ROOT)
  if (!existsSync(path)) return new Set()
  const source = readFileSync(path, 'utf8')
  if (file.endsWith('.py'))
    return new Set([...source.matchAll(/^ +def (test_\w+)/gm)].map(([, name]) => name as string))
  const titles = new Set<string>()
  const { program } = parseSync(file, source)
  new Visitor({
    CallExpression({ callee, arguments: [title] }) {
      const called = source.slice(callee.start, callee.end)
      const isTest = /^(it|test)\b/.test(called)
      if (isTest && title?.type === 'Literal' && typeof title.value === 'string') titles.add(title.value)
    },
  }).visit(program)
  return titles
}
