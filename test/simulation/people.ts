import { endSessionsOf } from '../../sandbox/acts/sessions.ts'
import { addMedia, addUser } from '../../sandbox/world/people.ts'
import { ALL_KINDS, STANDARD_POLICY } from '../../src/limits/index.ts'
import type { WindowName } from '../support/check-invariants.ts'
import { ACT_KINDS, type ActKind, REFUSALS, type Targets } from './act-kinds.ts'
import { Bulks } from './bulks.ts'
import type { Dice } from './dice.ts'
import type { RequestInput, Response } from './gateway-node.ts'
import { HOUR_MS, MINUTE_MS, SECOND_MS, type World } from './world.ts'

const PASSWORD = 'correct horse'
const TRIES_MAX = 20

interface PaceChange {
  maxDailyActions: number
  /** When it may have begun to count, and when it certainly did. */
  from: number
  sureFrom: number
}

/** One account, its owner, and what they were told. */
export interface Owner {
  userId: string
  username: string
  sessionId: string | null
  paces: PaceChange[]
}

export interface Accepted {
  actionId: string
  kind: ActKind
  owner: Owner
}

const FRIENDS = ['friend_a', 'friend_b', 'friend_c', 'friend_d', 'friend_e', 'friend_f']
const CLOSED = 'closed_person'
const UNKNOWN = 'nobody_at_all'

/** Those who use the gateway: they ask, ask again when no answer comes, change their minds, and log in again. */
export class People {
  readonly owners: Owner[]
  readonly accepted: Accepted[] = []
  readonly wrongs: string[] = []
  readonly counts = { requests: 0, lost: 0, refused: 0, canceled: 0, logins: 0, suppressed: 0 }
  /** Usernames by platform id. */
  readonly strangers = new Map<string, string>()
  readonly bulks: Bulks
  readonly #world: World
  /** Every world has a kind that fills its windows. */
  readonly #favourite: ActKind
  readonly #friendIds = new Map<string, string>()
  #keys = 0

  constructor(world: World) {
    this.#world = world
    this.bulks = new Bulks({
      world,
      targets: this.#targets,
      newKey: (what) => this.#newKey(what),
      ask: (operation, input) => this.#ask(operation, input),
      wrongs: this.wrongs,
    })
    this.#favourite = world.dice.pick(ACT_KINDS)
    const at = world.time.now
    this.owners = ['north.lamp', 'south.lamp', 'west.lamp'].map((username, index) => {
      addUser(world.sandbox.world, { username, password: PASSWORD })
      return {
        userId: `user_${index + 1}`,
        username,
        sessionId: null,
        paces: [{ maxDailyActions: 100, from: at, sureFrom: at }],
      }
    })
    for (const username of FRIENDS) this.#friendIds.set(username, addUser(world.sandbox.world, { username }).pk)
    addUser(world.sandbox.world, { username: CLOSED, blocksMessages: true })
  }

