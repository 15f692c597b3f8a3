import { GatewayError, invalidFields } from '../core/errors.ts'
import { newId } from '../core/ids.ts'
import { readInstant } from '../core/instant.ts'
import { lastSequence } from '../events/index.ts'
import type { Answer, Principal, Receipt } from '../http/route.ts'
import { maySeeSession } from '../http/tenancy.ts'
import { type ActingSession, findActingSession } from '../outbox/index.ts'
import { lockAccount } from '../store/lock-account.ts'
import type { Db } from '../store/store.ts'
import type { AutomationDeps } from './deps.ts'
import { ensurePresets } from './presets.ts'
import {
  type Conditions,
  DEFAULT_AGE_MS_MAX,
  DEFAULT_WINDOW_MS,
  HOUR_MS,
  PRESETS,
  type Rule,
  type RuleAction,
  type RuleEvent,
  viewRule,
} from './rule.ts'
import type { ChangeRuleInput, CreateRuleInput } from './schemas.ts'
import { simulateRule } from './simulate.ts'
import { addRule, findRule, listRules, removeRule, saveRule } from './store.ts'
import { templateFault } from './template.ts'
import { fold } from './text.ts'

/** Rules of one account, presets included. */
const RULES_MAX = 100
const SHOWN_MAX = 1_000

export async function readRules(deps: AutomationDeps, principal: Principal, sessionId: string): Promise<Answer> {
  const session = await findActingSession(deps.store.read, deps, principal, sessionId)
  const known = await listRules(deps.store.read, session)
  const hasPresets = known.some(({ preset }) => preset !== null)
  const rules = hasPresets ? known : await deps.store.write((tx) => ensurePresets(tx, deps, session))
  const data = rules.toSorted(presetsFirst).map((rule) => viewRule(rule, session.id))
  return { status: 200, message: `Found ${data.length} rules`, data }
}

function presetsFirst(left: Rule, right: Rule): number {
  const placeOf = ({ preset }: Rule) => (preset === null ? PRESETS.length : PRESETS.indexOf(preset))
  return placeOf(left) - placeOf(right)
}

/** Throws `VALIDATION_ERROR` naming the field. */
export async function createRule(
  deps: AutomationDeps,
  {
    principal,
    receipt,
    sessionId,
    input,
  }: { principal: Principal; receipt: Receipt; sessionId: string; input: CreateRuleInput },
): Promise<Answer> {
  const conditions = conditionsOf(input)
  const action = actionOf(input)
  checkRule({ on: input.on, conditions, action })
  return deps.store.write(async (tx) => {
    await receipt.claim(tx)
    const { userId, accountId } = await findActingSession(tx, deps, principal, sessionId)
    await lockAccount(tx, accountId)
    if ((await listRules(tx, { userId, accountId })).length >= RULES_MAX) {
      throw invalidFields([{ path: 'on', message: `cannot be another rule: an account has at most ${RULES_MAX}` }])
    }
    const at = deps.clock.now()
    const rule: Rule = {
      ...{ userId, accountId, sessionId, conditions, action },
      id: newId('rule', at, deps.random),
      preset: null,
      name: input.name ?? null,
      on: input.on,
      windowMs: (input.windowHours ?? DEFAULT_WINDOW_MS / HOUR_MS) * HOUR_MS,
      ageMsMax: (input.maxAgeHours ?? DEFAULT_AGE_MS_MAX / HOUR_MS) * HOUR_MS,
      enabled: input.enabled ?? true,
      activeAfter: await lastSequence(tx, userId),
      createdAt: at,
    }
    await addRule(tx, rule)
    const answer: Answer = { status: 201, message: 'Rule created', data: viewRule(rule, sessionId) }
    await receipt.answer(tx, answer)
    return answer
  })
}

/** Throws `RULE_NOT_FOUND`, `VALIDATION_ERROR`. What happened while a rule was off is none of its business. */
export async function changeRule(
  deps: AutomationDeps,
  principal: Principal,
  ruleId: string,
  input: ChangeRuleInput,
): Promise<Answer> {
  return deps.store.write(async (tx) => {
    const { accountId } = (await findOwnRule(tx, deps, principal, ruleId)).rule
    await lockAccount(tx, accountId)
    const { rule, session } = await findOwnRule(tx, deps, principal, ruleId)
    if (rule.preset !== null && input.enabled !== undefined) {
      throw invalidFields([{ path: 'enabled', message: `is switched by the session's setting ${rule.preset}` }])
    }
    const enabled = input.enabled ?? rule.enabled
    const changed: Rule = {
      ...rule,
      enabled,
      name: input.name === undefined ? rule.name : input.name,
      conditions: conditionsOf(input, rule.conditions),
      action: changedAction(rule.action, input.content),
      windowMs: input.windowHours === undefined ? rule.windowMs : input.windowHours * HOUR_MS,
      ageMsMax: input.maxAgeHours === undefined ? rule.ageMsMax : input.maxAgeHours * HOUR_MS,
      activeAfter: enabled && !rule.enabled ? await lastSequence(tx, rule.userId) : rule.activeAfter,
    }
    checkRule(changed, 'content')
    await saveRule(tx, changed)
    return { status: 200, message: 'Rule changed', data: viewRule(changed, session.id) }
  })
}

