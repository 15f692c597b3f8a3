/**
 * Where facts of the outside enter the log. The same fact is seen again and again (polls overlap, pages repeat, a crash
 * repeats the last one), so it is written down by Instagram's own id in the transaction of its event: once told, never
 * told again.
 */
import { command, type Placeholders } from '../store/statement.ts'
import type { Db } from '../store/store.ts'
import type { EventDraft } from './event.ts'
import { type AppendDeps, appendEvents } from './log.ts'

/** What makes a fact the same fact. */
export interface FactKey {
  accountId: string
  /** The type of its event, or what several types share when only one of them may be told. */
  kind: string
  /** Instagram's id of it, composed where one id is not enough. */
  externalId: string
}

/** Values that one statement may name. */
const IDS_AT_ONCE = 500

const insertFact = command((db, p: Placeholders<FactKey & { at: number }>) =>
  db
    .insertInto('ingested')
    .values({ account_id: p.accountId, kind: p.kind, external_id: p.externalId, at: p.at })
    .onConflict((conflict) => conflict.columns(['account_id', 'kind', 'external_id']).doNothing()),
)

/**
 * Writes the events of those facts that were not told before, in their order, and returns how many those were. Call under
 * the account's lock, after every other change of the transaction (`appendEvent`).
 */
export async function ingestEvents(
  tx: Db,
  deps: AppendDeps,
  accountId: string,
  facts: readonly (Omit<FactKey, 'accountId'> & { event: EventDraft })[],
): Promise<number> {
  const news: EventDraft[] = []
  for (const { kind, externalId, event } of facts) {
    if (await rememberFact(tx, { accountId, kind, externalId, at: event.at })) news.push(event)
  }
  await appendEvents(tx, deps, news)
  return news.length
}

/** Those of the external ids that are facts of one of these kinds already. */
export async function findKnownFacts(
  db: Db,
  input: { accountId: string; kinds: readonly string[]; externalIds: readonly string[] },
): Promise<Set<string>> {
  const known = new Set<string>()
  for (let from = 0; from < input.externalIds.length; from += IDS_AT_ONCE) {
    const rows = await db
      .selectFrom('ingested')
      .select('external_id')
      .where('account_id', '=', input.accountId)
      .where('kind', 'in', [...input.kinds])
      .where('external_id', 'in', input.externalIds.slice(from, from + IDS_AT_ONCE))
      .execute()
    for (const row of rows) known.add(row.external_id)
  }
  return known
}

/** Writes a fact down without an event: it was there before anybody listened. False when it was known. */
export async function rememberFact(tx: Db, input: FactKey & { at: number }): Promise<boolean> {
  const { accountId, kind, externalId, at } = input
  return (await insertFact(tx, { accountId, kind, externalId, at })) === 1
}
