import type { Config, Secrets } from './config.ts'
import type { Option } from './option.ts'
import { OPTIONS } from './options.ts'
import { optionNames } from './read-config.ts'

/** One line a fact for the log at start: what is in effect, secrets only as set or not set. */
export function summarize(config: Config, secrets: Secrets): Record<string, unknown> {
  const shown: Record<string, string> = {}
  for (const [name, secret] of Object.entries(secrets)) shown[name] = secret === null ? 'not set' : 'set'
  return { ...config, secrets: shown }
}

/** The text of `docs/configuration.md`. */
export function renderConfigurationPage(): string {
  const rows = optionNames().map((name) => {
    const option: Option<unknown> = OPTIONS[name]
    const cells = [`\`${name}\``, option.type, option.range ?? '', defaultCell(option), option.description]
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  })
  return `# Configuration

The gateway runs with no configuration at all. What can be set is set by environment variables, or by lines of a \`.env\` file
in the working directory (the environment wins). They are read once at start; every fault is reported together and ends the
process with exit code 78. A secret can also be read from a file: \`NAME_FILE\` holds the file's path. This page is written
from \`src/config/options.ts\`.

| variable | type | allowed | default | meaning |
| --- | --- | --- | --- | --- |
${rows.join('\n')}
`
}

/** The text of `.env.example`: every option, commented out with its default. */
export function renderEnvExample(): string {
  const entries = optionNames().map((name) => {
    const option: Option<unknown> = OPTIONS[name]
    const note = option.defaultNote === undefined ? '' : ` Default: ${option.defaultNote.replaceAll('`', '')}.`
    const range = option.range === undefined ? '' : ` (${option.range.replaceAll('`', '')})`
    const value = option.defaultNote === undefined ? (option.default ?? '') : ''
    return `# ${option.description.replaceAll('`', '')}${range}${note}\n#${name}=${value}\n`
  })
  return `# Every option of the gateway; written from src/config/options.ts. All are optional.\n\n${entries.join('\n')}`
}

function defaultCell(option: Option<unknown>): string {
  if (option.defaultNote !== undefined) return option.defaultNote
  return option.default === null || option.default === '' ? 'none' : `\`${option.default}\``
}
