import { standaloneClock } from './clock.ts'
import { createSandbox } from './sandbox.ts'
import type { Listening } from './server.ts'

export interface RunOptions {
  port: number
  host: string
  /** Where the world is kept; in memory only without it. */
  file?: string
  seed?: number
}

/** Starts a sandbox in this process on a clock of its own. `close` ends it with everything written. */
export async function startSandboxAlone(options: RunOptions): Promise<Listening> {
  const clock = standaloneClock()
  const { file, seed } = options
  const sandbox = createSandbox({
    clock,
    advance: clock.advance,
    ...(file === undefined ? {} : { file }),
    ...(seed === undefined ? {} : { seed }),
  })
  try {
    const listening = await sandbox.listen({ port: options.port, host: options.host })
    return { ...listening, close: () => sandbox.close() }
  } catch (error) {
    await sandbox.close()
    throw error
  }
}

/** The `sandbox` command: serves until the process is asked to end. Rejects when the port cannot be had. */
export async function runSandboxAlone(options: RunOptions): Promise<void> {
  const listening = await startSandboxAlone(options)
  process.stdout.write(
    [
      `The sandbox listens on ${listening.url}`,
      `  what happened   ${listening.url}/_sandbox/ledger`,
      `  log in as       your_instagram_username / your_instagram_password`,
      '',
    ].join('\n'),
  )
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve)
    process.once('SIGTERM', resolve)
  })
  await listening.close()
}
