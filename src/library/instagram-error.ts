import type { V1Answer, V1Data, V1Failure, V1Success } from '../v1/index.ts'

/**
 * A refusal, from calls that answer with a session rather than with `[response, status]`.
 *
 * ```ts
 * try {
 *   await InstagramSessionManager.createSession({
 *     username: 'user123', sessionId: 'session_xyz', cookies: { sessionid: 'worn-out' }, userAgent: 'Mozilla/5.0...',
 *   })
 * } catch (error) {
 *   if (!(error instanceof InstagramError)) throw error
 *   console.error(error.status, error.errorCode, error.message)
 * }
 * ```
 */
export class InstagramError extends Error {
  override readonly name = 'InstagramError'
  /** `INVALID_SESSION`, `RATE_LIMIT_EXCEEDED`, `REQUEST_FAILED`, `VALIDATION_ERROR`, or another of `docs/errors.md`. */
  readonly errorCode: string
  /** The HTTP status that the server gives with it. */
  readonly status: number
  /** Sentences by field. */
  readonly errors: Readonly<Record<string, readonly string[]>>

  constructor(failure: V1Failure, status: number) {
    super(failure.message)
    this.errorCode = failure.error_code
    this.status = status
    this.errors = failure.errors
  }
}

/** The data of a success. Throws `InstagramError`. */
export function dataOf<Data extends V1Data[keyof V1Data]>([response, status]: V1Answer<Data>): Data {
  if (isFailure(response)) throw new InstagramError(response, status)
  return response.data
}

function isFailure<Data>(response: V1Success<Data> | V1Failure): response is V1Failure {
  return !response.success
}
