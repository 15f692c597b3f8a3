/**
 * Every refusal that a client can meet, once: code, HTTP status, whether repeating the same request later can help,
 * and the sentence a person can act on. The dialects (`v2`, `v1`) only format these.
 */
export const ERROR_CATALOGUE = {
  VALIDATION_ERROR: { status: 400, retryable: false, message: 'The request has invalid fields.' },
  BAD_REQUEST: { status: 400, retryable: false, message: 'The request could not be read.' },
  UNAUTHORIZED: { status: 401, retryable: false, message: 'A valid bearer token is required.' },
  FORBIDDEN: { status: 403, retryable: false, message: 'This token may not do that.' },
  NOT_FOUND: { status: 404, retryable: false, message: 'There is nothing at this address.' },
  SESSION_NOT_FOUND: { status: 404, retryable: false, message: 'Session not found.' },
  MESSAGE_NOT_FOUND: { status: 404, retryable: false, message: 'Message not found.' },
  CONVERSATION_NOT_FOUND: { status: 404, retryable: false, message: 'Conversation not found.' },
  ACTION_NOT_FOUND: { status: 404, retryable: false, message: 'Action not found.' },
  RULE_NOT_FOUND: { status: 404, retryable: false, message: 'Rule not found.' },
  BULK_NOT_FOUND: { status: 404, retryable: false, message: 'Bulk not found.' },
  WEBHOOK_NOT_FOUND: { status: 404, retryable: false, message: 'Webhook not found.' },
  METHOD_NOT_ALLOWED: { status: 405, retryable: false, message: 'This address does not answer to that method.' },
  TWO_FACTOR_REQUIRED: {
    status: 409,
    retryable: false,
    message: 'Instagram asks for a security code; send it as twoFactorCode.',
  },
  CHALLENGE_REQUIRED: {
    status: 409,
    retryable: false,
    message: 'Instagram asks the account owner to confirm; open the hand-off link.',
  },
  SESSION_NOT_ACTIVE: { status: 409, retryable: false, message: 'The session cannot act now.' },
  SESSION_LIMIT_REACHED: { status: 409, retryable: false, message: 'The user has as many sessions as allowed.' },
  ACCOUNT_MISMATCH: { status: 409, retryable: false, message: 'The cookies belong to another Instagram account.' },
  ACCOUNT_IN_USE: { status: 409, retryable: false, message: 'Another user has a live session on this account.' },
  IDEMPOTENCY_KEY_IN_USE: {
    status: 409,
    retryable: true,
    message: 'The first request with this Idempotency-Key is still in progress.',
  },
  NOT_CANCELABLE: { status: 409, retryable: false, message: 'It can no longer be canceled.' },
  ACTION_CANCELED: { status: 409, retryable: false, message: 'The action was canceled before its turn.' },
  ACTION_EXPIRED: { status: 409, retryable: false, message: 'The action expired before its turn.' },
  BULK_ENDED: { status: 409, retryable: false, message: 'The bulk has ended.' },
  WEBHOOK_DISABLED: { status: 409, retryable: false, message: 'The webhook is disabled; enable it first.' },
  WEBHOOK_REPLAYING: { status: 409, retryable: true, message: 'A replay to the webhook is under way.' },
  WEBHOOK_LIMIT_REACHED: { status: 409, retryable: false, message: 'The user has as many webhooks as allowed.' },
  PAUSE_NOT_LIFTABLE: {
    status: 409,
    retryable: true,
    message: 'Instagram blocked the account just now; the pause cannot be lifted yet.',
  },
  CLOCK_BUSY: { status: 409, retryable: true, message: 'The clock is being advanced already.' },
  BODY_TOO_LARGE: { status: 413, retryable: false, message: 'The body is larger than allowed.' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, retryable: false, message: 'The body must be application/json.' },
  INVALID_CREDENTIALS: {
    status: 422,
    retryable: false,
    message: 'Instagram did not accept the username and password.',
  },
  INVALID_TWO_FACTOR_CODE: { status: 422, retryable: false, message: 'Instagram did not accept the security code.' },
  UNKNOWN_RECIPIENT: { status: 422, retryable: false, message: 'No Instagram user has the name of the recipient.' },
  TARGET_NOT_FOUND: { status: 422, retryable: false, message: 'Instagram does not know the target.' },
  MEDIA_NOT_ALLOWED: { status: 422, retryable: false, message: 'The media cannot be used.' },
  SUPPRESSED: { status: 422, retryable: false, message: 'The recipient asked not to be messaged.' },
  NOT_SUPPORTED: { status: 422, retryable: false, message: 'This is not supported.' },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    retryable: false,
    message: 'The Idempotency-Key was used for another request.',
  },
  REFUSED_BY_INSTAGRAM: { status: 422, retryable: false, message: 'Instagram refused this for the target.' },
  RATE_LIMITED: {
    status: 429,
    retryable: true,
    message: 'Too many requests; try again after the time in Retry-After.',
  },
  ACTION_LIMIT_EXCEEDED: {
    status: 429,
    retryable: true,
    message: 'The account has reached its limit for this action.',
  },
  HEADERS_TOO_LARGE: { status: 431, retryable: false, message: 'The headers are larger than allowed.' },
  INTERNAL_ERROR: {
    status: 500,
    retryable: true,
    message: 'Something went wrong on our side; the request id helps us find it.',
  },
  INSTAGRAM_ERROR: {
    status: 502,
    retryable: true,
    message: 'Instagram could not be reached or gave no usable answer.',
  },
  PROXY_ERROR: {
    status: 502,
    retryable: true,
    message: 'The proxy of the session could not be reached or refused the connection.',
  },
  UNAVAILABLE: { status: 503, retryable: true, message: 'The service cannot take this now; try again shortly.' },
  INSTAGRAM_TIMEOUT: { status: 504, retryable: true, message: 'Instagram did not answer in time.' },
} as const satisfies Record<string, { status: number; retryable: boolean; message: string }>

export type ErrorCode = keyof typeof ERROR_CATALOGUE

export interface FieldFault {
  path: string
  message: string
}

interface ErrorContext {
  /** Replaces the catalogue's sentence where a more exact one helps; shown to the client, so never internals. */
  message?: string
  /** Shown to the client. */
  details?: Record<string, unknown>
  /** Whole seconds, at least 1. */
  retryAfterSeconds?: number
  /** Further headers of the answer. */
  headers?: Record<string, string>
  /** For the log only. */
  cause?: unknown
}

/** An expected refusal from the catalogue. Anything else that is thrown is our bug and becomes `INTERNAL_ERROR`. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError'
  readonly code: ErrorCode
  readonly details: Record<string, unknown> | undefined
  readonly retryAfterSeconds: number | undefined
  readonly headers: Readonly<Record<string, string>>

  constructor(code: ErrorCode, context: ErrorContext = {}) {
    super(
      context.message ?? ERROR_CATALOGUE[code].message,
      context.cause === undefined ? undefined : { cause: context.cause },
    )
    this.code = code
    this.details = context.details
    this.retryAfterSeconds = context.retryAfterSeconds
    this.headers = context.headers ?? {}
  }

  get status(): number {
    return ERROR_CATALOGUE[this.code].status
  }
}

/** `VALIDATION_ERROR` that names each field. */
export function invalidFields(fields: FieldFault[]): GatewayError {
  const first = fields[0]
  const message = first === undefined ? ERROR_CATALOGUE.VALIDATION_ERROR.message : `${first.path}: ${first.message}`
  return new GatewayError('VALIDATION_ERROR', { message, details: { fields } })
}
