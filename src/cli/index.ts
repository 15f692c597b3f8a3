import { parseArgs } from 'node:util'
import packageJson from '../../package.json' with { type: 'json' }
import { CONFIG_EXIT_CODE, ConfigError } from '../config/index.ts'
import { nearest } from '../core/nearest.ts'
import { StoreRefusal } from '../store/faults.ts'
import { type CliContext, CliError, type Command } from './command.ts'
import { processContext } from './process-context.ts'

/** Loaded when asked for: `token` needs neither the server nor the sandbox. */
const COMMANDS: Record<string, () => Promise<Command>> = {
  start: async () => (await import('./start.ts')).start,
  token: async () => (await import('./token.ts')).token,
  sandbox: async () => (await import('./sandbox.ts')).sandbox,
  doctor: async () => (await import('./doctor.ts')).doctor,
  migrate: async () => (await import('./migrate.ts')).migrate,
  'rotate-keys': async () => (await import('./rotate-keys.ts')).rotateKeys,
}

/**
 * Runs one command and resolves with the process's exit code: 0 done, 1 refused or trouble found, 2 called wrongly, 78 the
 * configuration has faults. Never rejects for anything a person did.
 */
export async function runCli(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  context: CliContext = processContext(env),
): Promise<number> {
  try {
    return await dispatch(context, argv)
  } catch (error) {
    if (error instanceof ConfigError) {
      context.complain(error.message)
      return CONFIG_EXIT_CODE
    }
    if (error instanceof CliError || error instanceof StoreRefusal) {
      context.complain(error.message)
      return error.exitCode
    }
    if (isSystemError(error)) {
      context.complain(`The system refused: ${error.message}`)
      return 1
    }
    throw error
  }
}

/** A full disk, a missing right, a name that does not resolve: nothing of ours, so a stack would only hide the sentence. */
function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error && 'code' in error
}

async function dispatch(context: CliContext, argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    context.print(await overview())
    return name === undefined ? 2 : 0
  }
  if (name === '--version' || name === '-v') {
    context.print(packageJson.version)
    return 0
  }
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (load === undefined) {
    const near = nearest(name, Object.keys(COMMANDS))
    const hint = near === null ? 'instagram-gateway --help lists the commands' : `did you mean ${near}?`
    throw new CliError(`${name} is no command; ${hint}`, 2)
  }
  const command = await load()
  const flags = readFlags(command, rest)
  if (flags['help'] === true) {
    context.print(help(command))
    return 0
  }
  return command.run(context, flags)
}

function readFlags(command: Command, args: string[]) {
  try {
    const options = { ...command.flags, help: { type: 'boolean', short: 'h' } } as const
    return parseArgs({ args, options, strict: true, allowPositionals: false }).values
  } catch (error) {
    // parseArgs throws TypeErrors whose first sentence is made for the person who typed.
    const sentence = error instanceof Error ? error.message.split('. ')[0] : String(error)
    throw new CliError(`${command.name}: ${sentence}\n${usageLine(command)}`, 2, error)
  }
}

async function overview(): Promise<string> {
  const commands = await Promise.all(Object.values(COMMANDS).map((load) => load()))
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(13)}${summary}`)
  return [
    'Usage: instagram-gateway <command> [flags]',
    '',
    ...lines,
    '',
    'instagram-gateway <command> --help explains one. Options are environment variables, or lines of a .env file in the',
    'working directory; .env.example and docs/configuration.md list them.',
  ].join('\n')
}

function help(command: Command): string {
  const flags = Object.entries(command.flags).map(([name, { describe }]) => `  --${name.padEnd(12)}${describe}`)
  return [usageLine(command), '', `  ${command.summary}`, ...(flags.length === 0 ? [] : ['', ...flags])].join('\n')
}

function usageLine(command: Command): string {
  return `Usage: instagram-gateway ${command.name} ${command.usage}`.trimEnd()
}
