/**
 * One event, one transaction: what the contact asked for, every rule's decision with its reason, what they accepted, and
 * the cursor. The cursor's row is locked first, so two nodes never evaluate one user's events at once, and whoever comes
 * second finds the event evaluated. A crash before the commit leaves nothing of it; after it, it is never looked at again.
 *
 * Locks: the cursor (which nobody else takes), then the account's lane, then, when something is canceled, the user's place
 * in the log.
 */
import type { StoredEvent } from '../events/index.ts'
import type { ActingSession } from '../outbox/index.ts'
import { lockAccount } from '../store/lock-account.ts'
import type { Db } from '../store/store.ts'
import { carryOut } from './act.ts'
import type { AutomationDeps } from './deps.ts'
import { evaluate, type Verdict } from './evaluate.ts'
import { type Fact, readFact } from './fact.ts'
import { heed, readWish } from './hear-stop.ts'
import { readHistory } from './history.ts'
import type { Rule } from './rule.ts'
import { addDecision, listRules, lockCursor, saveCursor } from './store.ts'

/** Evaluates an event unless it was evaluated. */
export async function decideEvent(tx: Db, deps: AutomationDeps, event: StoredEvent): Promise<void> {
  const { userId, sequence } = event
  if (sequence <= (await lockCursor(tx, userId))) return
  const fact = readFact(event)
  if (fact !== null) await decideFact(tx, deps, userId, fact)
  await saveCursor(tx, { userId, sequence })
}

/** Passes over an event whose evaluation failed, so that it does not keep the user's others from theirs. */
export async function passOver(tx: Db, deps: AutomationDeps, event: StoredEvent): Promise<void> {
  const { userId, sequence } = event
  if (sequence <= (await lockCursor(tx, userId))) return
  const fact = readFact(event)
  const heard = fact === null ? null : await deps.sessions.find(tx, fact.sessionId)
  if (fact !== null && heard !== null) {
    for (const rule of await concernedRules(tx, heard, fact)) {
      await note(tx, deps, { rule, fact, verdict: { outcome: 'skipped', reason: 'internal error' }, actionId: null })
    }
  }
  await saveCursor(tx, { userId, sequence })
}

async function decideFact(tx: Db, deps: AutomationDeps, userId: string, fact: Fact): Promise<void> {
  const heard = await deps.sessions.find(tx, fact.sessionId)
  if (heard === null || heard.userId !== userId) return
  const wish = readWish(fact, deps.words)
  const rules = await concernedRules(tx, heard, fact)
  if (wish === null && rules.length === 0) return
  const { accountId } = heard
  await lockAccount(tx, accountId)
  const { isFirstStop } = wish === null ? { isFirstStop: false } : await heed(tx, deps, { session: heard, fact, wish })
  if (rules.length === 0) return
  const live = await deps.sessions.findByAccount(tx, accountId)
  const session = live?.userId === userId ? live : null
  const { platformId, username } = fact.contact
  const isSuppressed = (await deps.findSuppression(tx, { userId, accountId, platformId, username })) !== null
  for (const rule of rules) {
    const now = deps.clock.now()
    const occasion = { rule, fact, session, isSuppressed, isFirstStop, until: now, imagined: null }
    const history = await readHistory(tx, deps, occasion)
    const verdict = evaluate(rule, fact, history, { perContactDay: deps.perContactDay, now })
    const actionId =
      verdict.outcome === 'fired' && session !== null
        ? await carryOut(tx, deps, { rule, fact, session, act: verdict.act })
        : null
    await note(tx, deps, { rule, fact, verdict, actionId })
  }
}

async function concernedRules(tx: Db, { userId, accountId }: ActingSession, fact: Fact): Promise<Rule[]> {
  const rules = await listRules(tx, { userId, accountId })
  return rules.filter((rule) => rule.enabled && rule.activeAfter < fact.sequence && isAbout(rule, fact))
}

/** Whether a rule looks at a fact at all. */
export function isAbout(rule: Rule, fact: Fact): boolean {
  return rule.on === fact.type && (rule.preset === null || rule.sessionId === fact.sessionId)
}

function note(
  tx: Db,
  deps: Pick<AutomationDeps, 'clock'>,
  { rule, fact, verdict, actionId }: { rule: Rule; fact: Fact; verdict: Omit<Verdict, 'act'>; actionId: string | null },
): Promise<void> {
  const { eventId, sequence, at, contact } = fact
  return addDecision(tx, {
    ...{ eventId, sequence, at, actionId },
    ruleId: rule.id,
    userId: rule.userId,
    accountId: rule.accountId,
    decidedAt: deps.clock.now(),
    contactId: contact.platformId,
    contactUsername: contact.username,
    outcome: verdict.outcome,
    reason: verdict.reason,
    act: rule.action.type,
  })
}
