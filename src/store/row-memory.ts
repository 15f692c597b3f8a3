/** Tables of which something may be remembered, by the id that `watch-rows.ts` reports. */
export type RememberedTable = 'sessions' | 'usage' | 'switches' | 'suppressions'

/** Ids that something is kept of at once; a session is about 1.5 KB. */
const KEPT_MAX = 5_000
/** Values of one id kept at once: a queue's forecasts ask about ever other places. */
const PARTS_MAX = 32

/** Which value of a row is meant, where there are several. */
export interface Place {
  table: RememberedTable
  id: string
  part?: string
}

/**
 * What was made of rows, kept until one of them changes. Only where this process is the only one that writes: the engine
 * itself reports each row that a statement touches, so no write can be forgotten.
 *
 * A row *is changing* from the statement that touched it until its transaction is durable or was rolled back. Meanwhile it
 * is neither answered from here nor kept, for anybody: whoever is inside the transaction reads its own write, everybody
 * else what was committed before. `version` moves with every touch and with its end, so that what was read before either
 * is not kept after it.
 */
export class RowMemory {
  readonly #kept = new Map<string, Map<string, object>>()
  /** How many transactions under way touched a row. */
  readonly #changing = new Map<string, number>()
  #touched = new Set<string>()
  #version = 0

  get version(): number {
    return this.#version
  }

  /** The value made of the row; it is shared, and frozen. */
  find(place: Place): object | undefined {
    return this.#kept.get(keyOf(place.table, place.id))?.get(place.part ?? '')
  }

  /** Keeps what was made of a row that was read when `version` was as given. */
  keep(place: Place, read: { value: object; version: number }): void {
    const key = keyOf(place.table, place.id)
    if (read.version !== this.#version || this.#changing.has(key) || this.#changing.has(place.table)) return
    let parts = this.#kept.get(key)
    if (parts === undefined) {
      if (this.#kept.size >= KEPT_MAX) this.#dropOldest()
      parts = new Map()
      this.#kept.set(key, parts)
    }
    if (parts.size >= PARTS_MAX) parts.clear()
    parts.set(place.part ?? '', freeze(read.value))
  }

  /** A statement of the transaction that is open touched a row; null = it may have been any of the table. */
  touch(table: RememberedTable, id: string | null): void {
    this.#version += 1
    const key = id === null ? table : keyOf(table, id)
    if (id === null) this.#kept.clear()
    else this.#kept.delete(key)
    if (this.#touched.has(key)) return
    this.#touched.add(key)
    this.#changing.set(key, (this.#changing.get(key) ?? 0) + 1)
  }

  /** What the transaction touched that ends now; hand it to `settle` once it is durable, or was rolled back. */
  take(): ReadonlySet<string> {
    const touched = this.#touched
    if (touched.size > 0) this.#touched = new Set()
    return touched
  }

  settle(touched: ReadonlySet<string>): void {
    if (touched.size === 0) return
    this.#version += 1
    for (const key of touched) {
      const left = (this.#changing.get(key) ?? 1) - 1
      if (left === 0) this.#changing.delete(key)
      else this.#changing.set(key, left)
    }
  }

  #dropOldest(): void {
    for (const key of this.#kept.keys()) {
      this.#kept.delete(key)
      return
    }
  }
}

function keyOf(table: RememberedTable, id: string): string {
  return `${table}/${id}`
}

function freeze(value: object): object {
  for (const member of Object.values(value)) if (typeof member === 'object' && member !== null) freeze(member)
  return Object.freeze(value)
}
