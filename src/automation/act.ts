import { engagementColumns } from '../engagement/index.ts'
import { acceptMessage, parseDraft } from '../messaging/index.ts'
import { type ActingSession, acceptAction, CLASS_AUTOMATION, cancelAction, findAction } from '../outbox/index.ts'
import { lockAccount } from '../store/lock-account.ts'
import type { Db } from '../store/store.ts'
import type { AutomationDeps } from './deps.ts'
import type { Act } from './evaluate.ts'
import type { Fact } from './fact.ts'
import type { Rule } from './rule.ts'
import { listFirings } from './store.ts'

/**
 * Accepts what a rule decided on, in the transaction of the decision and under the account's lock: it waits in the lane
 * like everything else. Returns the action; null where there was something to cancel instead.
 */
export async function carryOut(
  tx: Db,
  deps: AutomationDeps,
  input: { rule: Rule; fact: Fact; session: ActingSession; act: Act },
): Promise<string | null> {
  const { rule, fact, session, act } = input
  const causedBy = { ruleId: rule.id, eventId: fact.eventId }
  const { platformId, username } = fact.contact
  if (act.type === 'message') {
    if (platformId === null || username === null) throw new Error(`rule ${rule.id}: nobody to write to`)
    const { accepted } = await acceptMessage(tx, deps, {
      session,
      draft: {
        ...parseDraft({ content: act.text }),
        recipient: username,
        answers: null,
        isOverride: act.override,
        sendAt: null,
        expiresAt: null,
        onLimit: 'queue',
      },
      acceptedBy: rule.id,
      automated: { platformId, causedBy },
    })
    return accepted.actionId
  }
  if (act.type === 'unfollow' && (await cancelFollow(tx, deps, rule, fact))) return null
  const lane = await lockAccount(tx, session.accountId)
  const { actionId } = await acceptAction(tx, deps, {
    lane,
    session,
    kind: act.type,
    class: CLASS_AUTOMATION,
    ...engagementColumns(act.type, act.type === 'like' ? act.mediaId : act.platformId),
    onLimit: 'queue',
    fallback: 'queue',
    sendAt: null,
    expiresAt: null,
    acceptedBy: rule.id,
    causedBy,
  })
  return actionId
}

/** Whoever left before they were followed is not followed at all: later the two would come in any order. */
async function cancelFollow(tx: Db, deps: AutomationDeps, { accountId, userId }: Rule, fact: Fact): Promise<boolean> {
  const contactId = fact.contact.platformId ?? ''
  const firings = await listFirings(tx, { accountId, contactId, before: fact.sequence })
  const actionId = firings.find(({ act }) => act === 'follow')?.actionId ?? null
  const follow = actionId === null ? null : await findAction(tx, actionId)
  if (follow === null || follow.status !== 'queued') return false
  await cancelAction(tx, deps, { actionId: follow.id, userId })
  return true
}
