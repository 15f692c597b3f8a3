import { BULK_KINDS, type BulkKind, type Targets } from './act-kinds.ts'
import type { RequestInput, Response } from './gateway-node.ts'
import type { Owner } from './people.ts'
import { HOUR_MS, MINUTE_MS, SECOND_MS, type World } from './world.ts'

interface BulksParts {
  world: World
  targets: Targets
  newKey(what: string): string
  /** Asks until somebody answers; null = nobody ever did. */
  ask(operation: string, input: RequestInput): Promise<Response | null>
  /** Whatever should not have been answered. */
  wrongs: string[]
}

interface AcceptedBulk {
  bulkId: string
  kind: BulkKind
  owner: Owner
  total: number
}

/** Larger bulks are canceled in the end. */
const PATIENT_WITH_MAX = 100

type Step = 'pause' | 'resume' | 'cancel'

/** Refusals that a bulk may meet; its limits only make it wait. */
const REFUSALS: readonly (string | null)[] = ['SESSION_NOT_ACTIVE', 'SESSION_NOT_FOUND']

/** Those who want the same done to many, and change their minds about it. */
export class Bulks {
  readonly accepted: AcceptedBulk[] = []
  readonly counts = { bulks: 0, items: 0, paused: 0, resumed: 0, bulksCanceled: 0 }
  readonly #parts: BulksParts

  constructor(parts: BulksParts) {
    this.#parts = parts
  }

  async send(owner: Owner, size: number): Promise<void> {
    const { world, targets, newKey, ask, wrongs } = this.#parts
    const { dice } = world
    if (owner.sessionId === null) return
    const kind = dice.pick(BULK_KINDS)
    const key = newKey(`bulk_${kind.name}`)
    const delay = dice.pick([0, 0, SECOND_MS, MINUTE_MS, 10 * MINUTE_MS])
    const body = { sessionId: owner.sessionId, ...kind.body(targets, `text of ${key}`, { size, delay }) }
    const response = await ask(kind.operation, { userId: owner.userId, body, key })
    if (response === null) return
    if (response.status !== 202 && response.status !== 200) {
      if (!REFUSALS.includes(response.code)) wrongs.push(`bulk ${kind.name}: refused with ${response.code}`)
      return
    }
    const bulk = { bulkId: String(response.data['bulkId']), kind, owner, total: size }
    this.accepted.push(bulk)
    this.counts.bulks += 1
    this.counts.items += size
    this.#changeMind(bulk)
  }

  #changeMind(bulk: AcceptedBulk): void {
    const { dice, time } = this.#parts.world
    const later = (most: number, step: Step) => time.after(dice.between(0, most), () => void this.#take(bulk, step))
    if (dice.chance(0.4)) later(2 * HOUR_MS, 'pause')
    if (dice.chance(0.4)) later(8 * HOUR_MS, 'resume')
    if (dice.chance(0.2)) later(6 * HOUR_MS, 'cancel')
  }

  async #take({ bulkId, kind, owner }: AcceptedBulk, step: Step): Promise<void> {
    const { ask, newKey, wrongs } = this.#parts
    const operation = `${step}${kind.operation === 'engageInBulk' ? 'ActionBulk' : 'MessageBulk'}`
    const response = await ask(operation, { userId: owner.userId, params: { bulkId }, key: newKey(step) })
    if (response === null || response.code === 'BULK_ENDED') return
    if (response.status !== 200) {
      wrongs.push(`${step} of ${bulkId}: ${response.status} ${response.code}`)
      return
    }
    if (step === 'pause') this.counts.paused += 1
    else if (step === 'resume') this.counts.resumed += 1
    else this.counts.bulksCanceled += 1
  }

  /** When calm has come nobody leaves a bulk paused, or waits months for the largest at a few a day. */
  async comeToAnEnd(): Promise<void> {
    const open = await this.#parts.world.store.read
      .selectFrom('batches')
      .select(['id', 'status'])
      .where('status', 'in', ['running', 'paused'])
      .execute()
    const statuses = new Map(open.map(({ id, status }) => [id, status]))
    await Promise.all(
      this.accepted.map(async (bulk) => {
        const status = statuses.get(bulk.bulkId)
        if (status !== undefined && bulk.total > PATIENT_WITH_MAX) await this.#take(bulk, 'cancel')
        else if (status === 'paused') await this.#take(bulk, 'resume')
      }),
    )
  }

  /** What of the store does not fit what was answered. */
  async judge(): Promise<string[]> {
    const { store } = this.#parts.world
    const rows = await store.read.selectFrom('batches').selectAll().execute()
    const batches = new Map(rows.map((row) => [row.id, row]))
    const wrong = [...store.unbalanced].map((id) => `counts: ${id} did not add up at every look`)
    for (const { bulkId, total } of this.accepted) {
      const batch = batches.get(bulkId)
      if (batch === undefined) wrong.push(`bulk: ${bulkId} was accepted and is not there`)
      else if (batch.total !== total) wrong.push(`bulk: ${bulkId} has ${batch.total} items of ${total}`)
      else if (batch.settled_at === null) wrong.push(`bulk: ${bulkId} never ended: ${batch.status}`)
    }
    const known = new Set<string>()
    for (const { id, kind, payload, status } of rows) {
      if (status === 'accepting') wrong.push(`bulk: ${id} was never accepted, and is still there`)
      // The text of a message bulk is said once.
      if (kind === 'message' && known.has(payload)) wrong.push(`idempotency: ${id} was accepted before`)
      known.add(payload)
    }
    return wrong
  }
}
