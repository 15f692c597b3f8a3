import type { TSchema } from 'typebox'
import type { Route } from './route.ts'

export type Json = Record<string, unknown>

/**
 * What several operations share, gathered while they are described, so that the document says it once and a generated
 * client gets one type for one thing. Names come from what is named, never from who came first.
 */
export class SharedParts {
  readonly #schemas = new Map<string, Json>()
  readonly #responses = new Map<string, Json>()
  readonly #examples = new Map<string, Json>()

  /**
   * A schema as JSON shows it. One that has a `title` stands in the document once, under that name; so do those within.
   * Throws when two different schemas have the same title.
   */
  schema(schema: TSchema | Json): Json {
    // TypeBox hangs its own marks on schemas, which JSON leaves out.
    return this.#share(JSON.parse(JSON.stringify(schema))) as Json
  }

  response(name: string, response: Json): Json {
    return keep(this.#responses, { section: 'responses', name }, response)
  }

  example(name: string, example: Json): Json {
    return keep(this.#examples, { section: 'examples', name }, example)
  }

  components(): Json {
    return {
      ...COMPONENTS,
      schemas: Object.fromEntries(this.#schemas),
      responses: sorted(this.#responses),
      examples: sorted(this.#examples),
    }
  }

  /** From the inside out: what a schema names stands before it, which generated Python needs. */
  #share(node: unknown): unknown {
    if (Array.isArray(node)) return node.map((item) => this.#share(item))
    if (typeof node !== 'object' || node === null) return node
    const copy = Object.fromEntries(Object.entries(node).map(([name, value]) => [name, this.#share(value)]))
    // A field may be called `title`, too.
    const { title, description, ...schema } = copy
    if (typeof title !== 'string') return copy
    const reference = keep(this.#schemas, { section: 'schemas', name: title }, schema)
    return description === undefined ? reference : { ...reference, description }
  }
}

function keep(kept: Map<string, Json>, { section, name }: { section: string; name: string }, part: Json): Json {
  const known = kept.get(name)
  if (known === undefined) kept.set(name, part)
  else if (JSON.stringify(known) !== JSON.stringify(part))
    throw new Error(`two different ${section} are called ${name}`)
  return { $ref: `#/components/${section}/${name}` }
}

function sorted(parts: ReadonlyMap<string, Json>): Json {
  return Object.fromEntries([...parts].sort(([left], [right]) => (left < right ? -1 : 1)))
}

/** Headers of an answer of the route, by reference. */
export function headersOf(route: Pick<Route, 'limits'>, extra: readonly string[]): Json {
  const limited = (route.limits ?? []).length > 0 && !extra.includes('WWW-Authenticate')
  const names = ['X-Request-Id', ...(limited ? ['RateLimit-Policy', 'RateLimit'] : []), ...extra]
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]))
}

const text = (description: string) => ({ description, schema: { type: 'string' } })

const COMPONENTS: Json = {
  securitySchemes: {
    bearer: {
      type: 'http',
      scheme: 'bearer',
      bearerFormat: 'JWT',
      description: 'HS256, or RS256, PS256, ES256, EdDSA from a key set; checked after RFC 8725. `sub` is the user.',
    },
  },
  parameters: {
    IdempotencyKey: {
      name: 'Idempotency-Key',
      in: 'header',
      description: 'Makes repeating the request safe for 24 hours: the same request under the same key is done once.',
      schema: { type: 'string', minLength: 1, maxLength: 255 },
    },
    Prefer: {
      name: 'Prefer',
      in: 'header',
      description: '`respond-async` answers at once, `wait=N` waits up to N seconds, 60 at most.',
      schema: { type: 'string', maxLength: 200 },
      example: 'wait=30',
    },
    LastEventId: {
      name: 'Last-Event-ID',
      in: 'header',
      description: 'The `id` of the last event received: the stream goes on after it.',
      schema: { type: 'string', maxLength: 200 },
    },
  },
  headers: {
    'X-Request-Id': text('Names this request in our log; yours, if it was sent and is a sane token.'),
    'Idempotent-Replayed': text('`true` when this is the stored answer of an earlier request with the same key.'),
    'Preference-Applied': text('Which preference the answer followed.'),
    'RateLimit-Policy': text('Request limits of the user: quota `q` in `w` seconds, rolling.'),
    RateLimit: text('What is left: `r` requests; `t` seconds until more becomes available.'),
    'Retry-After': { description: 'Seconds to wait, at least 1.', schema: { type: 'integer', minimum: 1 } },
    'WWW-Authenticate': text('`Bearer error="invalid_token"`.'),
  },
}
