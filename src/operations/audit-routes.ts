import Type from 'typebox'
import { decodeCursor, encodeCursor } from '../core/cursor.ts'
import { invalidFields } from '../core/errors.ts'
import { type Answer, type Route, route } from '../http/route.ts'
import type { Store } from '../store/store.ts'

const PAGE = 50

const EntryView = Type.Object(
  {
    id: Type.String(),
    at: Type.String({ format: 'date-time' }),
    actor: Type.String(),
    what: Type.String(),
    target: Type.Union([Type.String(), Type.Null()]),
    details: Type.Union([Type.Object({}, { additionalProperties: true }), Type.Null()]),
  },
  { title: 'AuditEntry' },
)

/** Who did what with rights beyond their own data, the newest first. */
export function auditRoutes(deps: { store: Store }): Route[] {
  return [
    route({
      operation: 'listAudit',
      method: 'GET',
      path: '/admin/audit',
      summary: 'Read the audit trail, the newest first',
      tag: 'Operating',
      scope: 'admin',
      query: Type.Object({
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: PAGE })),
        cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
      }),
      answers: { 200: Type.Array(EntryView) },
      errors: [],
      handler: ({ query }) => listAudit(deps, { limit: query.limit ?? PAGE, cursor: query.cursor }),
    }),
  ]
}

async function listAudit(
  deps: { store: Store },
  { limit, cursor }: { limit: number; cursor: string | undefined },
): Promise<Answer> {
  const before = cursor === undefined ? null : decodeCursor(cursor)
  if (cursor !== undefined && before === null) {
    throw invalidFields([{ path: 'cursor', message: 'must be a nextCursor of this list' }])
  }
  const rows = await deps.store.read
    .selectFrom('audit')
    .selectAll()
    .$if(before !== null, (query) =>
      query.where((eb) => eb(eb.refTuple('at', 'id'), '<', eb.tuple(before?.at ?? 0, before?.id ?? ''))),
    )
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute()
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  const hasMore = rows.length > limit
  return {
    status: 200,
    message: `Found ${shown.length} entries`,
    data: shown.map(({ details, at, ...entry }) => ({
      ...entry,
      at: new Date(at).toISOString(),
      details: details === null ? null : (JSON.parse(details) as Record<string, unknown>),
    })),
    pagination: {
      limit,
      ...(hasMore && last !== undefined ? { nextCursor: encodeCursor(last) } : {}),
      hasMore,
    },
  }
}
