import { Secret } from '../core/secret.ts'

/** One row of the option table: everything that reading, checking and documenting an option needs. */
export interface Option<T> {
  /** For the documentation, e.g. `integer`. */
  type: string
  /** As text; null = no default. */
  default: string | null
  /** What stands in the documentation where the default is no plain value. */
  defaultNote?: string
  secret: boolean
  /** Allowed values in words, for the documentation. */
  range?: string
  description: string
  /** Returns the value, or a `Fault` whose text completes "NAME …" and never repeats a secret. */
  parse(text: string): T | Fault
}

/** What is wrong with one option, e.g. `must be a whole number from 0 to 65535`. */
export class Fault {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

interface Basics<D> {
  default: D
  defaultNote?: string
  description: string
}

type WithDefault<T, D> = Option<T> & { default: D }

export function text<const D extends string | null>(
  basics: Basics<D> & { pattern?: RegExp; range?: string },
): WithDefault<string, D> {
  const { pattern, range } = basics
  return {
    ...basics,
    type: 'text',
    secret: false,
    parse: (value) =>
      pattern === undefined || pattern.test(value) ? value : new Fault(`must be ${range ?? `like ${pattern.source}`}`),
  }
}

export function integer<const D extends string | null>(
  basics: Basics<D> & { min: number; max: number },
): WithDefault<number, D> {
  const { min, max } = basics
  const range = `${min} to ${max}`
  return {
    ...basics,
    type: 'integer',
    secret: false,
    range,
    parse(value) {
      const number = /^-?[0-9]{1,15}$/.test(value) ? Number(value) : Number.NaN
      return number >= min && number <= max ? number : new Fault(`must be a whole number from ${range}`)
    },
  }
}

export function decimal<const D extends string | null>(
  basics: Basics<D> & { above: number; max: number },
): WithDefault<number, D> {
  const range = `above ${basics.above}, at most ${basics.max}`
  return {
    ...basics,
    type: 'number',
    secret: false,
    range,
    parse(value) {
      const number = /^[0-9]{1,9}(\.[0-9]{1,9})?$/.test(value) ? Number(value) : Number.NaN
      return number > basics.above && number <= basics.max ? number : new Fault(`must be a number ${range}`)
    },
  }
}

export function flag(basics: Basics<'true' | 'false'>): WithDefault<boolean, string> {
  return {
    ...basics,
    type: 'flag',
    secret: false,
    range: 'true or false',
    parse: (value) => (value === 'true' ? true : value === 'false' ? false : new Fault('must be true or false')),
  }
}

export function choice<const C extends string>(basics: Basics<C> & { choices: readonly C[] }): WithDefault<C, string> {
  const range = basics.choices.join(', ')
  return {
    ...basics,
    type: 'choice',
    secret: false,
    range,
    parse: (value) => basics.choices.find((choice) => choice === value) ?? new Fault(`must be one of ${range}`),
  }
}

export function url<const D extends string | null>(
  basics: Basics<D> & { protocols: readonly string[] },
): WithDefault<string, D> {
  const range = basics.protocols.map((protocol) => `${protocol}//…`).join(' or ')
  return {
    ...basics,
    type: 'URL',
    secret: false,
    range,
    parse(value) {
      const parsed = URL.canParse(value) ? new URL(value) : null
      if (parsed === null || !basics.protocols.includes(parsed.protocol)) return new Fault(`must be a URL ${range}`)
      if (parsed.username !== '' || parsed.password !== '') return new Fault('must not hold a user name or password')
      return value.replace(/\/+$/, '')
    },
  }
}

/** Separated by commas or spaces; every entry is checked by `entryFault`, which returns null for a good one. */
export function list(
  basics: Basics<string> & { range: string; entryFault: (entry: string) => string | null },
): WithDefault<string[], string> {
  return {
    ...basics,
    type: 'list',
    secret: false,
    parse(value) {
      const entries = split(value)
      for (const entry of entries) {
        const fault = basics.entryFault(entry)
        if (fault !== null) return new Fault(fault)
      }
      return entries
    },
  }
}

/** A secret; `fault` judges the plain value and must not repeat it. */
export function secret(basics: {
  description: string
  range?: string
  defaultNote?: string
  fault?: (value: string) => string | null
}): WithDefault<Secret, null> {
  return {
    ...basics,
    type: 'secret',
    default: null,
    secret: true,
    parse(value) {
      const fault = basics.fault?.(value) ?? null
      return fault === null ? new Secret(value) : new Fault(fault)
    },
  }
}

/** Entries of a list: separated by commas, spaces or lines. */
export function split(value: string): string[] {
  return value.split(/[\s,]+/).filter((entry) => entry !== '')
}
