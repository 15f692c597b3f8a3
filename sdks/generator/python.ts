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

/** The generated half of the Python SDK: a `TypedDict` for each object, and one thin method for each operation. */
export function renderPython({ operations, named, errorCodes }: Api): string {
  const types = new Types()
  for (const [name, schema] of Object.entries(named)) types.declare(name, schema)
  const methods = operations.flatMap((operation) => renderMethods(types, operation))
  return `"""Written from openapi.json by scripts/generate.ts; changes belong there."""

from typing import Any, Dict, Iterator, List, Literal, Optional, TypedDict, Union
from urllib.parse import quote

from ._call import Answer, Call, RequestOptions, ServerEvent

ERROR_CODES = (
${errorCodes.map((code) => `    "${code}",`).join('\n')}
)
"""Every code that a refusal can carry."""


${types.declarations.join('\n\n\n')}


class Operations:
    """Every operation of the gateway's API; how a call is made is up to the subclass."""

    def _send(self, call: Call, options: Optional[RequestOptions]) -> Answer[Any]:
        raise NotImplementedError

    def _pages(self, call: Call, options: Optional[RequestOptions]) -> Iterator[Any]:
        raise NotImplementedError

    def _stream(self, call: Call, options: Optional[RequestOptions]) -> Iterator[ServerEvent[Any]]:
        raise NotImplementedError

${methods.join('\n\n')}
`
}

/** Gives every object a class: Python cannot write one where it is used. */
class Types {
  readonly declarations: string[] = []
  /** By shape: two places that hold the same need one class. */
  readonly #names = new Map<string, string>()

  declare(name: string, schema: Schema): string {
    const text = this.of(schema, name)
    if (text !== name) this.declarations.push(`${name} = ${text}`)
    return name
  }

  /** The type of a value; objects within are declared under names that begin with `name`. */
  of(schema: Schema, name: string): string {
    if (schema.$ref !== undefined) return nameOf(schema.$ref)
    if ('const' in schema) return literal([schema.const])
    if (schema.enum !== undefined) return literal(schema.enum)
    const options = schema.anyOf ?? schema.oneOf
    if (options?.every((option) => 'const' in option) === true) return literal(options.map((option) => option.const))
    if (options !== undefined) return union(options.map((option) => this.of(option, name)))
    if (Array.isArray(schema.type)) return union(schema.type.map((type) => this.of({ ...schema, type }, name)))
    if (schema.type === 'array') return `List[${this.of(schema.items ?? {}, `${name}Item`)}]`
    if (schema.type === 'object') return this.#object(schema, name)
    return primitive(schema.type ?? 'unknown')
  }

  #object(schema: Schema, wanted: string): string {
    const fields = fieldsOf(schema)
    const values = valuesOf(schema)
    if (values !== undefined) return `Dict[str, ${this.of(values, `${wanted}Value`)}]`
    if (fields.length === 0 || fields.some((field) => !isIdentifier(field.name))) return 'Dict[str, Any]'
    const shape = JSON.stringify(schema)
    const known = this.#names.get(shape)
    if (known !== undefined) return known
    const name = this.#free(wanted)
    this.#names.set(shape, name)
    const required = fields.filter((field) => field.isRequired).map((field) => this.#field(field, name))
    const optional = fields.filter((field) => !field.isRequired).map((field) => this.#field(field, name))
    // Python 3.9 has no mark for a single optional key; a second class holds those.
    if (optional.length === 0) this.#class(`${name}(TypedDict)`, required)
    else if (required.length === 0) this.#class(`${name}(TypedDict, total=False)`, optional)
    else {
      this.#class(`_${name}(TypedDict)`, required)
      this.#class(`${name}(_${name}, total=False)`, optional)
    }
    return name
  }

  /** Alternatives in one place want the same name. */
  #free(wanted: string): string {
    const taken = new Set(this.#names.values())
    for (let no = 1; ; no++) {
      const name = no === 1 ? wanted : `${wanted}${no}`
      if (!taken.has(name)) return name
    }
  }

  #field({ name, schema }: Field, owner: string): string {
    const line = `    ${name}: ${this.of(schema, owner + capitalized(name))}`
    return schema.description === undefined ? line : `${line}\n    """${sentence(schema.description)}"""`
  }

  #class(head: string, lines: readonly string[]): void {
    this.declarations.push(`class ${head}:\n${lines.join('\n')}`)
  }
}

function primitive(type: string): string {
  const names: Readonly<Record<string, string>> = {
    string: 'str',
    integer: 'int',
    number: 'float',
    boolean: 'bool',
    null: 'None',
  }
  return names[type] ?? 'Any'
}

