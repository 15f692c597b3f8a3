import { COVERAGE, type Coverage, type CoverageTable } from './coverage.ts'
import { DOCUMENTS, type DocumentName, readDocument, type Statement } from './document.ts'

/** A statement of a document with what shows that it holds. */
export interface CoveredStatement extends Statement {
  /** Undefined where the table says nothing of it. */
  coverage: Coverage | undefined
}

export function coverStatements(name: DocumentName): CoveredStatement[] {
  return readDocument(name).statements.map((statement) => ({
    ...statement,
    coverage: find(COVERAGE[name], statement),
  }))
}

/** The section whose name in the table is the longest end of the statement's own. */
function find(table: CoverageTable, { section, text }: Statement): Coverage | undefined {
  const [name] = Object.keys(table)
    .filter((end) => section.endsWith(end))
    .sort((left, right) => right.length - left.length)
  const rows = table[name ?? '']
  return rows?.[text] ?? rows?.['*']
}

/** `docs/spec-coverage.md`. */
export function renderCoveragePage(): string {
  const parts = (Object.keys(DOCUMENTS) as DocumentName[]).map(renderDocument)
  return `# What the two documents promise, and what shows it

Every sentence, endpoint and example of the two specification documents, with the test that shows that it holds, or the reason
why none does. Written from \`test/spec/coverage.ts\`; \`test/spec/coverage.test.ts\` fails when a statement is missing here or a
test that is named here does not exist.

${parts.join('\n')}`
}

function renderDocument(name: DocumentName): string {
  const sections = Map.groupBy(coverStatements(name), ({ section }) => section)
  const tables = [...sections].map(([section, statements]) => {
    const rows = statements.map(({ text, coverage }) => `| ${cell(text)} | ${cell(describe(coverage))} |`)
    const title = section.split(' › ').slice(1).join(' › ')
    return `### ${title}\n\n| says | shown by |\n| --- | --- |\n${rows.join('\n')}\n`
  })
  return `## [${DOCUMENTS[name]}](../test/spec/documents/${DOCUMENTS[name]})\n\n${tables.join('\n')}`
}

function describe(coverage: Coverage | undefined): string {
  if (coverage === undefined) return ''
  if (typeof coverage === 'string') return `*${coverage}*`
  return coverage.map(({ file, title }) => `[${title}](../${file})`).join('<br>')
}

function cell(text: string): string {
  return text.replace(/^\| /, '').replace(/ \|$/, '').replaceAll('|', '\\|')
}
