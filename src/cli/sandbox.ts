import { startSandboxAlone } from '../../sandbox/run.ts'
import { CliError, type Command, type Flags, textFlag } from './command.ts'

const PORT_MAX = 65_535
const HOST = '127.0.0.1'

export const sandbox: Command = {
  name: 'sandbox',
  summary: 'runs the simulated Instagram alone, for a gateway started with SANDBOX_URL',
  usage: '[--port 3001] [--data <file>] [--seed 1]',
  flags: {
    port: { type: 'string', describe: 'where it listens, on loopback; default SANDBOX_PORT, 3001' },
    data: { type: 'string', describe: 'a file to keep the world in; in memory only without it' },
    seed: { type: 'string', describe: 'what ids are made from; default SANDBOX_SEED, 1' },
  },
  async run(context, flags) {
    const port = wholeNumber(flags, 'port', context.env['SANDBOX_PORT'] ?? '3001', PORT_MAX)
    const seed = wholeNumber(flags, 'seed', context.env['SANDBOX_SEED'] ?? '1', Number.MAX_SAFE_INTEGER)
    const file = textFlag(flags, 'data')
    const stopped = context.stopRequested()
    const listening = await startSandboxAlone({ port, host: HOST, seed, ...(file === null ? {} : { file }) }).catch(
      (error: unknown) => {
        throw portTaken(error, port)
      },
    )
    context.print(`The simulated Instagram listens on ${listening.url}`)
    context.print(`  log in as      your_instagram_username / your_instagram_password`)
    context.print(`  what happened  ${listening.url}/_sandbox/ledger`)
    context.print(`  a gateway on it: SANDBOX_URL=${listening.url} npm start`)
    await stopped
    await listening.close()
    return 0
  },
}

function wholeNumber(flags: Flags, name: string, fallback: string, max: number): number {
  const text = textFlag(flags, name) ?? fallback
  const number = /^[0-9]{1,16}$/.test(text) ? Number(text) : Number.NaN
  if (!(number <= max)) throw new CliError(`sandbox: --${name} must be a whole number up to ${max}, not ${text}`, 2)
  return number
}

function portTaken(error: unknown, port: number): unknown {
  const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
  return isTaken
    ? new CliError(`${HOST}:${port} is taken: stop what listens there, or choose another --port`, 1, error)
    : error
}
