import { connectionOf } from '../store/connection.ts'
import type { DecisionTable, RuleTable } from '../store/schema.ts'
import { type Placeholders, statement } from '../store/statement.ts'
import type { Db } from '../store/store.ts'
import type { ActType, Conditions, Preset, Rule, RuleAction, RuleEvent } from './rule.ts'

function toRule(row: RuleTable): Rule {
  return {
    id: row.id,
    userId: row.user_id,
    accountId: row.account_id,
    sessionId: row.session_id,
    preset: row.preset as Preset | null,
    name: row.name,
    on: row.event_type as RuleEvent,
    // Both were written by us, checked.
    conditions: JSON.parse(row.conditions) as Conditions,
    action: JSON.parse(row.action) as RuleAction,
    windowMs: row.window_ms,
    ageMsMax: row.age_ms_max,
    enabled: row.enabled === 1,
    activeAfter: row.active_after,
    createdAt: row.created_at,
  }
}

function toRow(rule: Rule): RuleTable {
  return {
    id: rule.id,
    user_id: rule.userId,
    account_id: rule.accountId,
    session_id: rule.sessionId,
    preset: rule.preset,
    name: rule.name,
    event_type: rule.on,
    conditions: JSON.stringify(rule.conditions),
    action: JSON.stringify(rule.action),
    window_ms: rule.windowMs,
    age_ms_max: rule.ageMsMax,
    enabled: rule.enabled ? 1 : 0,
    active_after: rule.activeAfter,
    created_at: rule.createdAt,
  }
}

const selectRules = statement((db, p: Placeholders<{ userId: string; accountId: string }>) =>
  db
    .selectFrom('rules')
    .selectAll()
    .where('user_id', '=', p.userId)
    .where('account_id', '=', p.accountId)
    .orderBy('created_at')
    .orderBy('id'),
)

/** The rules of a user's account, in the order of their making; there are few (`RULES_MAX`). */
export async function listRules(db: Db, input: { userId: string; accountId: string }): Promise<Rule[]> {
  return (await selectRules(db, input)).map(toRule)
}

export async function findRule(db: Db, id: string): Promise<Rule | null> {
  const row = await db.selectFrom('rules').selectAll().where('id', '=', id).executeTakeFirst()
  return row === undefined ? null : toRule(row)
}