export async function deleteRule(deps: AutomationDeps, principal: Principal, ruleId: string): Promise<Answer> {
  return deps.store.write(async (tx) => {
    const { rule } = await findOwnRule(tx, deps, principal, ruleId)
    if (rule.preset !== null) {
      throw new GatewayError('NOT_SUPPORTED', {
        message: `A preset cannot be deleted; switch it off with the session's setting ${rule.preset}.`,
      })
    }
    await removeRule(tx, ruleId)
    return { status: 200, message: 'Rule deleted', data: { id: ruleId } }
  })
}

export async function simulate(
  deps: AutomationDeps,
  { principal, receipt, ruleId, since }: { principal: Principal; receipt: Receipt; ruleId: string; since: string },
): Promise<Answer> {
  const from = readInstant('since', since)
  const { rule } = await findOwnRule(deps.store.read, deps, principal, ruleId)
  const { decisions, evaluated, wouldFire } = await simulateRule(deps, rule, { since: from, limit: SHOWN_MAX })
  const answer: Answer = {
    status: 200,
    message: `${wouldFire} of ${evaluated} events would have fired`,
    data: {
      since: new Date(from).toISOString(),
      evaluated,
      wouldFire,
      decisions: decisions.map(({ fact, verdict }) => ({
        eventId: fact.eventId,
        sequence: fact.sequence,
        at: new Date(fact.at).toISOString(),
        contact: { platformId: fact.contact.platformId, username: fact.contact.username },
        outcome: verdict.outcome,
        reason: verdict.reason,
        ...(verdict.outcome === 'fired' && verdict.act.type === 'message' ? { text: verdict.act.text } : {}),
      })),
    },
  }
  return deps.store.write(async (tx) => {
    await receipt.claim(tx)
    await receipt.answer(tx, answer)
    return answer
  })
}

/** Throws `RULE_NOT_FOUND`, for somebody else's as for one that does not exist. */
export async function findOwnRule(
  db: Db,
  deps: Pick<AutomationDeps, 'sessions'>,
  principal: Principal,
  ruleId: string,
): Promise<{ rule: Rule; session: ActingSession }> {
  const rule = await findRule(db, ruleId)
  if (rule === null || rule.userId !== principal.userId) throw new GatewayError('RULE_NOT_FOUND')
  const live = await deps.sessions.findByAccount(db, rule.accountId)
  const session = live?.userId === rule.userId ? live : await deps.sessions.find(db, rule.sessionId)
  if (session === null || !maySeeSession(principal, session)) throw new GatewayError('RULE_NOT_FOUND')
  return { rule, session }
}

type ConditionsInput = { [Name in keyof Conditions]?: Conditions[Name] | undefined }

const ANY: Conditions = { keywords: [], keywordMatch: 'word', firstContact: false, matches: 'all', mentionedIn: null }

function conditionsOf(input: ConditionsInput, base: Conditions = ANY): Conditions {
  return {
    keywords: input.keywords ?? base.keywords,
    keywordMatch: input.keywordMatch ?? base.keywordMatch,
    firstContact: input.firstContact ?? base.firstContact,
    matches: input.matches ?? base.matches,
    mentionedIn: input.mentionedIn === undefined ? base.mentionedIn : input.mentionedIn,
  }
}

function actionOf({ action }: CreateRuleInput): RuleAction {
  const { type, content, confirmStop } = action
  if (type === 'message') {
    if (content === undefined) throw invalidFields([{ path: 'action.content', message: 'is required for messages' }])
    return { type, content, confirmStop: confirmStop ?? false }
  }
  const odd = content !== undefined ? 'content' : confirmStop !== undefined ? 'confirmStop' : null
  if (odd !== null) throw invalidFields([{ path: `action.${odd}`, message: 'is for messages only' }])
  return { type }
}

function changedAction(action: RuleAction, content: string | undefined): RuleAction {
  if (content === undefined) return action
  if (action.type !== 'message') throw invalidFields([{ path: 'content', message: 'is for messages only' }])
  return { ...action, content }
}

/** On which events an act makes sense, beside messages and follows. */
const GOES_WITH: Partial<Record<RuleAction['type'], RuleEvent>> = {
  like: 'mention.received',
  unfollow: 'unfollow.received',
}
const HAS_TEXT: ReadonlySet<RuleEvent> = new Set([
  'message.received',
  'story_reply.received',
  'comment.received',
  'mention.received',
] as const)

function checkRule(
  { on, conditions, action }: Pick<Rule, 'on' | 'conditions' | 'action'>,
  contentPath = 'action.content',
) {
  const { keywords, firstContact, mentionedIn } = conditions
  const wrong = (path: string, message: string) => invalidFields([{ path, message }])
  const event = GOES_WITH[action.type]
  if (event !== undefined && on !== event) throw wrong('action.type', `${action.type} goes with ${event} only`)
  if (keywords.length > 0 && !HAS_TEXT.has(on)) throw wrong('keywords', `cannot be found in ${on}, which has no text`)
  const empty = keywords.findIndex((keyword) => fold(keyword) === '')
  if (empty !== -1) throw wrong(`keywords[${empty}]`, 'must hold a letter, a digit or a sign')
  if (firstContact && on !== 'message.received' && on !== 'story_reply.received') {
    throw wrong('firstContact', 'goes with message.received and story_reply.received only')
  }
  if (mentionedIn !== null && on !== 'mention.received') throw wrong('mentionedIn', 'goes with mention.received only')
  if (action.type !== 'message') return
  if (action.confirmStop && on !== 'message.received') {
    throw wrong('action.confirmStop', 'goes with message.received only')
  }
  const fault = templateFault(action.content)
  if (fault !== null) throw wrong(contentPath, fault)
}
