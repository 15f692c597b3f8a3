import { GatewayError } from '../core/errors.ts'

/** The store cannot do it now. `reason` is a short clause fit for a client; what exactly happened is in `cause`. */
export function storeUnavailable(reason: string, cause: unknown): GatewayError {
  return new GatewayError('UNAVAILABLE', {
    message: `Nothing was stored: ${reason}. Try again shortly.`,
    retryAfterSeconds: 1,
    cause,
  })
}

export function isUnavailable(error: unknown): error is GatewayError {
  return error instanceof GatewayError && error.code === 'UNAVAILABLE'
}

type RefusalReason = 'directory_in_use' | 'directory_unusable' | 'other_mode' | 'newer_schema' | 'cannot_open'

/** Why the process may not start on this store. The message tells a person what to do. */
export class StoreRefusal extends Error {
  override readonly name = 'StoreRefusal'
  readonly reason: RefusalReason

  constructor(reason: RefusalReason, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.reason = reason
  }

  /** Exit code of a process that ends for this reason (`sysexits` where one fits). */
  get exitCode(): number {
    return EXIT_CODES[this.reason]
  }
}

const EXIT_CODES: Record<RefusalReason, number> = {
  directory_in_use: 75,
  directory_unusable: 73,
  other_mode: 78,
  newer_schema: 76,
  cannot_open: 74,
}
