/**
 * Tickets for `EventSource`, which cannot send headers: an authenticated POST gets one, opening a stream uses it up.
 * A ticket reaches exactly as far as the token that asked for it, for `TICKET_MS` of product time, and opens nothing but
 * a stream. The store keeps its hash alone.
 */
import Type from 'typebox'
import type { Clock } from '../core/clock.ts'
import type { Random } from '../core/random.ts'
import { hashToken } from '../core/secret.ts'
import type { Db, Store } from '../store/store.ts'
import { type Answer, type Principal, type Receipt, type Route, route, type Scope } from './route.ts'

const TICKET_MS = 60_000
const TICKET_BYTES = 32

interface TicketDeps {
  store: Store
  clock: Clock
  random: Random
}

/** What the query of every route that streams takes, because `EventSource` sends no headers on its first connection. */
export const STREAM_QUERY = {
  lastEventId: Type.Optional(
    Type.String({ minLength: 1, maxLength: 200, description: 'Continues after this event, as `Last-Event-ID` does.' }),
  ),
  ticket: Type.Optional(
    Type.String({ minLength: 1, maxLength: 100, description: 'Of `POST /events/ticket`, instead of a token.' }),
  ),
}

export function ticketRoutes(deps: TicketDeps): Route[] {
  return [
    route({
      operation: 'createStreamTicket',
      method: 'POST',
      path: '/events/ticket',
      summary: 'Get a ticket that opens one stream, for clients that cannot send headers',
      tag: 'Events',
      scope: 'read',
      answers: {
        201: Type.Object({
          ticket: Type.String({ description: 'Goes into the query of a stream: `?ticket=…`. Works once.' }),
          expiresAt: Type.String({ format: 'date-time' }),
        }),
      },
      errors: [],
      handler: ({ principal, receipt }) => createTicket(deps, principal, receipt),
    }),
  ]
}

async function createTicket(deps: TicketDeps, principal: Principal, receipt: Receipt): Promise<Answer> {
  const { store, clock, random } = deps
  const ticket = Buffer.from(random.bytes(TICKET_BYTES)).toString('base64url')
  const now = clock.now()
  const expiresAt = now + TICKET_MS
  const answer: Answer = { status: 201, data: { ticket, expiresAt: new Date(expiresAt).toISOString() } }
  await store.write(async (tx) => {
    await receipt.claim(tx)
    await tx.deleteFrom('stream_tickets').where('expires_at', '<=', now).execute()
    const row = { hash: hashToken(ticket), principal: pack(principal), expires_at: expiresAt }
    await tx.insertInto('stream_tickets').values(row).execute()
    await receipt.answer(tx, answer, { showsSecret: true })
  })
  return answer
}

/** Uses a ticket up. Null when it is none of ours, was used before or is over. */
export async function redeemTicket(
  { store, clock }: Pick<TicketDeps, 'store' | 'clock'>,
  ticket: string,
): Promise<Principal | null> {
  const row = await store.write((tx) => takeTicket(tx, hashToken(ticket)))
  return row === undefined || row.expires_at <= clock.now() ? null : unpack(row.principal)
}

function takeTicket(tx: Db, hash: string) {
  return tx
    .deleteFrom('stream_tickets')
    .where('hash', '=', hash)
    .returning(['principal', 'expires_at'])
    .executeTakeFirst()
}

function pack({ scopes, ...principal }: Principal): string {
  return JSON.stringify({ ...principal, scopes: scopes === null ? null : [...scopes] })
}

function unpack(text: string): Principal {
  const { scopes, ...principal } = JSON.parse(text) as Omit<Principal, 'scopes'> & { scopes: Scope[] | null }
  return { ...principal, scopes: scopes === null ? null : new Set(scopes) }
}
