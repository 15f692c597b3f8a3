/** One table of the world: records by key, with a callback that keeps the indexes and one that feeds the journal. */
export class Table<R> {
  readonly name: string
  readonly #records = new Map<string, R>()
  readonly #keyOf: (record: R) => string
  readonly #index: Index<R>
  readonly #changed: (table: string, key: string) => void

  constructor(
    name: string,
    keyOf: (record: R) => string,
    changed: (table: string, key: string) => void,
    index: Index<R> = {},
  ) {
    this.name = name
    this.#keyOf = keyOf
    this.#changed = changed
    this.#index = index
  }

  get size(): number {
    return this.#records.size
  }

  get(key: string): R | undefined {
    return this.#records.get(key)
  }

  has(key: string): boolean {
    return this.#records.has(key)
  }

  keyFor(record: R): string {
    return this.#keyOf(record)
  }

  values(): IterableIterator<R> {
    return this.#records.values()
  }

  /** Adds or replaces. */
  put(record: R): R {
    const key = this.#keyOf(record)
    const before = this.#records.get(key)
    if (before !== undefined) this.#index.removed?.(before)
    this.#records.set(key, record)
    this.#index.added?.(record)
    this.#changed(this.name, key)
    return record
  }

  /** Says that a record was changed in place, in fields that no index reads. */
  touch(record: R): void {
    this.#changed(this.name, this.#keyOf(record))
  }

  delete(key: string): void {
    const before = this.#records.get(key)
    if (before === undefined) return
    this.#index.removed?.(before)
    this.#records.delete(key)
    this.#changed(this.name, key)
  }

  clear(): void {
    this.#records.clear()
  }
}

export interface Index<R> {
  added?: (record: R) => void
  removed?: (record: R) => void
}

/** Map of sets or lists that appear when first needed. */
export function entryOf<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key)
  if (found !== undefined) return found
  const made = make()
  map.set(key, made)
  return made
}
