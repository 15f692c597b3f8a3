import {
  type Api,
  capitalized,
  type Field,
  fieldsOf,
  iteratorName,
  nameOf,
  type Operation,
  type Schema,
  valuesOf,
} from './operation.ts'

/** The generated half of the TypeScript SDK: types, and one thin method for each operation. */
export function renderTypeScript({ operations, named, errorCodes }: Api): string {
  const parts = [
    '// Written from openapi.json by scripts/generate.ts; changes belong there.',
    "import type { Answer, Call, RequestOptions, ServerEvent } from './call.ts'",
    `export type ErrorCode =\n${errorCodes.map((code) => `  | '${code}'`).join('\n')}`,
    ...Object.entries(named).map(([name, schema]) => declareType(name, schema)),
    ...operations.flatMap(operationTypes),
    renderClass(operations),
  ]
  return `${parts.join('\n\n')}\n`
}

function operationTypes(operation: Operation): string[] {
  const name = capitalized(operation.id)
  const types: string[] = []
  if (operation.body !== null) types.push(declareType(`${name}Body`, operation.body))
  if (operation.query.length > 0) types.push(declareType(`${name}Query`, objectOf(operation.query)))
  if (operation.data !== null && operation.data.$ref === undefined && operation.data.items?.$ref === undefined) {
    types.push(declareType(`${name}Data`, operation.data))
  }
  return types
}

function objectOf(fields: readonly Field[]): Schema {
  return {
    type: 'object',
    properties: Object.fromEntries(fields.map(({ name, schema }) => [name, schema])),
    required: fields.filter(({ isRequired }) => isRequired).map(({ name }) => name),
  }
}

function declareType(name: string, schema: Schema): string {
  if (fieldsOf(schema).length > 0) {
    return `export interface ${name} ${typeOf(schema, '')}`
  }
  return `export type ${name} = ${typeOf(schema, '')}`
}

function typeOf(schema: Schema, indent: string): string {
  if (schema.$ref !== undefined) return nameOf(schema.$ref)
  if ('const' in schema) return literal(schema.const)
  if (schema.enum !== undefined) return union(schema.enum.map(literal))
  const options = schema.anyOf ?? schema.oneOf
  if (options !== undefined) return union(options.map((option) => typeOf(option, indent)))
  if (schema.allOf !== undefined) return schema.allOf.map((part) => typeOf(part, indent)).join(' & ')
  if (Array.isArray(schema.type)) return union(schema.type.map((type) => typeOf({ ...schema, type }, indent)))
  if (schema.type === 'array') return listOf(typeOf(schema.items ?? {}, indent))
  if (schema.type === 'object') return objectType(schema, indent)
  if (schema.type === 'integer' || schema.type === 'number') return 'number'
  if (schema.type === 'string' || schema.type === 'boolean' || schema.type === 'null') return schema.type
  return 'unknown'
}

function literal(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : JSON.stringify(value)
}

function union(types: readonly string[]): string {
  return [...new Set(types)].join(' | ')
}

function listOf(item: string): string {
  return /[ |&{]/.test(item) ? `Array<${item}>` : `${item}[]`
}

function objectType(schema: Schema, indent: string): string {
  const values = valuesOf(schema)
  const fields = fieldsOf(schema)
  if (fields.length === 0) return `Record<string, ${values === undefined ? 'unknown' : typeOf(values, indent)}>`
  const inner = `${indent}  `
  const lines = fields.map(({ name, schema: member, isRequired }) => {
    const key = /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name)
    const comment = member.description === undefined ? '' : `${inner}/** ${oneLine(member.description)} */\n`
    // Left out and undefined mean the same to the client: JSON has no undefined.
    const optional = isRequired ? `${key}: ` : `${key}?: `
    return `${comment}${inner}${optional}${typeOf(member, inner)}${isRequired ? '' : ' | undefined'}`
  })
  return `{\n${lines.join('\n')}\n${indent}}`
}

function renderClass(operations: readonly Operation[]): string {
  return `/** Every operation of the gateway's API; how a call is made is up to the subclass. */
export abstract class Operations {
  protected abstract send<T>(call: Call, options: RequestOptions | undefined): Promise<Answer<T>>

  protected abstract pages<T>(page: (cursor: string | undefined) => Promise<Answer<T[]>>): AsyncGenerator<T, void, void>

  protected abstract stream<T>(call: Call, options: RequestOptions | undefined): AsyncGenerator<ServerEvent<T>, void, void>

${operations.flatMap(renderMethods).join('\n\n')}
}`
}

function renderMethods(operation: Operation): string[] {
  const { id, method, path, summary, pathNames, query, body, isBodyOptional, data, isStream, isPaged } = operation
  const name = capitalized(id)
  const parameters = pathNames.map((parameter) => `${parameter}: string`)
  const call = [`method: '${method}'`, `path: ${pathText(path, pathNames)}`]
  if (query.length > 0) {
    parameters.push(`query${query.some(({ isRequired }) => isRequired) ? '' : '?'}: ${name}Query`)
    call.push('query')
  }
  if (body !== null) {
    const mayBeLeftOut = isBodyOptional && (query.length === 0 || parameters.at(-1)?.startsWith('query?') === true)
    parameters.push(`body${mayBeLeftOut ? '?' : ''}: ${name}Body`)
    call.push('body')
  }
  parameters.push('options?: RequestOptions')
  const result = data === null ? 'undefined' : dataType(name, data)
  const [returns, via] = isStream
    ? [`AsyncGenerator<ServerEvent<${result}>, void, void>`, 'stream']
    : [`Promise<Answer<${result}>>`, 'send']
  const methods = [
    `  /** ${oneLine(summary)}: \`${method} ${path}\`. */
  ${id}(${parameters.join(', ')}): ${returns} {
    return this.${via}({ ${call.join(', ')} }, options)
  }`,
  ]
  if (isPaged) methods.push(renderIterator(operation, result))
  return methods
}

function renderIterator({ id, summary, pathNames, query }: Operation, result: string): string {
  const optional = query.some(({ name, isRequired }) => isRequired && name !== 'cursor') ? '' : '?'
  const left = query.some(({ name }) => name === 'offset') ? "'cursor' | 'offset'" : "'cursor'"
  const parameters = [
    ...pathNames.map((parameter) => `${parameter}: string`),
    `query${optional}: Omit<${capitalized(id)}Query, ${left}>`,
    'options?: RequestOptions',
  ]
  const item = result.endsWith('[]') ? result.slice(0, -2) : `${result}[number]`
  return `  /** ${oneLine(summary)}: all of them, page by page as they are asked for. */
  ${iteratorName(id)}(${parameters.join(', ')}): AsyncGenerator<${item}, void, void> {
    return this.pages((cursor) => this.${id}(${[...pathNames, '{ ...query, cursor }', 'options'].join(', ')}))
  }`
}

function dataType(name: string, data: Schema): string {
  if (data.$ref !== undefined) return nameOf(data.$ref)
  if (data.items?.$ref !== undefined) return `${nameOf(data.items.$ref)}[]`
  return `${name}Data`
}

function pathText(path: string, names: readonly string[]): string {
  if (names.length === 0) return `'${path}'`
  return `\`${path.replaceAll(/\{([^}]+)\}/g, (_, name: string) => `\${encodeURIComponent(${name})}`)}\``
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll('*/', '*\\/')
}
