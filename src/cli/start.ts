import { readConfig } from '../config/index.ts'
import { type CliContext, CliError, type Command } from './command.ts'
import { firstSteps } from './first-steps.ts'

export const start: Command = {
  name: 'start',
  summary: 'runs the gateway until Ctrl-C',
  usage: '',
  flags: {},
  async run(context) {
    const stopped = context.stopRequested()
    const read = readConfig(context.env)
    for (const warning of read.warnings) context.complain(warning)
    // Everything else of the program hangs on it, which `--help` does without.
    const [{ createGateway }, { VaultError }] = await Promise.all([
      import('../gateway.ts'),
      import('../sessions/index.ts'),
    ])
    const checkAnswers = context.env['CHECK_ANSWERS'] === '1'
    const starting = createGateway(read, { checkAnswers }).then(async (gateway) => ({
      gateway,
      running: await gateway.start(),
    }))
    const { gateway, running } = await starting.catch((error: unknown) => {
      if (error instanceof VaultError) throw new CliError(error.message, 1, error)
      throw cannotListen(error) ?? error
    })
    announce(context, running)
    await stopped
    await gateway.stop()
    return 0
  },
}

interface Running {
  url: string
  sandboxUrl: string | null
  /** Only on the first start of a data directory in sandbox mode. */
  firstToken: string | null
}

function announce(context: CliContext, { url, sandboxUrl, firstToken }: Running): void {
  context.print('')
  context.print(`instagram-gateway is ready on ${url}`)
  context.print(`  API docs  ${url}/docs`)
  if (sandboxUrl !== null) {
    context.print(`  Instagram is simulated; what it received: ${sandboxUrl}/_sandbox/ledger`)
  }
  if (firstToken === null) {
    context.print('  A token   npx instagram-gateway token --user user_123')
    return
  }
  context.print('')
  context.print(
    'First start. Pasted into another terminal, these lines log in to an account of the sandbox, send a message',
  )
  context.print('and read the conversation. The token is valid for 30 days.')
  context.print('')
  context.print(firstSteps({ url, token: firstToken }))
  context.print('')
}

function cannotListen(error: unknown): CliError | null {
  if (!(error instanceof Error) || !('code' in error)) return null
  const where = 'port' in error ? ` ${String(error.port)}` : ''
  if (error.code === 'EADDRINUSE') {
    return new CliError(
      `Port${where} is taken: stop what listens there, or set PORT or SANDBOX_PORT to a free one.`,
      1,
      error,
    )
  }
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND') {
    return new CliError(
      'HOST is no address of this machine: set it to 127.0.0.1, or to one that this machine has.',
      1,
      error,
    )
  }
  if (error.code === 'EACCES' && 'port' in error) {
    return new CliError(`Port${where} needs rights that this user lacks: set PORT to one above 1023.`, 1, error)
  }
  return null
}
