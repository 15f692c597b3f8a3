import { once } from 'node:events'
import { connect, createServer } from 'node:net'

/** Why a server could not listen there (`EADDRINUSE`, `EACCES`, …), or null when it could. Port 0 is always free. */
export async function probePort(host: string, port: number): Promise<string | null> {
  const server = createServer()
  try {
    server.listen(port, host)
    await once(server, 'listening')
    return null
  } catch (error) {
    return codeOf(error)
  } finally {
    server.close()
  }
}

/** Opens and closes one connection, sending nothing. Null when it was accepted within `timeoutMs`, otherwise why not. */
export async function probeConnection(host: string, port: number, timeoutMs: number): Promise<string | null> {
  const socket = connect({ host, port, signal: AbortSignal.timeout(timeoutMs) })
  try {
    await once(socket, 'connect')
    return null
  } catch (error) {
    return codeOf(error)
  } finally {
    socket.destroy()
  }
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  if (error.name === 'AbortError') return 'ETIMEDOUT'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message
}
