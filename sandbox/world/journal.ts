import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { appendFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Clock, Timer } from '../../src/core/clock.ts'
import type { Change, World } from './world.ts'

/**
 * Keeps the world in a file, one line of JSON a batch of changes, at most a second behind and without fsync: the
 * simulated Instagram needs to survive a restart, not a power cut. A batch is one line, so a torn last line loses a
 * whole batch and never half an effect. Starting and resetting rewrite the file as one snapshot.
 */
export class Journal {
  readonly #file: string
  readonly #world: World
  readonly #clock: Clock
  #timer: Timer | null = null
  #writing: Promise<void> = Promise.resolve()
  #closed = false
  /** Why the last write failed; the changes stay in memory and are tried again. */
  lastError: Error | null = null

  constructor(file: string, world: World, clock: Clock) {
    this.#file = file
    this.#world = world
    this.#clock = clock
  }

  /** Reads the file into the world; false when there is nothing to read. */
  load(): boolean {
    const text = readIfThere(this.#file)
    if (text === null) return false
    for (const line of text.split('\n')) this.#world.apply(changesIn(line))
    this.#world.takeChanges()
    return !this.#world.isEmpty
  }

  /** Replaces the file by the world as it is. */
  rewrite(): void {
    this.#world.takeChanges()
    const lines = this.#world.dump().map((change) => `${JSON.stringify([change])}\n`)
    try {
      mkdirSync(dirname(this.#file), { recursive: true })
      writeFileSync(`${this.#file}.new`, lines.join(''), { mode: 0o600 })
      renameSync(`${this.#file}.new`, this.#file)
      this.lastError = null
    } catch (error) {
      this.#failed(error, [])
    }
  }

  /** Plans the next write; called by the world when something changed. */
  plan(): void {
    if (this.#timer !== null || this.#closed) return
    this.#timer = this.#clock.after(WRITE_EVERY_MS, () => {
      this.#timer = null
      void this.flush()
    })
  }

  /** Resolves when everything known now is in the file, or could not be written. */
  flush(): Promise<void> {
    this.#writing = this.#writing.then(async () => {
      const changes = this.#world.takeChanges()
      if (changes.length === 0) return
      try {
        await appendFile(this.#file, this.#line(changes), { mode: 0o600 })
        this.lastError = null
      } catch (error) {
        this.#failed(error, changes)
      }
    })
    return this.#writing
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#timer?.cancel()
    await this.#writing
    const changes = this.#world.takeChanges()
    if (changes.length === 0) return
    try {
      appendFileSync(this.#file, this.#line(changes), { mode: 0o600 })
    } catch (error) {
      this.#failed(error, changes)
    }
  }

  /** A write that failed may have left half a line: the next one starts on its own. */
  #line(changes: Change[]): string {
    return `${this.lastError === null ? '' : '\n'}${JSON.stringify(changes)}\n`
  }

  #failed(error: unknown, changes: Change[]): void {
    this.lastError = error instanceof Error ? error : new Error(String(error))
    this.#world.restoreChanges(changes)
  }
}

const WRITE_EVERY_MS = 1000

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}

/** A line that was torn by a crash or a full disk holds no changes. */
function changesIn(line: string): Change[] {
  if (line === '') return []
  try {
    const changes: unknown = JSON.parse(line)
    return Array.isArray(changes) ? changes.filter(isChange) : []
  } catch {
    return []
  }
}

function isChange(value: unknown): value is Change {
  return Array.isArray(value) && value.length === 3 && typeof value[0] === 'string' && typeof value[1] === 'string'
}
