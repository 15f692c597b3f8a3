/** Reading the control face's JSON: what is wrong is said with the name of the field, and nothing is half done. */

export class InputError extends Error {
  override readonly name = 'InputError'
  readonly field: string
  readonly status: number

  constructor(field: string, message: string, status = 400) {
    super(message)
    this.field = field
    this.status = status
  }
}

/** One JSON object whose fields are read by name; a field that nobody read is an error. */
export class Fields {
  readonly #path: string
  readonly #object: Record<string, unknown>
  readonly #read = new Set<string>()

  constructor(value: unknown, path = '') {
    this.#path = path
    this.#object = asObject(value, path === '' ? 'body' : path)
  }

  has(name: string): boolean {
    return this.#object[name] !== undefined && this.#object[name] !== null
  }

  text(name: string): string {
    const value = this.optionalText(name)
    if (value === null) throw this.error(name, 'is required')
    return value
  }

  optionalText(name: string): string | null {
    const value = this.#take(name)
    if (value === null) return null
    if (typeof value !== 'string' || value === '') throw this.error(name, 'must be a text that is not empty')
    return value
  }

  /** A whole number within bounds. */
  optionalNumber(name: string, { min, max }: { min: number; max: number }): number | null {
    const value = this.#take(name)
    if (value === null) return null
    if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
      throw this.error(name, `must be a whole number from ${min} to ${max}`)
    }
    return value
  }

  flag(name: string): boolean | null {
    const value = this.#take(name)
    if (value === null) return null
    if (typeof value !== 'boolean') throw this.error(name, 'must be true or false')
    return value
  }

  oneOf<T extends string>(name: string, choices: readonly T[]): T {
    const value = this.#take(name)
    const chosen = choices.find((choice) => choice === value)
    if (chosen === undefined) throw this.error(name, `must be one of ${choices.join(', ')}`)
    return chosen
  }

  optionalOneOf<T extends string>(name: string, choices: readonly T[]): T | null {
    if (this.has(name)) return this.oneOf(name, choices)
    this.#read.add(name)
    return null
  }

  optionalObject(name: string): Fields | null {
    const value = this.#take(name)
    return value === null ? null : new Fields(value, this.pathOf(name))
  }

  optionalTexts(name: string): string[] | null {
    const value = this.#take(name)
    if (value === null) return null
    if (!Array.isArray(value) || !value.every((entry) => typeof entry === 'string')) {
      throw this.error(name, 'must be a list of texts')
    }
    return value
  }

  optionalTextMap(name: string): Record<string, string> {
    const value = this.#take(name)
    if (value === null) return {}
    const entries = Object.entries(asObject(value, this.pathOf(name)))
    for (const [key, text] of entries)
      if (typeof text !== 'string') throw this.error(`${name}.${key}`, 'must be a text')
    return Object.fromEntries(entries.map(([key, text]) => [key.toLowerCase(), String(text)]))
  }

  anything(name: string): unknown {
    return this.#take(name)
  }

  isNumber(name: string): boolean {
    return typeof this.#object[name] === 'number'
  }

  /** Called when everything was read. */
  end(): void {
    const unknown = Object.keys(this.#object).find((name) => !this.#read.has(name))
    if (unknown !== undefined) throw this.error(unknown, 'is not known here')
  }

  error(name: string, message: string): InputError {
    return new InputError(this.pathOf(name), message)
  }

  pathOf(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`
  }

  #take(name: string): unknown {
    this.#read.add(name)
    return this.#object[name] ?? null
  }
}

/** A list of objects, or one that stands for a list of one. */
export function fieldsOfList(value: unknown, max: number): Fields[] {
  if (!Array.isArray(value)) return [new Fields(value)]
  if (value.length === 0 || value.length > max) throw new InputError('body', `must hold 1 to ${max} entries`)
  return value.map((entry, position) => new Fields(entry, `[${position}]`))
}

/** A whole number in a query, or what stands for it when it is absent. */
export function queryNumber(
  query: URLSearchParams,
  name: string,
  { standard, max }: { standard: number; max: number },
): number {
  const text = query.get(name)
  if (text === null) return standard
  const value = Number(text)
  if (text === '' || !Number.isInteger(value) || value < 0 || value > max) {
    throw new InputError(name, `must be a whole number from 0 to ${max}`)
  }
  return value
}

function asObject(value: unknown, path: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new InputError(path, 'must be an object')
  return Object.fromEntries(Object.entries(value))
}
