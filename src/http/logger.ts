import { type DestinationStream, type Logger, pino } from 'pino'
import type { Clock } from '../core/clock.ts'
import { GatewayError } from '../core/errors.ts'

const MESSAGE_LENGTH_MAX = 500

/**
 * One JSON object a line. Whatever is logged is picked field by field by its caller; errors, the one thing that is
 * handed over whole, are reduced here. Libraries hang requests, queries and configurations on their errors.
 */
export function createLogger(deps: {
  level: string
  clock: Pick<Clock, 'wall'>
  /** Standard output when absent. */
  destination?: DestinationStream
}): Logger {
  const options = {
    level: deps.level,
    base: null,
    timestamp: () => `,"time":"${new Date(deps.clock.wall()).toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: serializeError },
  }
  return deps.destination === undefined ? pino(options) : pino(options, deps.destination)
}

/** Type, code, own message and where it was thrown; never causes, never what else hangs on it. */
function serializeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error }
  const { code } = error as { code?: unknown }
  const shown = {
    type: error.name,
    ...(typeof code === 'string' ? { code } : {}),
    message: error.message.slice(0, MESSAGE_LENGTH_MAX),
  }
  if (error instanceof GatewayError && error.cause instanceof Error) {
    return { ...shown, cause: serializeError(error.cause) }
  }
  return error instanceof GatewayError ? shown : { ...shown, stack: frames(error) }
}

function frames(error: Error): string[] {
  const lines = (error.stack ?? '').split('\n').map((line) => line.trim())
  return lines.filter((line) => line.startsWith('at ')).slice(0, 12)
}
