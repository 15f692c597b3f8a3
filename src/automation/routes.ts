import Type from 'typebox'
import { invalidFields } from '../core/errors.ts'
import { type Answer, type Principal, type Route, route } from '../http/route.ts'
import type { AutomationDeps } from './deps.ts'
import { changeRule, createRule, deleteRule, findOwnRule, readRules, simulate } from './manage-rules.ts'
import { ChangeRuleBody, CreateRuleBody, DecisionView, RuleView, SimulationView } from './schemas.ts'
import { listDecisions } from './store.ts'

const PAGE = 50

const OfSession = Type.Object({ sessionId: Type.String({ maxLength: 100 }) })
const OfRule = Type.Object({ ruleId: Type.String({ maxLength: 100 }) })

/** Rules, what they decided, and what they would have. */
export function automationRoutes(deps: AutomationDeps): Route[] {
  return [
    route({
      operation: 'listRules',
      method: 'GET',
      path: '/session/:sessionId/rules',
      summary: 'Read the rules of an account, its presets included',
      tag: 'Automation',
      scope: 'read',
      params: OfSession,
      answers: { 200: Type.Array(RuleView) },
      errors: ['SESSION_NOT_FOUND'],
      handler: ({ principal, params }) => readRules(deps, principal, params.sessionId),
    }),
    route({
      operation: 'createRule',
      method: 'POST',
      path: '/session/:sessionId/rules',
      summary: 'Have an act follow on events from now on',
      tag: 'Automation',
      scope: 'manage',
      params: OfSession,
      body: CreateRuleBody,
      answers: { 201: RuleView },
      errors: ['SESSION_NOT_FOUND'],
      handler: ({ principal, receipt, params, body }) =>
        createRule(deps, { principal, receipt, sessionId: params.sessionId, input: body }),
    }),
    route({
      operation: 'changeRule',
      method: 'PATCH',
      path: '/rules/:ruleId',
      summary: 'Change a rule, or switch it on and off',
      tag: 'Automation',
      scope: 'manage',
      params: OfRule,
      body: ChangeRuleBody,
      answers: { 200: RuleView },
      errors: ['RULE_NOT_FOUND'],
      handler: ({ principal, params, body }) => changeRule(deps, principal, params.ruleId, body),
    }),
    route({
      operation: 'deleteRule',
      method: 'DELETE',
      path: '/rules/:ruleId',
      summary: 'Delete a rule',
      tag: 'Automation',
      scope: 'manage',
      params: OfRule,
      answers: { 200: Type.Object({ id: Type.String() }) },
      errors: ['RULE_NOT_FOUND', 'NOT_SUPPORTED'],
      handler: ({ principal, params }) => deleteRule(deps, principal, params.ruleId),
    }),
    route({
      operation: 'simulateRule',
      method: 'POST',
      path: '/rules/:ruleId/simulate',
      summary: 'See what a rule would have done; sends nothing',
      tag: 'Automation',
      scope: 'read',
      params: OfRule,
      body: Type.Object({
        since: Type.String({ maxLength: 40, description: 'The events from this instant on (RFC 3339).' }),
      }),
      answers: { 200: SimulationView },
      errors: ['RULE_NOT_FOUND'],
      handler: ({ principal, receipt, params, body }) =>
        simulate(deps, { principal, receipt, ruleId: params.ruleId, since: body.since }),
    }),
    route({
      operation: 'listDecisions',
      method: 'GET',
      path: '/rules/:ruleId/decisions',
      summary: 'Read what a rule decided and why, the newest event first',
      tag: 'Automation',
      scope: 'read',
      params: OfRule,
      query: Type.Object({
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: PAGE })),
        cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'A nextCursor of this list.' })),
      }),
      answers: { 200: Type.Array(DecisionView) },
      errors: ['RULE_NOT_FOUND'],
      handler: ({ principal, params, query }) => readDecisions(deps, principal, { ...query, ruleId: params.ruleId }),
    }),
  ]
}

async function readDecisions(
  deps: AutomationDeps,
  principal: Principal,
  { ruleId, limit = PAGE, cursor }: { ruleId: string; limit?: number; cursor?: string },
): Promise<Answer> {
  const before = cursor === undefined ? Number.MAX_SAFE_INTEGER : Number(cursor)
  if (!Number.isSafeInteger(before) || before < 0) {
    throw invalidFields([{ path: 'cursor', message: 'must be a nextCursor of this list' }])
  }
  await findOwnRule(deps.store.read, deps, principal, ruleId)
  const rows = await listDecisions(deps.store.read, { ruleId, before, limit: limit + 1 })
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  const hasMore = rows.length > limit && last !== undefined
  return {
    status: 200,
    message: `Found ${shown.length} decisions`,
    data: shown.map(({ eventId, sequence, at, decidedAt, contactId, contactUsername, outcome, reason, actionId }) => ({
      ...{ ruleId, eventId, sequence, outcome, reason, actionId },
      at: new Date(at).toISOString(),
      decidedAt: new Date(decidedAt).toISOString(),
      contact: { platformId: contactId, username: contactUsername },
    })),
    pagination: { limit, ...(hasMore ? { nextCursor: String(last.sequence) } : {}), hasMore },
  }
}
