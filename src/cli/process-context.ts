import type { CliContext } from './command.ts'

/** A signal that comes again within this time is the same key press: npm and the terminal both deliver Ctrl-C. */
const SAME_PRESS_MS = 400

/** The real process: its streams and its signals. */
export function processContext(env: CliContext['env']): CliContext {
  return {
    env,
    print: (line) => {
      process.stdout.write(`${line}\n`)
    },
    complain: (line) => {
      process.stderr.write(`${line}\n`)
    },
    stopRequested,
  }
}

/** The first signal asks for an orderly stop, a second one ends the process at once. */
function stopRequested(): Promise<void> {
  return new Promise((resolve) => {
    let firstAt: bigint | null = null
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        // Read directly: there may be no clock yet, and nothing but this key press depends on it.
        const at = process.hrtime.bigint()
        if (firstAt === null) {
          firstAt = at
          resolve()
        } else if (at - firstAt > BigInt(SAME_PRESS_MS) * 1_000_000n) {
          process.stderr.write('Stopped without waiting for what was running.\n')
          process.exit(130)
        }
      })
    }
  })
}
