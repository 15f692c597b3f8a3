import Type from 'typebox'
import type { Clock } from '../core/clock.ts'
import { invalidFields } from '../core/errors.ts'
import type { Db, Store } from '../store/store.ts'
import type { Revocations } from './revocations.ts'
import { type Answer, type Receipt, type Route, route } from './route.ts'

export interface RevocationDeps {
  store: Store
  clock: Clock
  revocations: Revocations
  /** Writes down who did it, in the transaction of the deed. */
  audit(
    tx: Db,
    entry: { actor: string; what: string; target: string | null; details: Record<string, unknown> | null },
  ): Promise<void>
}

/** The one operation on tokens: ending them. */
export function revocationRoutes(deps: RevocationDeps): Route[] {
  return [
    route({
      operation: 'revokeTokens',
      method: 'POST',
      path: '/admin/revoke',
      summary: 'End the tokens of a user that were issued before an instant',
      tag: 'Admin',
      scope: 'admin',
      body: Type.Object({
        sub: Type.String({ minLength: 1, maxLength: 256, description: 'The user.' }),
        before: Type.Optional(
          Type.String({
            pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})$',
            maxLength: 40,
            description: 'RFC 3339; now when absent.',
          }),
        ),
      }),
      answers: { 200: Type.Object({ sub: Type.String(), before: Type.String({ format: 'date-time' }) }) },
      errors: [],
      handler: ({ principal, body, receipt }) =>
        revokeTokens(deps, { actor: principal.userId, sub: body.sub, before: body.before ?? null, receipt }),
    }),
  ]
}

/** Takes effect here before it is answered, elsewhere within a second. Whole seconds, as tokens count them. */
async function revokeTokens(
  deps: RevocationDeps,
  input: { actor: string; sub: string; before: string | null; receipt: Receipt },
): Promise<Answer> {
  const { store, clock, revocations, audit } = deps
  const beforeMs = input.before === null ? clock.wall() : Date.parse(input.before)
  if (Number.isNaN(beforeMs)) throw invalidFields([{ path: 'before', message: 'is no instant' }])
  const beforeSeconds = Math.ceil(beforeMs / 1000)
  const before = new Date(beforeSeconds * 1000).toISOString()
  const answer: Answer = { status: 200, data: { sub: input.sub, before }, message: 'Tokens revoked' }
  await store.write(async (tx) => {
    await input.receipt.claim(tx)
    await revocations.revoke(tx, { userId: input.sub, beforeSeconds })
    await audit(tx, { actor: input.actor, what: 'tokens.revoked', target: input.sub, details: { before } })
    await input.receipt.answer(tx, answer)
  })
  await revocations.reload()
  return answer
}
