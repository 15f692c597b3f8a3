/**
 * What a rule would have done: the same evaluation over the same past, with what it would have done itself in the place
 * of what it did. It writes nothing. Every event is taken as decided at once, so none is too old.
 */
import { readEvents } from '../events/index.ts'
import type { ActingSession } from '../outbox/index.ts'
import { wasSuppressed } from '../suppressions/index.ts'
import { isAbout } from './decide-event.ts'
import type { AutomationDeps } from './deps.ts'
import { evaluate, type Verdict } from './evaluate.ts'
import { type Fact, readFact } from './fact.ts'
import { readWish } from './hear-stop.ts'
import { readHistory } from './history.ts'
import { RULE_EVENTS, type Rule } from './rule.ts'
import type { Firing } from './store.ts'

const PAGE = 500
const RELEVANT: ReadonlySet<string> = new Set(RULE_EVENTS)

export interface Imagined {
  fact: Fact
  verdict: Verdict
}

export interface Simulation {
  /** In the order of the events, `limit` at most. */
  decisions: Imagined[]
  evaluated: number
  wouldFire: number
}

export async function simulateRule(
  deps: AutomationDeps,
  rule: Rule,
  { since, limit }: { since: number; limit: number },
): Promise<Simulation> {
  const { store } = deps
  const { userId } = rule
  const sessions = new Map<string, ActingSession | null>()
  const course = new Course(deps, rule)
  let after = 0
  for (;;) {
    const events = await readEvents(store.read, { userId, after, limit: PAGE })
    for (const event of events) {
      after = event.sequence
      if (event.at < since || !RELEVANT.has(event.type)) continue
      const fact = readFact(event)
      if (fact === null) continue
      let heard = sessions.get(fact.sessionId)
      if (heard === undefined) {
        heard = await deps.sessions.find(store.read, fact.sessionId)
        sessions.set(fact.sessionId, heard)
      }
      if (heard?.userId === userId && heard.accountId === rule.accountId) await course.take(fact, heard)
    }
    if (events.length < PAGE) return course.result(limit)
  }
}

/** The run of a simulation through the account's events. */
class Course {
  readonly #deps: AutomationDeps
  readonly #rule: Rule
  readonly #firings = new Map<string, Firing[]>()
  /** What contacts asked for since the beginning. */
  readonly #stopped = new Map<string, boolean>()
  readonly #decisions: Imagined[] = []
  #from: Fact | null = null

  constructor(deps: AutomationDeps, rule: Rule) {
    this.#deps = deps
    this.#rule = rule
  }

  async take(fact: Fact, heard: ActingSession): Promise<void> {
    this.#from ??= fact
    const wish = readWish(fact, this.#deps.words)
    const contactId = fact.contact.platformId ?? ''
    const wasStopped = wish === 'stop' && (await this.#isSuppressed(fact))
    if (wish !== null) this.#stopped.set(contactId, wish === 'stop')
    if (!isAbout(this.#rule, fact)) return
    await this.#decide(fact, heard, wish === 'stop' && !wasStopped)
  }

  async #decide(fact: Fact, session: ActingSession, isFirstStop: boolean): Promise<void> {
    const rule = this.#rule
    const contactId = fact.contact.platformId ?? ''
    const firings = this.#firings.get(contactId) ?? []
    const isSuppressed = await this.#isSuppressed(fact)
    const imagined = { firings, from: this.#from?.sequence ?? 0 }
    const occasion = { rule, fact, session, isSuppressed, isFirstStop, until: fact.at, imagined }
    const history = await readHistory(this.#deps.store.read, this.#deps, occasion)
    const verdict = evaluate(rule, fact, history, { perContactDay: this.#deps.perContactDay, now: fact.at })
    this.#decisions.push({ fact, verdict })
    if (verdict.outcome === 'skipped') return
    const firing = { ruleId: rule.id, sequence: fact.sequence, at: fact.at, act: rule.action.type, actionId: null }
    this.#firings.set(contactId, [firing, ...firings])
  }

  async #isSuppressed({ contact, at }: Fact): Promise<boolean> {
    const { userId, accountId } = this.#rule
    const db = this.#deps.store.read
    const whose = { userId, accountId, ...contact }
    if (await wasSuppressed(db, { ...whose, reason: 'manual', at })) return true
    const said = this.#stopped.get(contact.platformId ?? '')
    return said ?? wasSuppressed(db, { ...whose, reason: 'stop', at: (this.#from?.at ?? at) - 1 })
  }

  result(limit: number): Simulation {
    const decisions = this.#decisions
    const wouldFire = decisions.filter(({ verdict }) => verdict.outcome === 'fired').length
    return { decisions: decisions.slice(-limit), evaluated: decisions.length, wouldFire }
  }
}
