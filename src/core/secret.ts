import { createHash } from 'node:crypto'
import { inspect } from 'node:util'

const REDACTED = '[redacted]'

/**
 * A value that must not reach a log, an error or an answer by accident: printing, serialising or inspecting it gives
 * `[redacted]`. Only `reveal()` gives it back, so that every place which handles the plain value can be found.
 */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  reveal(): string {
    return this.#value
  }

  toString(): string {
    return REDACTED
  }

  toJSON(): string {
    return REDACTED
  }

  [inspect.custom](): string {
    return REDACTED
  }
}

/** What is stored of a token that is random enough to need no salt; whoever reads the store cannot use it. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}
