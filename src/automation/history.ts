import { findConversationId, hasEarlierMessage, isHandWritten } from '../messaging/index.ts'
import type { ActingSession } from '../outbox/index.ts'
import { wasConnected } from '../sessions/index.ts'
import type { Db } from '../store/store.ts'
import type { AutomationDeps } from './deps.ts'
import { HAND_OVER_MS, type History } from './evaluate.ts'
import type { Fact } from './fact.ts'
import { HOUR_MS, type Rule } from './rule.ts'
import { type Firing, listFirings } from './store.ts'

/** What a simulation knows better than the tables, which say what really happened. */
export interface Imagined {
  /** What the rule would have done so far; what it really did from the simulation's beginning on does not count. */
  firings: readonly Firing[]
  /** The number of the event with which the simulation begins. */
  from: number
}

export interface Occasion {
  rule: Rule
  fact: Fact
  /** Null = the account has no live session. */
  session: ActingSession | null
  isSuppressed: boolean
  isFirstStop: boolean
  /** Up to when what people wrote counts. */
  until: number
  imagined: Imagined | null
}

const DAY_MS = 24 * HOUR_MS

/** Reads the past of a fact for a rule. */
export async function readHistory(db: Db, deps: AutomationDeps, occasion: Occasion): Promise<History> {
  const { rule, fact, session, isSuppressed, isFirstStop } = occasion
  const firings = await firingsBefore(db, occasion)
  const ofRule = firings.find((firing) => firing.ruleId === rule.id)
  const lastTie = firings.find(({ act }) => act === 'follow' || act === 'unfollow')
  const { platformId } = fact.contact
  return {
    account: session?.username ?? null,
    isSupported: session !== null && isSupported(deps, session, rule),
    isOwnAccount: platformId !== null && (await wasConnected(db, { platformId, at: fact.at })),
    isSuppressed,
    isFirstStop,
    isFirstContact: await isFirstContact(db, rule, fact),
    isHandWritten: await wasHandWritten(db, occasion),
    lastFiredAt: ofRule?.at ?? null,
    firedInDay: firings.filter(({ at }) => at > fact.at - DAY_MS).length,
    isFollowedByRule: lastTie?.act === 'follow',
  }
}

/** The newest first. */
async function firingsBefore(db: Db, { rule, fact, imagined }: Occasion): Promise<Firing[]> {
  const contactId = fact.contact.platformId
  if (contactId === null) return []
  const real = await listFirings(db, { accountId: rule.accountId, contactId, before: fact.sequence })
  if (imagined === null) return real
  const others = real.filter(({ ruleId, sequence }) => ruleId !== rule.id || sequence < imagined.from)
  return [...imagined.firings, ...others].sort((a, b) => b.sequence - a.sequence)
}

function isSupported({ kinds, connectors }: AutomationDeps, session: ActingSession, { action }: Rule): boolean {
  const capability = kinds.get(action.type)?.capability
  return capability !== undefined && connectors.get(session.connector)?.capabilities.has(capability) === true
}

async function isFirstContact(db: Db, { conditions, userId }: Rule, fact: Fact): Promise<boolean> {
  const { conversationId, messageId, saidAt: at } = fact
  if (!conditions.firstContact || conversationId === null || messageId === null) return true
  return !(await hasEarlierMessage(db, { userId, conversationId, messageId, at }))
}

async function wasHandWritten(db: Db, { rule, fact, until }: Occasion): Promise<boolean> {
  const { userId, accountId, action } = rule
  const { platformId, username } = fact.contact
  if (action.type !== 'message' || platformId === null) return false
  const conversationId =
    fact.conversationId ?? (await findConversationId(db, { userId, accountId, platformId, username }))
  if (conversationId === null) return false
  return isHandWritten(db, { userId, conversationId, from: fact.at - HAND_OVER_MS, to: until })
}
