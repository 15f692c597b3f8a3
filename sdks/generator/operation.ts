/** What the generators of both SDKs know of `openapi.json`: its operations, as methods of a client. */

export interface Schema {
  type?: string | string[]
  const?: unknown
  enum?: unknown[]
  anyOf?: Schema[]
  oneOf?: Schema[]
  allOf?: Schema[]
  items?: Schema
  properties?: Record<string, Schema>
  required?: string[]
  patternProperties?: Record<string, Schema>
  additionalProperties?: boolean | Schema
  description?: string
  $ref?: string
}

export interface Field {
  name: string
  schema: Schema
  isRequired: boolean
}

export interface Operation {
  /** camelCase. */
  id: string
  method: string
  /** From the root, with `{name}` for each of `pathNames`. */
  path: string
  summary: string
  pathNames: string[]
  query: Field[]
  /** Null = takes no body. */
  body: Schema | null
  isBodyOptional: boolean
  /** Null = answers without data. */
  data: Schema | null
  /** Answers with an event stream, of which `data` is what each event carries. */
  isStream: boolean
  /** Answers with a page of a list, and takes the cursor of the next one. */
  isPaged: boolean
}

export interface Api {
  operations: Operation[]
  /** Schemas with a name of their own, by that name; elsewhere they stand as `$ref`. */
  named: Record<string, Schema>
  /** Every code that an error can carry, over all operations. */
  errorCodes: string[]
}

/** What several statuses of an operation answer together has no name in the document; readers want one type. */
const ENTITIES: Readonly<Record<string, string>> = {
  like: 'SubmittedAction',
}

interface MediaType {
  schema?: Schema
}
interface Answer {
  content?: Record<string, MediaType>
  $ref?: string
}
interface DocumentOperation {
  operationId: string
  summary: string
  parameters?: { name?: string; in?: string; required?: boolean; description?: string; schema?: Schema }[]
  requestBody?: { required?: boolean; content: Record<string, MediaType> }
  responses: Record<string, Answer>
}
export interface OpenApiDocument {
  paths: Record<string, Record<string, DocumentOperation>>
  components: Components
}
interface Components {
  schemas?: Record<string, Schema>
  responses?: Record<string, Answer>
}

const JSON_TYPE = 'application/json'
const STREAM_TYPE = 'text/event-stream'

/** The operations below `bases`, in the document's order. */
export function readApi(document: OpenApiDocument, bases: readonly string[]): Api {
  const entries = Object.entries(document.paths)
    .filter(([path]) => bases.some((base) => path.startsWith(`${base}/`)))
    .flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, operation })))
  const operations = entries.map((entry) => readOperation(document.components, entry))
  const codes = entries.flatMap(({ operation }) => errorCodesOf(document.components, operation))
  const entities = nameEntities(operations)
  return {
    operations: operations.map((operation) => useNames(operation, entities)),
    named: {
      ...document.components.schemas,
      ...Object.fromEntries([...entities].map(([, entity]) => [entity.name, entity.schema])),
    },
    errorCodes: [...new Set(codes)].sort(),
  }
}

interface Entry {
  path: string
  method: string
  operation: DocumentOperation
}

function readOperation(components: Components, { path, method, operation }: Entry): Operation {
  const parameters = operation.parameters ?? []
  const query = parameters
    .filter((parameter) => parameter.in === 'query')
    .map(({ name, required, description, schema }) => ({
      name: name as string,
      schema: { ...schema, ...(description === undefined ? {} : { description }) },
      isRequired: required === true,
    }))
  const answers = Object.entries(operation.responses)
    .filter(([status]) => status.startsWith('2'))
    .map(([, answer]) => answer)
  const streamed = answers.map((answer) => answer.content?.[STREAM_TYPE]?.schema).find((schema) => schema !== undefined)
  const data =
    streamed ??
    merged(
      components,
      answers.map((answer) => answer.content?.[JSON_TYPE]?.schema?.properties?.['data']),
    )
  return {
    id: operation.operationId,
    method: method.toUpperCase(),
    path,
    summary: operation.summary,
    pathNames: [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name as string),
    query,
    body: operation.requestBody?.content[JSON_TYPE]?.schema ?? null,
    isBodyOptional: operation.requestBody?.required !== true,
    data,
    isStream: streamed !== undefined,
    isPaged: data?.type === 'array' && query.some(({ name }) => name === 'cursor'),
  }
}

