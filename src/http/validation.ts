import Type, { type TObject, type TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { Settings } from 'typebox/system'
import { type FieldFault, invalidFields } from '../core/errors.ts'
import { nearest } from '../core/nearest.ts'
import { textFault } from './body.ts'

/** Faults shown to a client. */
const FAULTS_MAX = 8
/** Where the validator stops collecting, so that a hostile body stays cheap; a choice has one for each thing it may be. */
const ERRORS_MAX = 32

/** Returns the value, checked. Throws `VALIDATION_ERROR` naming the fields. Never changes what the client sent. */
export type Validate = (value: unknown) => unknown

type TypeError = { keyword: string; instancePath: string; params: object; message: string }

/** Loaded with the first request that needs it: compiling schemas is a quarter of what the process would import. */
export function createBodyValidator(schema: TObject): Validate {
  Settings.Set({ maxErrors: ERRORS_MAX })
  const validator = Compile(schema)
  return (value) => {
    if (validator.Check(value)) return value
    throw invalidFields(faults(validator.Errors(value), schema, 'the body'))
  }
}

/** For path parameters: text, as it was decoded from the address. */
export function createParamsValidator(schema: TObject): Validate {
  const validate = createBodyValidator(schema)
  return (value) => {
    checkTexts(value as Record<string, unknown>)
    return validate(value)
  }
}

/**
 * For query strings, the one place where text becomes numbers and flags: `limit=50` for an integer, `validate=true` for
 * a boolean, and nothing more lenient. Repeated parameters are refused.
 */
export function createQueryValidator(schema: TObject): Validate {
  const validate = createBodyValidator(schema)
  return (value) => {
    const given = value as Record<string, unknown>
    checkTexts(given)
    const coerced: Record<string, unknown> = {}
    for (const [name, text] of Object.entries(given)) {
      coerced[name] = typeof text === 'string' ? coerce(text, schema.properties[name]) : text
    }
    return validate(coerced)
  }
}

function checkTexts(given: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(given)) {
    if (typeof value !== 'string') throw invalidFields([{ path: name, message: 'must be given once' }])
    const fault = textFault(value)
    if (fault !== null) throw invalidFields([{ path: name, message: fault }])
  }
}

function coerce(text: string, schema: TSchema | undefined): unknown {
  const type = (schema as { type?: string } | undefined)?.type
  if (type === 'integer' && /^-?(0|[1-9][0-9]{0,14})$/.test(text)) return Number(text)
  if (type === 'number' && /^-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,9})?$/.test(text)) return Number(text)
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true'
  return text
}

function faults(errors: readonly TypeError[], schema: TSchema, whole: string): FieldFault[] {
  const found = new Map<string, FieldFault>()
  const add = (path: string, message: string) => {
    const named = path === '' ? whole : path
    if (!found.has(named) && found.size < FAULTS_MAX) found.set(named, { path: named, message })
  }
  const choices = choicesByPlace(errors)
  for (const error of errors) {
    const path = readablePath(error.instancePath)
    if (error.keyword === 'const') {
      add(path, `must be ${choices.get(error.instancePath)}`)
    } else if (error.keyword === 'required') {
      for (const name of (error.params as { requiredProperties: string[] }).requiredProperties) {
        add(path === '' ? name : `${path}.${name}`, 'is required')
      }
    } else if (error.keyword === 'boolean') {
      add(path, unknownField(error.instancePath, schema))
    } else if (error.keyword !== 'additionalProperties') {
      add(path, sentence(error))
    }
  }
  return [...found.values()]
}

/** A choice comes as one fault for each thing that it is not; a person wants to hear them together. */
function choicesByPlace(errors: readonly TypeError[]): Map<string, string> {
  const allowed = Map.groupBy(
    errors.filter(({ keyword }) => keyword === 'const'),
    ({ instancePath }) => instancePath,
  )
  return new Map(
    [...allowed].map(([place, faults]) => {
      const values = new Set(faults.map(({ params }) => (params as { allowedValue: unknown }).allowedValue))
      return [place, values.size === 1 ? [...values].join() : `one of ${[...values].join(', ')}`]
    }),
  )
}

function sentence(error: TypeError): string {
  if (error.keyword === 'enum') {
    const { allowedValues } = error.params as { allowedValues: unknown[] }
    return `must be one of ${allowedValues.join(', ')}`
  }
  if (error.keyword === 'minItems') return `must hold at least ${(error.params as { limit: number }).limit}`
  if (error.keyword === 'maxItems') return `must hold at most ${(error.params as { limit: number }).limit}`
  if (error.keyword === 'pattern') return 'does not have the form it must have'
  if (error.keyword === 'anyOf') return 'has none of the allowed forms'
  return error.message
}

function unknownField(pointer: string, schema: TSchema): string {
  const names = pointer.split('/').slice(1).map(unescapePointer)
  const name = names.pop() ?? ''
  const near = nearest(name, namesAt(schema, names))
  return near === null ? 'is not a known field' : `is not a known field; did you mean ${near}?`
}

/** The field names that the schema knows at a place. */
function namesAt(schema: TSchema, path: readonly string[]): string[] {
  let at: Record<string, unknown> | undefined = schema as Record<string, unknown>
  for (const step of path) {
    const properties = at?.['properties'] as Record<string, Record<string, unknown>> | undefined
    at = properties?.[step] ?? (at?.['items'] as Record<string, unknown> | undefined)
  }
  return Object.keys((at?.['properties'] as object | undefined) ?? {})
}

function readablePath(pointer: string): string {
  let path = ''
  for (const step of pointer.split('/').slice(1)) {
    if (/^[0-9]+$/.test(step)) path += `[${step}]`
    else path += path === '' ? unescapePointer(step) : `.${unescapePointer(step)}`
  }
  return path
}

function unescapePointer(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~')
}

/** Checks what routes answer with, in tests: by status, null where an answer has no data. */
export function createAnswerValidators(
  answers: Readonly<Record<number, TSchema | null>>,
): ReadonlyMap<number, Validate | null> {
  const validators = new Map<number, Validate | null>()
  for (const [status, schema] of Object.entries(answers)) {
    if (schema === null) validators.set(Number(status), null)
    else validators.set(Number(status), createAnswerValidator(schema, status))
  }
  return validators
}

function createAnswerValidator(schema: TSchema, status: string): Validate {
  const validator = Compile(Type.Object({ data: schema }))
  return (value) => {
    if (validator.Check(value)) return value
    throw new Error(`The answer ${status} is not what its schema says: ${JSON.stringify(validator.Errors(value))}`)
  }
}
