import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { runInNewContext } from 'node:vm'

const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>instagram-gateway: API reference</title>
<body>
<script id="api-reference" data-url="/openapi.json" data-configuration='{"telemetry":false,"withDefaultFonts":false,"hideClientButton":true,"showDeveloperTools":"never","agent":{"disabled":true},"mcp":{"disabled":true}}'></script>
<script src="/docs/scalar.js"></script>
</body>
</html>
`

const BUNDLE_START = 'var standalone_default = '

/** The API reference. Its script comes from this server, like everything it loads. */
export function readDocsPage(): string {
  return PAGE
}

/**
 * Scalar's browser bundle. The package ships it as one string inside a module that also imports a parser of OpenAPI
 * documents; importing that would cost tens of megabytes of memory for good, so the string is cut out of the file, per
 * request: four megabytes that nobody keeps.
 */
export async function readDocsScript(): Promise<string> {
  const path = createRequire(import.meta.url).resolve('@scalar/fastify-api-reference')
  const source = await readFile(path, 'utf8')
  const start = source.indexOf(BUNDLE_START)
  const end = source.indexOf('";\n', start)
  if (start < 0 || end < 0) throw new Error('the API reference package has another form than expected')
  // A JavaScript literal, not JSON: it has escapes that JSON does not know.
  return String(runInNewContext(source.slice(start + BUNDLE_START.length, end + 1)))
}
