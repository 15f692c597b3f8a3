import type { ParseArgsOptionsConfig, parseArgs } from 'node:util'

/** What a command may touch of the process that runs it. */
export interface CliContext {
  /** Environment of the process, completed by `.env`. */
  env: Readonly<Record<string, string | undefined>>
  /** One line to standard output. */
  print(line: string): void
  /** One line to standard error. */
  complain(line: string): void
  /** Resolves at the first request to stop (Ctrl-C, SIGTERM). Asking for it takes over these signals. */
  stopRequested(): Promise<void>
}

export interface Command {
  name: string
  summary: string
  /** What stands after the name, e.g. `--user <id> [--role admin]`. */
  usage: string
  /** In the words of `parseArgs`, with a sentence each for the help. */
  flags: Record<string, ParseArgsOptionsConfig[string] & { describe: string }>
  /** Returns the exit code. Expected refusals are thrown as `CliError`. */
  run(context: CliContext, flags: Flags): Promise<number>
}

export type Flags = ReturnType<typeof parseArgs>['values']

/** A refusal for the person at the terminal: one sentence, and what to do about it. */
export class CliError extends Error {
  override readonly name = 'CliError'
  /** 2 = called wrongly, 1 = anything else. */
  readonly exitCode: number

  constructor(message: string, exitCode: 1 | 2 = 1, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.exitCode = exitCode
  }
}

/** The text of a flag, or null; for flags that are given at most once. */
export function textFlag(flags: Flags, name: string): string | null {
  const value = flags[name]
  return typeof value === 'string' ? value : null
}
