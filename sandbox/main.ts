import { parseArgs } from 'node:util'
import { runSandboxAlone } from './run.ts'

const DEFAULT_PORT = 3001

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: process.env['SANDBOX_PORT'] ?? String(DEFAULT_PORT) },
    host: { type: 'string', default: '127.0.0.1' },
    data: { type: 'string' },
    seed: { type: 'string' },
  },
})

await runSandboxAlone({
  port: Number(values.port),
  host: values.host,
  ...(values.data === undefined ? {} : { file: values.data }),
  ...(values.seed === undefined ? {} : { seed: Number(values.seed) }),
})
