import Type from 'typebox'
import { expect, it } from 'vitest'
import { GatewayError } from '../core/errors.ts'
import { createBodyValidator, createQueryValidator, type Validate } from './validation.ts'

function faultsOf(validate: Validate, value: unknown): unknown {
  try {
    validate(value)
  } catch (error) {
    if (error instanceof GatewayError) return error.details?.['fields']
    throw error
  }
  return null
}

const oneOf = (names: readonly string[]) => Type.Union(names.map((name) => Type.Literal(name)))

it('names a field that is none of its choices with all of them', () => {
  const validate = createQueryValidator(Type.Object({ period: oneOf(['hour', 'day', 'week']) }))
  expect(faultsOf(validate, { period: 'year' })).toEqual([
    { path: 'period', message: 'must be one of hour, day, week' },
  ])
})

it('names all of many choices, and the one of one', () => {
  const many = Array.from({ length: 12 }, (_, no) => `kind_${no}`)
  const validate = createBodyValidator(Type.Object({ kind: oneOf(many), type: Type.Literal('follow') }))
  expect(faultsOf(validate, { kind: 'other', type: 'other' })).toEqual([
    { path: 'kind', message: `must be one of ${many.join(', ')}` },
    { path: 'type', message: 'must be follow' },
  ])
})

it('says how many a list must hold', () => {
  const validate = createBodyValidator(Type.Object({ names: Type.Array(Type.String(), { minItems: 1, maxItems: 2 }) }))
  expect(faultsOf(validate, { names: [] })).toEqual([{ path: 'names', message: 'must hold at least 1' }])
  expect(faultsOf(validate, { names: ['a', 'b', 'c'] })).toEqual([{ path: 'names', message: 'must hold at most 2' }])
})

it('shows eight faults at most', () => {
  const validate = createBodyValidator(Type.Object({}, { additionalProperties: false }))
  const body = Object.fromEntries(Array.from({ length: 20 }, (_, no) => [`field_${no}`, no]))
  expect(faultsOf(validate, body)).toHaveLength(8)
})