/**
 * One schema for what several statuses answer: a client reads the fields, not the status. What only one of them has is
 * optional.
 */
function merged(components: Components, schemas: readonly (Schema | undefined)[]): Schema | null {
  const given = schemas.filter((schema) => schema !== undefined)
  const alternatives = given.flatMap((schema) => schema.anyOf ?? [schema])
  const distinct = [...new Map(alternatives.map((schema) => [keyOf(schema), schema])).values()]
  const [only] = distinct
  if (only === undefined) return null
  if (distinct.length === 1) return only
  if (given.some((schema) => schema.anyOf !== undefined)) return { anyOf: distinct }
  const resolved = distinct.map((schema) => resolve(components, schema))
  if (!resolved.every((schema) => schema.properties !== undefined)) return { anyOf: distinct }
  return {
    type: 'object',
    properties: Object.assign({}, ...resolved.map((schema) => schema.properties)),
    required: (resolved[0]?.required ?? []).filter((name) => resolved.every((one) => one.required?.includes(name))),
  }
}

function resolve({ schemas = {} }: Components, schema: Schema): Schema {
  return schema.$ref === undefined ? schema : (schemas[nameOf(schema.$ref)] as Schema)
}

function errorCodesOf({ responses = {} }: Components, operation: DocumentOperation): string[] {
  return Object.entries(operation.responses)
    .filter(([status]) => status >= '400')
    .map(([, answer]) => (answer.$ref === undefined ? answer : (responses[nameOf(answer.$ref)] as Answer)))
    .flatMap((answer) => answer.content?.[JSON_TYPE]?.schema?.allOf ?? [])
    .flatMap(({ properties }) => (properties?.['code'] ?? properties?.['error_code'])?.enum ?? [])
    .map(String)
}

type Entities = Map<string, { name: string; schema: Schema }>

function nameEntities(operations: readonly Operation[]): Entities {
  const entities: Entities = new Map()
  for (const { id, data } of operations) {
    const name = ENTITIES[id]
    const schema = data?.items ?? data
    if (name === undefined || schema === null || schema === undefined || schema.$ref !== undefined) continue
    if (!entities.has(keyOf(schema))) entities.set(keyOf(schema), { name, schema })
  }
  // An entity may hold another one.
  for (const entity of entities.values()) entity.schema = replaceInside(entity.schema, entities)
  return entities
}

function useNames(operation: Operation, entities: Entities): Operation {
  return { ...operation, data: operation.data === null ? null : replace(operation.data, entities) }
}

function replace(schema: Schema, entities: Entities): Schema {
  const entity = entities.get(keyOf(schema))
  return entity === undefined ? replaceInside(schema, entities) : { $ref: `#/components/schemas/${entity.name}` }
}

function replaceInside(schema: Schema, entities: Entities): Schema {
  const copy = { ...schema }
  if (copy.items !== undefined) copy.items = replace(copy.items, entities)
  if (copy.anyOf !== undefined) copy.anyOf = copy.anyOf.map((member) => replace(member, entities))
  if (copy.properties !== undefined) {
    copy.properties = Object.fromEntries(
      Object.entries(copy.properties).map(([name, member]) => [name, replace(member, entities)]),
    )
  }
  return copy
}

function keyOf(schema: Schema): string {
  return JSON.stringify({ ...schema, description: undefined })
}

/** The name at the end of a reference. */
export function nameOf(reference: string): string {
  return reference.slice(reference.lastIndexOf('/') + 1)
}

/** The fields of an object, in the document's order. */
export function fieldsOf(schema: Schema): Field[] {
  return Object.entries(schema.properties ?? {}).map(([name, member]) => ({
    name,
    schema: member,
    isRequired: schema.required?.includes(name) === true,
  }))
}

/** What the values of an open object are; undefined where it is closed or says nothing of them. */
export function valuesOf(schema: Schema): Schema | undefined {
  const [pattern] = Object.values(schema.patternProperties ?? {})
  if (pattern !== undefined) return pattern
  return typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined
}

export function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** `listSessions` → `iterateSessions`. */
export function iteratorName(id: string): string {
  return `iterate${capitalized(id.replace(/^list/, ''))}`
}
