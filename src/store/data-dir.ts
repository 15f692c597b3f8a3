import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { StoreRefusal } from './faults.ts'
import { makeDirectory } from './make-directory.ts'
import { sqliteCode } from './sqlite/sqlite-faults.ts'

const SQLITE_BUSY = 5

/**
 * The locks of this process. Kept here because a connection that nobody refers to is closed by the garbage collector,
 * and the lock with it, whatever the caller does with what it was given.
 */
const held = new Set<DatabaseSync>()

/** The data directory while this process owns it. */
export interface DataDir {
  readonly path: string
  /** Gives the directory up; the death of the process does the same. */
  release(): void
}

/**
 * Creates the data directory (readable by its owner only) and takes it for this process's life, by holding an exclusive
 * transaction on `lock`: the kernel frees it at death, so nothing is ever stale. `owner` only feeds the sentence that a
 * second process is refused with.
 *
 * Throws `StoreRefusal` when another process owns the directory, or when it cannot be written.
 */
export function openDataDir({ path, sinceWall }: { path: string; sinceWall: number }): DataDir {
  const directory = resolve(path)
  makeDataDir(path)
  try {
    const lock = takeLock(directory)
    try {
      writeFileSync(join(directory, 'owner'), describeOwner(sinceWall), { mode: 0o600 })
    } catch (error) {
      releaseLock(lock)
      throw error
    }
    return { path: directory, release: () => releaseLock(lock) }
  } catch (error) {
    if (error instanceof StoreRefusal) throw error
    throw unusable(directory, error)
  }
}

/** Creates the directory without taking it: with PostgreSQL it only holds caches. Throws `StoreRefusal` when it cannot. */
export function makeDataDir(path: string): void {
  const directory = resolve(path)
  try {
    makeDirectory(directory)
  } catch (error) {
    throw unusable(directory, error)
  }
}

function unusable(directory: string, error: unknown): StoreRefusal {
  const reason = error instanceof Error ? error.message : String(error)
  return new StoreRefusal(
    'directory_unusable',
    `The data directory ${directory} cannot be written (${reason}): make it writable, or set DATA_DIR to another one.`,
    error,
  )
}

/** The database file of the embedded store. */
export function storeFile(directory: string): string {
  return join(resolve(directory), 'gateway.db')
}

/**
 * Who holds the directory now, e.g. `process 17 on host since …`, or null. Looks without taking: while the exclusive
 * transaction lasts, even a reader is refused.
 */
export function currentOwner(path: string): string | null {
  const file = join(resolve(path), 'lock')
  if (!existsSync(file)) return null
  const lock = new DatabaseSync(file, { readOnly: true })
  try {
    lock.prepare('select count(*) from sqlite_schema').get()
    return null
  } catch (error) {
    if (sqliteCode(error) !== SQLITE_BUSY) throw error
    return readOwner(resolve(path)).replace(/^ by /, '') || 'another process'
  } finally {
    lock.close()
  }
}

function takeLock(directory: string): DatabaseSync {
  const lock = new DatabaseSync(join(directory, 'lock'))
  try {
    lock.exec('begin exclusive')
    held.add(lock)
    return lock
  } catch (error) {
    lock.close()
    if (sqliteCode(error) !== SQLITE_BUSY) throw error
    throw new StoreRefusal(
      'directory_in_use',
      `The data directory ${directory} is in use${readOwner(directory)}: stop that process, or set DATA_DIR to another directory.`,
      error,
    )
  }
}

function releaseLock(lock: DatabaseSync): void {
  if (held.delete(lock)) lock.close()
}

function describeOwner(sinceWall: number): string {
  return `process ${process.pid} on ${hostname()} since ${new Date(sinceWall).toISOString()}\n`
}

/** A clause for the refusal, or nothing: the owner may be just about to write it. */
function readOwner(directory: string): string {
  try {
    return ` by ${readFileSync(join(directory, 'owner'), 'utf8').trim()}`
  } catch {
    return ''
  }
}
