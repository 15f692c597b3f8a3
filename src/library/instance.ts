import { createGateway as createWholeGateway } from '../gateway.ts'
import type { LocalV1 } from '../v1/index.ts'
import { type GatewayOptions, readGatewayOptions } from './config.ts'

/** A gateway inside this program. */
export interface LibraryGateway {
  /**
   * Begins to act. With `listen: true` it also serves both APIs over HTTP on `HOST` and `PORT`, and resolves with the
   * address; otherwise with null. Rejects when a port cannot be had, or when it was started or stopped before.
   */
  start(options?: { listen?: boolean }): Promise<{ url: string | null }>
  /** Lets what runs end and closes the store; the program can end then. Fine to repeat. */
  stop(): Promise<void>
}

/** Running gateways of this program, the newest last. */
const running: { gateway: LibraryGateway; v1: LocalV1 }[] = []

/** Sessions of the library belong to this user, unless told otherwise; a token with this `sub` reaches them over HTTP. */
const LIBRARY_USER = 'library'

/**
 * Makes the gateway that `InstagramSessionManager`, `InstagramSession` and `InstagramClient` work with: the newest one
 * that was started and not stopped. Throws `ConfigError` for options that cannot work, and rejects when the data directory
 * is in use. Without options it talks to the simulated Instagram and keeps its state in `data/sandbox`.
 *
 * ```ts
 * const gateway = await createGateway({ DATA_DIR: './data', SANDBOX_PORT: 0 })
 * await gateway.start()
 * await InstagramSessionManager.createSession({
 *   username: 'user123', sessionId: 'session_xyz', cookies: { sessionid: 'abc123' }, userAgent: 'Mozilla/5.0...',
 * })
 * const [response, status] = await new InstagramClient({ username: 'user123' }).followUser('target_user')
 * await gateway.stop()
 * ```
 */
export async function createGateway(
  options: GatewayOptions = {},
  { userId = LIBRARY_USER }: { userId?: string } = {},
): Promise<LibraryGateway> {
  const whole = await createWholeGateway(readGatewayOptions(options))
  let isUsed = false
  let stopped: Promise<void> | null = null
  const gateway: LibraryGateway = {
    async start({ listen = false } = {}) {
      if (isUsed) throw new Error('This gateway was started or stopped before; create another one.')
      isUsed = true
      const { url } = listen ? await whole.start() : await whole.startWithoutHttp()
      running.push({ gateway, v1: whole.localV1(userId) })
      return { url }
    },
    stop() {
      isUsed = true
      const index = running.findIndex((one) => one.gateway === gateway)
      if (index >= 0) running.splice(index, 1)
      stopped ??= whole.stop()
      return stopped
    },
  }
  return gateway
}

/** What the classes of the first document work with. */
export function runningV1(): LocalV1 {
  const newest = running.at(-1)
  if (newest === undefined) {
    throw new Error('No gateway is running in this program: await (await createGateway()).start() first.')
  }
  return newest.v1
}
