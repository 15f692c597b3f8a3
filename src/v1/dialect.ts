/** How the first document words its answers: `{success, data, message}`, `{success, error_code, message, errors}`. */
import Type from 'typebox'
import { ERROR_CATALOGUE, type ErrorCode, type FieldFault, type GatewayError } from '../core/errors.ts'
import type { Dialect } from '../http/dialect.ts'

interface Wording {
  code: string
  status: number
  /** In place of the catalogue's sentence, where that names what only v2 has. */
  message?: string
}

const INVALID_SESSION: Wording = { code: 'INVALID_SESSION', status: 401 }
const RATE_LIMIT_EXCEEDED: Wording = { code: 'RATE_LIMIT_EXCEEDED', status: 429 }
const UNREACHED: Wording = { code: 'REQUEST_FAILED', status: 502 }
const REFUSED: Wording = { code: 'REQUEST_FAILED', status: 422 }
const INVALID_INPUT: Wording = { code: 'VALIDATION_ERROR', status: 400 }

/** The document's four codes. What it has no word for keeps code and status of the catalogue. */
const WORDINGS: Readonly<Partial<Record<ErrorCode, Wording>>> = {
  SESSION_NOT_FOUND: INVALID_SESSION,
  SESSION_NOT_ACTIVE: INVALID_SESSION,
  INVALID_CREDENTIALS: INVALID_SESSION,
  CHALLENGE_REQUIRED: {
    ...INVALID_SESSION,
    message: 'Instagram asks the account owner to confirm; do it at Instagram, then create the session again.',
  },
  RATE_LIMITED: RATE_LIMIT_EXCEEDED,
  ACTION_LIMIT_EXCEEDED: RATE_LIMIT_EXCEEDED,
  INSTAGRAM_ERROR: UNREACHED,
  INSTAGRAM_TIMEOUT: UNREACHED,
  PROXY_ERROR: UNREACHED,
  REFUSED_BY_INSTAGRAM: REFUSED,
  TARGET_NOT_FOUND: REFUSED,
  NOT_SUPPORTED: REFUSED,
  SUPPRESSED: REFUSED,
  BAD_REQUEST: INVALID_INPUT,
}

/** What v1 calls a refusal of the catalogue. */
export function wordingOf(code: ErrorCode): Wording {
  return WORDINGS[code] ?? { code, status: ERROR_CATALOGUE[code].status }
}

export const v1Dialect: Dialect = {
  name: 'v1',
  success: ({ data = {}, message = '' }) => JSON.stringify({ success: true, data, message }),
  failure(error) {
    const { code, status, message } = wordingOf(error.code)
    const isCatalogued = error.message === ERROR_CATALOGUE[error.code].message
    const body = JSON.stringify({
      success: false,
      error_code: code,
      message: isCatalogued ? (message ?? error.message) : error.message,
      errors: errorsOf(error),
    })
    return { status, body }
  },
  successSchema: (data) =>
    Type.Object({
      success: Type.Literal(true),
      data: data ?? Type.Object({}, { additionalProperties: false }),
      message: Type.String(),
    }),
  failureSchema: Type.Object(
    {
      success: Type.Literal(false),
      error_code: Type.String({ description: 'Stable; what programs go by.' }),
      message: Type.String({ description: 'One sentence a person can act on.' }),
      errors: Type.Record(Type.String(), Type.Array(Type.String()), {
        description: 'What is wrong with which field; empty where it is not about fields.',
      }),
    },
    { title: 'V1Failure' },
  ),
  failureCodes: (codes) =>
    Type.Object({ error_code: Type.Enum([...new Set(codes.map((code) => wordingOf(code).code))]) }),
}

function errorsOf(error: GatewayError): Record<string, string[]> {
  const fields = faultsOf(error)
  const byPath = Map.groupBy(fields, ({ path }) => path)
  return Object.fromEntries([...byPath].map(([path, faults]) => [path, faults.map(({ message }) => message)]))
}

/** `invalidFields` and the shell put them there. */
export function faultsOf(error: GatewayError): FieldFault[] {
  const fields = error.code === 'VALIDATION_ERROR' ? error.details?.['fields'] : undefined
  return Array.isArray(fields) ? (fields as FieldFault[]) : []
}
