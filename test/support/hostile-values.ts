/** What a hostile or careless client sends, made from the API's own description, so that a new field is tried at once. */

/** As much of JSON Schema as our description uses. */
export interface Schema {
  type?: string
  const?: unknown
  enum?: unknown[]
  anyOf?: Schema[]
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  pattern?: string
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  minItems?: number
  maxItems?: number
}

/** One body that must be refused, and the top-level field that the refusal has to name. */
export interface BadBody {
  title: string
  raw: string
  field: string
}

/** A value that satisfies the schema: what is required, and what is `known` by the name of its field. */
export function sample(schema: Schema, known: Readonly<Record<string, unknown>>, name = ''): unknown {
  if (name in known) return known[name]
  if (schema.const !== undefined) return schema.const
  if (schema.enum !== undefined) return schema.enum[0]
  if (schema.anyOf !== undefined) return sample(schema.anyOf[0] as Schema, known, name)
  switch (schema.type) {
    case 'object': {
      const given = Object.keys(schema.properties ?? {}).filter((key) => key in known)
      const names = new Set([...(schema.required ?? []), ...given])
      return Object.fromEntries([...names].map((key) => [key, sample(propertyOf(schema, key), known, key)]))
    }
    case 'array':
      return Array.from({ length: schema.minItems ?? 1 }, () => sample(schema.items ?? {}, known))
    case 'integer':
    case 'number':
      return schema.minimum ?? (schema.exclusiveMinimum === undefined ? 1 : schema.exclusiveMinimum + 1)
    case 'boolean':
      return true
    case 'null':
      return null
    default:
      return sampleText(schema)
  }
}

/** Every way in which one field of a body can be wrong, the rest being right. */
export function badBodies(schema: Schema, known: Readonly<Record<string, unknown>>): BadBody[] {
  const base = sample(schema, known) as Record<string, unknown>
  const bodies: BadBody[] = []
  const add = (title: string, field: string, body: unknown) => bodies.push({ title, field, raw: JSON.stringify(body) })
  for (const name of schema.required ?? []) {
    add(`${name} missing`, name, Object.fromEntries(Object.entries(base).filter(([key]) => key !== name)))
  }
  for (const unknown of ['surely_unknown', '__proto__', 'constructor']) {
    // A computed name, because a literal `__proto__` would set the prototype and vanish.
    add(`unknown field ${unknown}`, unknown, { ...base, ...Object.fromEntries([[unknown, 1]]) })
  }
  for (const path of fieldPaths(schema)) {
    const field = path.steps[0] as string
    for (const [title, value] of wrongValues(path.schema)) {
      add(`${path.steps.join('.')} ${title}`, field, withValue(base, path.steps, value))
    }
  }
  return bodies
}

/** Values of a query parameter that must be refused, as they stand in the address. */
export function badQueryTexts(schema: Schema): [title: string, text: string][] {
  const texts: [string, string][] = [['with NUL', 'a%00b']]
  if (schema.type === 'integer') texts.push(['as text', 'ten'], ['as a fraction', '1.5'], ['empty', ''])
  if (schema.type === 'boolean') texts.push(['as a number', '1'], ['empty', ''])
  if (schema.minimum !== undefined) texts.push(['too small', String(schema.minimum - 1)])
  if (schema.maximum !== undefined) texts.push(['too large', String(schema.maximum + 1)])
  if (schema.maxLength !== undefined) texts.push(['too long', 'x'.repeat(schema.maxLength + 1)])
  return texts
}

function wrongValues(schema: Schema): [string, unknown][] {
  const wrong: [string, unknown][] = []
  if (!allowed(schema).has('null')) wrong.push(['null', null])
  if (!allowed(schema).has('object')) wrong.push(['an object', { a: 1 }])
  if (!allowed(schema).has('array')) wrong.push(['a list', [1]])
  if (!allowed(schema).has('boolean')) wrong.push(['a flag', true])
  if (!allowed(schema).has('integer') && !allowed(schema).has('number')) wrong.push(['a number', 7])
  if (allowed(schema).has('string')) {
    wrong.push(['with NUL', 'a\u0000b'], ['with half a surrogate pair', 'a\ud800b'])
    if (schema.maxLength !== undefined) wrong.push(['too long', 'x'.repeat(schema.maxLength + 1)])
  } else {
    wrong.push(['a text', 'surely wrong'])
  }
  if (allowed(schema).has('integer')) wrong.push(['a fraction', 1.5], ['beyond every integer', 1e300])
  if (schema.minimum !== undefined) wrong.push(['too small', schema.minimum - 1])
  if (schema.maximum !== undefined) wrong.push(['too large', schema.maximum + 1])
  return wrong
}

/** The JSON types that a schema takes. */
function allowed(schema: Schema): Set<string> {
  if (schema.anyOf !== undefined) return new Set(schema.anyOf.flatMap((one) => [...allowed(one)]))
  if (schema.type !== undefined) return new Set([schema.type])
  const values = schema.enum ?? [schema.const]
  return new Set(values.map((value) => (value === null ? 'null' : typeof value)))
}

interface FieldPath {
  steps: string[]
  schema: Schema
}

function fieldPaths(schema: Schema, above: string[] = []): FieldPath[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const steps = [...above, name]
    return [{ steps, schema: property }, ...fieldPaths(property, steps)]
  })
}

function withValue(base: Record<string, unknown>, steps: readonly string[], value: unknown): Record<string, unknown> {
  const [step, ...rest] = steps as [string, ...string[]]
  if (rest.length === 0) return { ...base, [step]: value }
  const inner = base[step]
  const object = typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>) : {}
  return { ...base, [step]: withValue(object, rest, value) }
}

function propertyOf(schema: Schema, name: string): Schema {
  const property = schema.properties?.[name]
  if (property === undefined) throw new Error(`${name} is required and not described`)
  return property
}

function sampleText(schema: Schema): string {
  const text = schema.pattern?.startsWith('^http') === true ? 'https://example.com/image.jpg' : 'sample'
  if (schema.pattern !== undefined && !new RegExp(schema.pattern, 'u').test(text)) {
    throw new Error(`say in \`known\` what satisfies ${schema.pattern}`)
  }
  return text.slice(0, schema.maxLength)
}
