import Type, { type TObject } from 'typebox'

/** For routes that take nothing there. */
export const NOTHING: TObject = Type.Object({}, { additionalProperties: false })

/**
 * The same schema, refusing fields it does not name: the contract says so for every body and query, and a schema that
 * forgot to say it would let a misspelt field vanish.
 */
export function closed<T extends TObject>(schema: T): T {
  return close(JSON.parse(JSON.stringify(schema))) as T
}

function close(node: unknown): unknown {
  if (typeof node !== 'object' || node === null) return node
  if (Array.isArray(node)) {
    for (const item of node) close(item)
    return node
  }
  const schema = node as Record<string, unknown>
  // Members of `allOf` see each other's fields as unknown, so they stay open.
  for (const [name, member] of Object.entries(schema)) if (name !== 'allOf') close(member)
  if (isFieldMap(schema['properties']) && schema['type'] === 'object' && !('additionalProperties' in schema)) {
    schema['additionalProperties'] = false
  }
  return schema
}

function isFieldMap(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}