  get #dice(): Dice {
    return this.#world.dice
  }

  readonly #targets: Targets = {
    person: () => {
      if (this.#dice.chance(0.02)) return UNKNOWN
      return this.#dice.chance(0.02) ? CLOSED : this.#dice.pick(FRIENDS)
    },
    anyone: () => (this.#dice.chance(0.5) ? this.#targets.person() : this.#newStranger().username),
    strangerId: () => this.#newStranger().pk,
    postId: () => this.#newMedia('post'),
    reelId: () => this.#newMedia('reel'),
  }

  #newStranger(): { pk: string; username: string } {
    const username = `stranger_${this.strangers.size + 1}`
    const { pk } = addUser(this.#world.sandbox.world, { username, isPrivate: this.#dice.chance(0.2) })
    this.strangers.set(pk, username)
    return { pk, username }
  }

  #newMedia(kind: 'post' | 'reel'): string {
    const { world } = this.#world.sandbox
    const owner = world.userNamed(this.#dice.pick(FRIENDS))
    const commentsDisabled = this.#dice.chance(0.05)
    return addMedia(world, { ownerPk: owner?.pk ?? '', kind, takenAt: this.#world.time.now, commentsDisabled }).pk
  }

  async logIn(owner: Owner): Promise<void> {
    this.counts.logins += 1
    const body = { username: owner.username, password: PASSWORD }
    const response = await this.#ask('logIn', { userId: owner.userId, body, key: this.#newKey('login') }, 3)
    if (response?.status === 200) owner.sessionId = String(response.data['id'])
  }

  /** Logs in again where something is in the way of acting; true = everybody's session is active. */
  async mend(): Promise<boolean> {
    let isWell = true
    for (const owner of this.owners) {
      const status = owner.sessionId === null ? 'none' : await this.#statusOf(owner)
      // Connections are tried again by the lane itself.
      if (status === 'active' || status === 'proxy_error' || status === 'unreachable') {
        isWell &&= status === 'active'
        continue
      }
      isWell = false
      await this.logIn(owner)
    }
    return isWell
  }

  async act(owner: Owner): Promise<void> {
    const dice = this.#dice
    if (owner.sessionId === null) return
    const kind = dice.chance(0.5) ? dice.pick(ACT_KINDS) : this.#favourite
    const { now } = this.#world.time
    const sendAt = dice.chance(0.08) ? now + dice.between(MINUTE_MS, 6 * HOUR_MS) : null
    const expiresAt = dice.chance(0.12) ? (sendAt ?? now) + dice.between(MINUTE_MS, 8 * HOUR_MS) : null
    const onLimit = dice.chance(0.15) ? 'reject' : dice.chance(0.2) ? 'queue' : null
    const body = {
      sessionId: owner.sessionId,
      ...kind.body(this.#targets, `text ${this.#keys}`),
      ...(sendAt === null ? {} : { sendAt: new Date(sendAt).toISOString() }),
      ...(expiresAt === null ? {} : { expiresAt: new Date(expiresAt).toISOString() }),
      ...(onLimit === null ? {} : { onLimit }),
      ...(kind.name === 'message' && dice.chance(0.05) ? { override: true } : {}),
    }
    const response = await this.#ask(kind.operation, { userId: owner.userId, body, key: this.#newKey(kind.name) })
    if (response === null) return
    // 200: asked again, it has happened meanwhile.
    if (response.status !== 202 && response.status !== 200) {
      this.counts.refused += 1
      // Asked again for so long that the instants it names have passed.
      const isLate = (sendAt ?? expiresAt ?? Number.POSITIVE_INFINITY) <= this.#world.time.now
      const isExpected = REFUSALS.includes(response.code) || (isLate && response.code === 'VALIDATION_ERROR')
      if (!isExpected) this.wrongs.push(`${kind.name}: refused with ${response.code}`)
      return
    }
    const actionId = String(response.data['actionId'])
    this.accepted.push({ actionId, kind, owner })
    if (dice.chance(0.06)) {
      this.#world.time.after(dice.between(0, 2 * HOUR_MS), () => void this.#cancel(owner, actionId))
    }
  }

  async changePace(owner: Owner): Promise<void> {
    if (owner.sessionId === null) return
    const dice = this.#dice
    const maxDailyActions = dice.pick([5, 12, 30, 60, 100])
    const actionDelay = dice.pick([0, 1_000, 30_000, 120_000])
    const change: PaceChange = { maxDailyActions, from: this.#world.time.now, sureFrom: Number.POSITIVE_INFINITY }
    owner.paces.push(change)
    const params = { sessionId: owner.sessionId }
    const body = { settings: { maxDailyActions, actionDelay } }
    const response = await this.#ask('updateSession', { userId: owner.userId, params, body }, 1)
    if (response?.status === 200) change.sureFrom = this.#world.time.now
  }

  /** A friend wants no more messages, for a while: of one account or of all of its owner's. */
  async suppress(owner: Owner): Promise<void> {
    if (owner.sessionId === null) return
    const dice = this.#dice
    const username = dice.pick(FRIENDS)
    const { userId } = owner
    const contact = dice.chance(0.5) ? { username } : { platformId: this.#friendIds.get(username) ?? '' }
    const body = { ...contact, ...(dice.chance(0.5) ? { sessionId: owner.sessionId } : {}) }
    const response = await this.#ask('suppressContact', { userId, body, key: this.#newKey('stop') })
    if (response?.status !== 200 && response?.status !== 201) return
    this.counts.suppressed += 1
    const liftMs = dice.between(SECOND_MS, 8 * HOUR_MS)
    this.#world.time.after(liftMs, () => void this.#ask('liftSuppressions', { userId, query: contact }))
  }

  /** Ends the session for good; a later login opens another one. */
  async logOut(owner: Owner): Promise<void> {
    if (owner.sessionId === null) return
    const params = { sessionId: owner.sessionId }
    const operation = this.#dice.pick(['logOut', 'deactivateSession'])
    const key = operation === 'logOut' ? { key: this.#newKey('logout') } : {}
    // The next session begins with the settings of every new one.
    const { now } = this.#world.time
    owner.paces.push({ maxDailyActions: 100, from: now, sureFrom: Number.POSITIVE_INFINITY })
    await this.#ask(operation, { userId: owner.userId, params, ...key })
  }

  /** Instagram forgets the account's sessions; nobody is told before the next call. */
  loseSession(owner: Owner): void {
    const user = this.#world.sandbox.world.userNamed(owner.username)
    if (user !== undefined) endSessionsOf(this.#world.sandbox.world, user)
  }

  async look(owner: Owner): Promise<void> {
    if (owner.sessionId === null) return
    const params = { sessionId: owner.sessionId }
    await this.#ask('getSession', { userId: owner.userId, params, query: { validate: true } }, 1)
  }

  /** Most attempts in a window that ends at an instant, by what the owner had set, or may have. */
  limitAt = (window: { username: string; kind: string; name: WindowName; at: number }): number | null => {
    const owner = this.owners.find(({ username }) => username === window.username)
    if (owner === undefined) return null
    if (window.kind !== ALL_KINDS) {
      const limits = STANDARD_POLICY[window.kind] ?? {}
      return (window.name === 'hour' ? limits.hour : limits.day) ?? null
    }
    let limit = 0
    for (const [index, pace] of owner.paces.entries()) {
      // A call takes effect up to a minute after it was decided on.
      const since = window.at - MINUTE_MS
      const isOver = owner.paces.slice(index + 1).some((later) => later.sureFrom <= since)
      if (!isOver && pace.from <= window.at) limit = Math.max(limit, pace.maxDailyActions)
    }
    return limit
  }

  async #cancel(owner: Owner, actionId: string): Promise<void> {
    const response = await this.#ask('cancelAction', { userId: owner.userId, params: { actionId } }, 3)
    if (response?.status === 200) this.counts.canceled += 1
  }

  async #statusOf(owner: Owner): Promise<string> {
    const params = { sessionId: owner.sessionId ?? '' }
    const response = await this.#ask('getSession', { userId: owner.userId, params })
    if (response?.status !== 200) return response?.code === 'SESSION_NOT_FOUND' ? 'none' : 'unknown'
    return String(response.data['status'])
  }

  #newKey(what: string): string {
    this.#keys += 1
    return `${what}-${this.#keys}`
  }

  /** Asks until somebody answers: with the same key, it is the same request however often it is made. */
  async #ask(operation: string, input: RequestInput, triesMax = TRIES_MAX): Promise<Response | null> {
    const { time } = this.#world
    for (let tries = 0; tries < triesMax; tries += 1) {
      this.counts.requests += 1
      const response = (await this.#world.anyNode()?.request(operation, input)) ?? null
      const isFinal = response !== null && response.status !== 503 && response.code !== 'IDEMPOTENCY_KEY_IN_USE'
      time.note(`${operation} ${input.key ?? ''} ${response?.status ?? 'no answer'} ${response?.code ?? ''}`)
      if (isFinal) return response
      this.counts.lost += 1
      await time.wait(this.#dice.between(SECOND_MS, Math.min(30 * SECOND_MS * 2 ** tries, HOUR_MS)))
    }
    return null
  }
}
