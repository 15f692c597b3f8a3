import { GatewayError } from '../core/errors.ts'
import type { Db } from '../store/store.ts'
import type { SessionDeps } from './dependencies.ts'
import { type KeySource, loadKeys, saveKeys } from './key-file.ts'
import type { SealedColumn } from './sealed-columns.ts'
import { nextKey, VaultError } from './vault.ts'

/**
 * Re-wraps every sealed value with the newest key. With a key file a new key is made first and the old ones are dropped
 * last; with `ENCRYPTION_KEYS` the operator adds the new key before and removes the old one after.
 *
 * It may die anywhere: values already re-wrapped are passed over by the next run, and an old key leaves the file only
 * when nothing that it wrapped is left.
 */
export interface RotateKeysDeps extends Pick<SessionDeps, 'store' | 'vault' | 'random' | 'audit'> {
  source: KeySource
  columns: readonly SealedColumn[]
}

export interface KeyRotation {
  keyVersion: number
  rewrapped: number
  /** Values that no key opens; while there are any, no key is dropped. */
  unreadable: number
  droppedVersions: number[]
}

const BATCH = 200

/** One at a time; a second call while one runs is refused with `UNAVAILABLE`. */
export function createRotateKeys(deps: RotateKeysDeps): (input: { actor: string }) => Promise<KeyRotation> {
  let isRunning = false
  return async (input) => {
    if (isRunning)
      throw new GatewayError('UNAVAILABLE', { message: 'The keys are being rotated.', retryAfterSeconds: 5 })
    isRunning = true
    try {
      return await rotate(deps, input)
    } finally {
      isRunning = false
    }
  }
}

async function rotate(deps: RotateKeysDeps, { actor }: { actor: string }): Promise<KeyRotation> {
  const { vault, source, store } = deps
  await takeNewKey(deps)
  const counts = { rewrapped: 0, unreadable: 0 }
  for (const column of deps.columns) await rewrapColumn(deps, column, counts)
  const droppedVersions = counts.unreadable === 0 ? await dropOldKeys(deps) : []
  const rotation = { keyVersion: vault.currentVersion, ...counts, droppedVersions }
  const details = { ...rotation, from: source.configured === null ? 'key file' : 'ENCRYPTION_KEYS' }
  await store.write((tx) => deps.audit(tx, { actor, what: 'keys.rotated', target: null, details }))
  return rotation
}

/** Several keys in the file are a rotation that did not end: it goes on with the newest of them. */
async function takeNewKey({ vault, random, source }: RotateKeysDeps): Promise<void> {
  if (source.configured !== null) return
  const keys = await loadKeys({ random }, source)
  const all = keys.length > 1 ? keys : [...keys, nextKey(keys, random)]
  await saveKeys(source, all)
  vault.useKeys(all)
}

async function rewrapColumn(
  deps: RotateKeysDeps,
  column: SealedColumn,
  counts: { rewrapped: number; unreadable: number },
): Promise<void> {
  for (let after = ''; ; ) {
    const rows = await column.page(deps.store.read, { after, limit: BATCH })
    const changes: { key: string; from: string; to: string }[] = []
    for (const { key, sealed } of rows) {
      try {
        const to = deps.vault.rewrap(sealed, column.identity(key))
        if (to !== null) changes.push({ key, from: sealed, to })
      } catch (error) {
        if (!(error instanceof VaultError)) throw error
        counts.unreadable += 1
      }
    }
    if (changes.length > 0) counts.rewrapped += await deps.store.write((tx) => replaceAll(tx, column, changes))
    const last = rows.at(-1)
    if (last === undefined || rows.length < BATCH) return
    after = last.key
  }
}

/** A value that was written anew meanwhile is under the newest key already and stays as it is. */
async function replaceAll(
  tx: Db,
  column: SealedColumn,
  changes: readonly { key: string; from: string; to: string }[],
): Promise<number> {
  let replaced = 0
  for (const change of changes) replaced += await column.replace(tx, change)
  return replaced
}

/**
 * Only from the file: the running vault keeps the old keys until the next start, for requests that have read a value
 * before it was re-wrapped.
 */
async function dropOldKeys({ vault, random, source }: RotateKeysDeps): Promise<number[]> {
  if (source.configured !== null) return []
  const keys = await loadKeys({ random }, source)
  const old = keys.filter(({ version }) => version !== vault.currentVersion)
  await saveKeys(
    source,
    keys.filter((key) => !old.includes(key)),
  )
  return old.map(({ version }) => version)
}
