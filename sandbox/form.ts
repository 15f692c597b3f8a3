import { isLosslessNumber, parse, stringify } from 'lossless-json'

/**
 * The fields of a request's body, whatever it came as: urlencoded, multipart, JSON, or the mobile client's signed body,
 * whose fields are merged with those around it. Nested values stay JSON text, so that no long id meets a JS number.
 */
export type Form = ReadonlyMap<string, string>

const EMPTY: Form = new Map()

export function readForm(body: Uint8Array | string | undefined, contentType: string): Form {
  if (body === undefined || body.length === 0) return EMPTY
  if (contentType.startsWith('multipart/form-data')) return unwrapSigned(multipartFields(body, contentType))
  const text = typeof body === 'string' ? body : Buffer.from(body).toString('utf8')
  if (contentType.startsWith('application/json')) return jsonFields(text)
  return unwrapSigned(new Map(new URLSearchParams(text)))
}

/** `signed_body` is `<signature>.<json>`; nobody verifies the signature, the live service included. */
function unwrapSigned(outer: Map<string, string>): Form {
  const signed = outer.get('signed_body')
  if (signed === undefined) return outer
  const inner = jsonFields(signed.slice(signed.indexOf('.') + 1))
  return new Map([...inner, ...outer])
}

function jsonFields(text: string): Map<string, string> {
  const fields = new Map<string, string>()
  const value = parseJson(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return fields
  for (const [name, field] of Object.entries(value)) {
    if (field === null || field === undefined) continue
    fields.set(name, isLosslessNumber(field) ? field.toString() : fieldText(field))
  }
  return fields
}

function fieldText(field: unknown): string {
  if (Array.isArray(field)) return idTexts(field).join()
  return typeof field === 'object' ? (stringify(field) ?? '') : String(field)
}

/** JSON, or undefined; numbers keep every digit. */
function parseJson(text: string): unknown {
  try {
    return parse(text)
  } catch {
    return undefined
  }
}

/**
 * The ids in any of the encodings that clients use for them: `[123]`, `["123"]`, `[[123]]`, `[["a","b"]]`, `1,2`.
 * Ids of 39 digits come unquoted too.
 */
export function readIds(text: string | undefined): string[] {
  if (text === undefined || text === '') return []
  const value = text.startsWith('[') ? parseJson(text) : text.split(',')
  return idTexts(value)
}

function idTexts(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(idTexts)
  if (isLosslessNumber(value)) return [value.toString()]
  if (typeof value === 'string' && value.trim() !== '') return [value.trim()]
  return []
}

/** Text fields of a multipart body; files are left out. */
function multipartFields(body: Uint8Array | string, contentType: string): Map<string, string> {
  const fields = new Map<string, string>()
  const boundary = /boundary="?([^";]+)"?/.exec(contentType)?.[1]
  if (boundary === undefined) return fields
  const text = typeof body === 'string' ? body : Buffer.from(body).toString('utf8')
  for (const part of text.split(`--${boundary}`).slice(1, -1)) {
    const gap = part.indexOf('\r\n\r\n')
    const head = part.slice(0, Math.max(gap, 0))
    const name = /name="([^"]*)"/.exec(head)?.[1]
    if (name === undefined || head.includes('filename=')) continue
    fields.set(name, part.slice(gap + 4).replace(/\r\n$/, ''))
  }
  return fields
}