function literal(values: readonly unknown[]): string {
  const names = values.map((value) => (value === true ? 'True' : value === false ? 'False' : JSON.stringify(value)))
  return `Literal[${names.join(', ')}]`
}

function union(types: readonly string[]): string {
  const distinct = [...new Set(types)]
  const solid = distinct.filter((type) => type !== 'None')
  const joined = solid.length === 1 ? (solid[0] as string) : `Union[${solid.join(', ')}]`
  return solid.length === distinct.length ? joined : `Optional[${joined}]`
}

function renderMethods(types: Types, operation: Operation): string[] {
  const { id, method, path, summary, pathNames, data, isStream, isPaged } = operation
  const name = capitalized(id)
  const body = operation.body === null ? [] : fieldsOf(operation.body)
  const taken = new Set([...pathNames, 'options'])
  const given = [
    ...body.map((field) => ({ field, to: 'body' as const })),
    ...operation.query.map((field) => ({ field, to: 'query' as const })),
  ].map(({ field, to }) => {
    const isTaken = taken.has(field.name)
    taken.add(field.name)
    return {
      field,
      to,
      name: argument(isTaken ? `${to}${capitalized(field.name)}` : field.name),
      type: types.of(field.schema, name + capitalized(field.name)),
    }
  })
  const result = data === null ? 'None' : types.of(data, `${name}Data`)
  const render = (as: { name: string; left: readonly string[]; returns: string; via: string; doc: string }) => {
    const used = given.filter(({ field }) => !as.left.includes(field.name))
    const required = used.filter(({ field }) => field.isRequired).map((one) => `${one.name}: ${one.type}`)
    const optional = used
      .filter(({ field }) => !field.isRequired)
      .map((one) => `${one.name}: ${orNone(one.type)} = None`)
    const parameters = [
      'self',
      ...pathNames.map((parameter) => `${argument(parameter)}: str`),
      ...(used.length === 0 ? [] : ['*', ...required, ...optional]),
      'options: Optional[RequestOptions] = None',
    ]
    const pairs = (to: 'body' | 'query') =>
      used.filter((one) => one.to === to).map((one) => `"${one.field.name}": ${one.name}`)
    const call = [
      `"${method}"`,
      pathText(path, pathNames),
      ...(operation.query.length === 0 ? [] : [`query=${dictionary(pairs('query'))}`]),
      ...(operation.body === null ? [] : [`body=${dictionary(pairs('body'))}`]),
    ]
    return `    def ${as.name}(\n${parameters.map((line) => `        ${line},`).join('\n')}\n    ) -> ${as.returns}:
        """${as.doc}"""
        call = Call(
${call.map((part) => `            ${part},`).join('\n')}
        )
        return self.${as.via}(call, options)`
  }
  const address = `\`\`${method} ${path}\`\``
  const methods = [
    render({
      name: snakeCase(id),
      left: [],
      returns: isStream ? `Iterator[ServerEvent[${result}]]` : `Answer[${result}]`,
      via: isStream ? '_stream' : '_send',
      doc: `${sentence(summary)}: ${address}.`,
    }),
  ]
  if (isPaged) {
    methods.push(
      render({
        name: snakeCase(iteratorName(id)),
        left: ['cursor', 'offset'],
        returns: `Iterator[${result.replace(/^List\[(.*)\]$/, '$1')}]`,
        via: '_pages',
        doc: `${sentence(summary)}: all of them, page by page as they are asked for.`,
      }),
    )
  }
  return methods
}

function dictionary(pairs: readonly string[]): string {
  return pairs.length === 0 ? '{}' : `{\n${pairs.map((pair) => `                ${pair},`).join('\n')}\n            }`
}

function orNone(type: string): string {
  return type === 'Any' || type.startsWith('Optional[') ? type : `Optional[${type}]`
}

function pathText(path: string, names: readonly string[]): string {
  if (names.length === 0) return `"${path}"`
  return `f"${path.replaceAll(/\{([^}]+)\}/g, (_, name: string) => `{quote(${argument(name)}, safe='')}`)}"`
}

const KEYWORDS = new Set([
  'and',
  'as',
  'class',
  'def',
  'del',
  'for',
  'from',
  'global',
  'if',
  'import',
  'in',
  'is',
  'not',
  'or',
  'pass',
  'raise',
  'return',
  'self',
  'try',
  'while',
  'with',
  'yield',
])

function argument(name: string): string {
  const snake = snakeCase(name)
  return KEYWORDS.has(snake) ? `${snake}_` : snake
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

function isIdentifier(name: string): boolean {
  return /^[A-Za-z_]\w*$/.test(name) && !KEYWORDS.has(name)
}

function sentence(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll('\\', '\\\\').replaceAll('"', "'")
}
