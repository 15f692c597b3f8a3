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

/**
 * Starts a sandbox in this process on a clock of its own. `close` ends it with everything
 * written. Rejects when the port cannot be had.
 */
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
    // Where an earlier run had been moved to, this one goes on.
    await clock.advance(Math.max(0, sandbox.world.meta.reachedAt - clock.now()))
    const listening = await sandbox.listen({ port: options.port, host: options.host })
    return { ...listening, close: () => sandbox.close() }
  } catch (error) {
    await sandbox.close()
    throw error
  }
}
