import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type OpenApiDocument, readApi } from '../sdks/generator/operation.ts'
import { renderPython } from '../sdks/generator/python.ts'
import { renderTypeScript } from '../sdks/generator/typescript.ts'
import { readConfig, renderConfigurationPage, renderEnvExample } from '../src/config/index.ts'
import { ERROR_CATALOGUE, type ErrorCode } from '../src/core/errors.ts'
import { createGateway } from '../src/gateway.ts'
import { wordingOf } from '../src/v1/index.ts'
import { renderCoveragePage } from '../test/spec/render-coverage.ts'
import { renderEventsPage } from './events-page.ts'

// Writes what is derived from the sources and committed: `npm run generate`. With --check it writes nothing and fails
// where a file differs.

const openApi = `${JSON.stringify(await describeApi(), null, 2)}\n`
const api = readApi(JSON.parse(openApi) as OpenApiDocument, ['/api/v2/instagram', '/api/instagram'])

const files: Record<string, string> = {
  'openapi.json': openApi,
  'sdks/typescript/src/operations.ts': renderTypeScript(api),
  'sdks/python/instagram_gateway/_operations.py': renderPython(api),
  'docs/configuration.md': renderConfigurationPage(),
  '.env.example': renderEnvExample(),
  'docs/errors.md': renderErrorsPage(),
  'docs/events.md': renderEventsPage(),
  'docs/spec-coverage.md': renderCoveragePage(),
}

const isCheck = process.argv.includes('--check')
for (const [path, wanted] of Object.entries(files)) {
  if (readOrNull(path) === wanted) continue
  if (isCheck) {
    console.error(`${path} is not what the sources say; run: npm run generate`)
    process.exitCode = 1
  } else {
    writeFileSync(path, wanted)
    console.log(`wrote ${path}`)
  }
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

function renderErrorsPage(): string {
  const codes = Object.keys(ERROR_CATALOGUE) as ErrorCode[]
  const rows = codes
    .toSorted((a, b) => ERROR_CATALOGUE[a].status - ERROR_CATALOGUE[b].status)
    .map((code) => {
      const { status, retryable, message } = ERROR_CATALOGUE[code]
      const v1 = wordingOf(code)
      const named = v1.code === code ? '' : `\`${v1.code}\`${v1.status === status ? '' : ` ${v1.status}`}`
      return `| ${status} | \`${code}\` | ${named} | ${retryable ? 'yes' : 'no'} | ${message} |`
    })
  return `# Errors

Every refusal has a stable \`code\`; the sentence may become more exact. *Retry* says whether the same request can succeed later
without a change: where it is yes, wait for \`Retry-After\` if the answer has one. A repeat with the same \`Idempotency-Key\` never
does the work twice. This page is written from \`src/core/errors.ts\`.

\`\`\`json
{ "success": false, "error": "Session not found.", "timestamp": "2024-01-01T12:00:00.000Z",
  "code": "SESSION_NOT_FOUND", "requestId": "req_…", "details": {} }
\`\`\`

The first document's API (\`/api/instagram\`) names them in its own way: *v1* says how, with its status where that is
another; where it says nothing, code and status are the same.

\`\`\`json
{ "success": false, "error_code": "INVALID_SESSION", "message": "Session not found.", "errors": {} }
\`\`\`

| status | code | v1 | retry | sentence |
| --- | --- | --- | --- | --- |
${rows.join('\n')}
`
}

/** What a gateway that is built, but never started, would serve. */
async function describeApi(): Promise<Record<string, unknown>> {
  const directory = mkdtempSync(join(tmpdir(), 'gateway-generate-'))
  const gateway = await createGateway(readConfig({ DATA_DIR: directory, SANDBOX_PORT: '0', LOG_LEVEL: 'warn' }))
  try {
    return gateway.describe()
  } finally {
    await gateway.stop()
    rmSync(directory, { recursive: true })
  }
}