/** Writes a rule; one that is there, or whose preset is, stays. */
export async function addRule(tx: Db, rule: Rule): Promise<void> {
  await tx
    .insertInto('rules')
    .values(toRow(rule))
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

export async function saveRule(tx: Db, rule: Rule): Promise<void> {
  const { id, ...row } = toRow(rule)
  await tx.updateTable('rules').set(row).where('id', '=', id).execute()
}

export async function removeRule(tx: Db, id: string): Promise<void> {
  await tx.deleteFrom('rules').where('id', '=', id).execute()
}

const selectCursor = statement((db, p: Placeholders<{ userId: string }>) => {
  const cursor = db.selectFrom('automation_cursors').select('sequence').where('user_id', '=', p.userId)
  return connectionOf(db).engine === 'postgres' ? cursor.forUpdate() : cursor
})

/**
 * Takes the user's place in the evaluation for the rest of the transaction: nobody else evaluates their events meanwhile.
 * The first lock of the transaction. Returns up to where they were evaluated.
 */
export async function lockCursor(tx: Db, userId: string): Promise<number> {
  const [known] = await selectCursor(tx, { userId })
  if (known !== undefined) return known.sequence
  await tx
    .insertInto('automation_cursors')
    .values({ user_id: userId, sequence: 0 })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  const [made] = await selectCursor(tx, { userId })
  return made?.sequence ?? 0
}

export async function saveCursor(tx: Db, input: { userId: string; sequence: number }): Promise<void> {
  await tx
    .updateTable('automation_cursors')
    .set({ sequence: input.sequence })
    .where('user_id', '=', input.userId)
    .execute()
}

export async function readCursor(db: Db, userId: string): Promise<number> {
  const row = await db
    .selectFrom('automation_cursors')
    .select('sequence')
    .where('user_id', '=', userId)
    .executeTakeFirst()
  return row?.sequence ?? 0
}

/** The number of the first event of these types that was not evaluated yet; null when all were. */
export async function firstUnevaluated(
  db: Db,
  { userId, types }: { userId: string; types: readonly string[] },
): Promise<number | null> {
  const row = await db
    .selectFrom('events')
    .select('sequence')
    .where('user_id', '=', userId)
    .where('sequence', '>', await readCursor(db, userId))
    .where('type', 'in', [...types])
    .orderBy('sequence')
    .limit(1)
    .executeTakeFirst()
  return row?.sequence ?? null
}

/** Users with events that were not evaluated yet, by id, `after` one. */
export async function findBehind(
  db: Db,
  page: { after: string; limit: number },
): Promise<{ userId: string; last: number }[]> {
  const rows = await db
    .selectFrom('event_sequences as log')
    .leftJoin('automation_cursors as cursor', 'cursor.user_id', 'log.user_id')
    .select(['log.user_id', 'log.last'])
    .where('log.user_id', '>', page.after)
    .where((eb) => eb.or([eb('cursor.sequence', 'is', null), eb('log.last', '>', eb.ref('cursor.sequence'))]))
    .orderBy('log.user_id')
    .limit(page.limit)
    .execute()
  return rows.map((row) => ({ userId: row.user_id, last: row.last }))
}

export interface Decision {
  ruleId: string
  eventId: string
  userId: string
  accountId: string
  sequence: number
  at: number
  decidedAt: number
  contactId: string | null
  contactUsername: string | null
  outcome: 'fired' | 'skipped'
  reason: string
  act: ActType
  actionId: string | null
}

/** Writes what a rule decided. A second decision of a rule on an event is impossible: the key refuses it. */
export async function addDecision(tx: Db, decision: Decision): Promise<void> {
  const { outcome, reason, act, sequence, at } = decision
  await tx
    .insertInto('decisions')
    .values({
      ...{ outcome, reason, act, sequence, at },
      rule_id: decision.ruleId,
      event_id: decision.eventId,
      user_id: decision.userId,
      account_id: decision.accountId,
      decided_at: decision.decidedAt,
      contact_id: decision.contactId,
      contact_username: decision.contactUsername,
      action_id: decision.actionId,
    })
    .execute()
}

function toDecision(row: DecisionTable): Decision {
  return {
    ruleId: row.rule_id,
    eventId: row.event_id,
    userId: row.user_id,
    accountId: row.account_id,
    sequence: row.sequence,
    at: row.at,
    decidedAt: row.decided_at,
    contactId: row.contact_id,
    contactUsername: row.contact_username,
    outcome: row.outcome as 'fired' | 'skipped',
    reason: row.reason,
    act: row.act as ActType,
    actionId: row.action_id,
  }
}

/** What a rule decided, the newest event first, before a sequence number. */
export async function listDecisions(
  db: Db,
  input: { ruleId: string; before: number; limit: number },
): Promise<Decision[]> {
  const rows = await db
    .selectFrom('decisions')
    .selectAll()
    .where('rule_id', '=', input.ruleId)
    .where('sequence', '<', input.before)
    .orderBy('sequence', 'desc')
    .limit(input.limit)
    .execute()
  return rows.map(toDecision)
}

/** More acts on one contact than any window or cap looks back upon. */
const FIRED_MAX = 1_000

const selectFired = statement(
  (db, p: Placeholders<{ accountId: string; contactId: string; before: number; limit: number }>) =>
    db
      .selectFrom('decisions')
      .select(['rule_id', 'sequence', 'at', 'act', 'action_id'])
      .where('account_id', '=', p.accountId)
      .where('contact_id', '=', p.contactId)
      .where('outcome', '=', 'fired')
      .where('sequence', '<', p.before)
      .orderBy('sequence', 'desc')
      .limit(p.limit),
)

export interface Firing {
  ruleId: string
  sequence: number
  at: number
  act: ActType
  actionId: string | null
}

/** What rules of an account did about a contact before an event, the newest first. */
export async function listFirings(
  db: Db,
  input: { accountId: string; contactId: string; before: number },
): Promise<Firing[]> {
  const rows = await selectFired(db, { ...input, limit: FIRED_MAX })
  return rows.map((row) => ({
    ruleId: row.rule_id,
    sequence: row.sequence,
    at: row.at,
    act: row.act as ActType,
    actionId: row.action_id,
  }))
}

/** Deletes some old decisions; whom a rule followed is remembered for ever. Returns how many. */
export async function deleteOldDecisions(tx: Db, input: { before: number; limit: number }): Promise<number> {
  const old = await tx
    .selectFrom('decisions')
    .select(['rule_id', 'event_id'])
    .where('decided_at', '<', input.before)
    .where((eb) => eb.or([eb('outcome', '=', 'skipped'), eb('act', '=', 'message'), eb('act', '=', 'like')]))
    .orderBy('decided_at')
    .limit(input.limit)
    .execute()
  for (const { rule_id, event_id } of old) {
    await tx.deleteFrom('decisions').where('rule_id', '=', rule_id).where('event_id', '=', event_id).execute()
  }
  return old.length
}
