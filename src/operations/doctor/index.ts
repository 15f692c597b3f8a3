import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Config, Secrets } from '../../config/index.ts'
import type { Clock } from '../../core/clock.ts'
import type { Random } from '../../core/random.ts'
import { createVault, type KeySource, listProxies, loadKeys, type SessionProxy } from '../../sessions/index.ts'
import { currentOwner, storeFile } from '../../store/data-dir.ts'
import { StoreRefusal } from '../../store/faults.ts'
import { inspectStore, lookInto, type StoreFacts } from '../../store/inspect-store.ts'
import type { StoreLocation } from '../../store/open-store.ts'
import type { Db } from '../../store/store.ts'
import { checkDirectory } from './check-directory.ts'
import { checkLock } from './check-lock.ts'
import { checkPorts } from './check-ports.ts'
import { checkProxies } from './check-proxies.ts'
import { checkClock, checkStore } from './check-store.ts'
import type { Finding } from './trouble.ts'

export type { Finding, Trouble } from './trouble.ts'

/**
 * Everything that could stand in the way of a start, in the order in which a start would meet it. Changes nothing, takes no
 * lock, and may run beside a gateway. The configuration was judged before: it was read.
 */
export async function examine(
  deps: { clock: Pick<Clock, 'wall'>; random: Random },
  { config, secrets }: { config: Config; secrets: Secrets },
): Promise<Finding[]> {
  const { mode } = config.instagram
  const findings = [await checkDirectory(config.dataDir)]
  const owner = currentOwner(config.dataDir)
  findings.push(checkLock(owner))
  if (owner === null) findings.push(await checkPorts(config))
  const location: StoreLocation =
    secrets.databaseUrl === null ? { file: storeFile(config.dataDir) } : { url: secrets.databaseUrl.reveal() }
  const keys = { configured: secrets.encryptionKeys?.reveal() ?? null, dataDir: config.dataDir }
  try {
    const seen = await lookInto(location, async (db) => {
      const facts = await inspectStore(db)
      return { facts, proxies: await proxiesOf(deps, db, { facts, keys }) }
    })
    findings.push(checkStore(seen?.facts ?? null, mode), checkClock(seen?.facts ?? null, mode, deps.clock.wall()))
    findings.push(await checkProxies(seen?.proxies ?? [], mode))
  } catch (error) {
    findings.push(unreachable(error), checkClock(null, mode, deps.clock.wall()))
  }
  return findings
}

async function proxiesOf(
  deps: { random: Random },
  db: Db,
  { facts, keys }: { facts: StoreFacts; keys: KeySource },
): Promise<SessionProxy[]> {
  const isReadable = facts.mode !== null && facts.pendingMigrations.length === 0
  // Loading keys would make a missing file, and whoever examines changes nothing.
  const hasKeys = keys.configured !== null || existsSync(join(keys.dataDir, 'keys'))
  if (!isReadable || !hasKeys) return []
  return listProxies(db, { vault: createVault({ keys: await loadKeys(deps, keys), random: deps.random }) })
}

/** The text of a refusal names host and cause, never the password, and says itself what to do. */
function unreachable(error: unknown): Finding {
  const reason = error instanceof Error ? error.message || error.name : String(error)
  const trouble =
    error instanceof StoreRefusal
      ? { what: 'it does not open', remedy: reason.replace(/\.$/, '') }
      : { what: `it cannot be read (${reason})`, remedy: 'check its permissions, or restore a backup' }
  return { subject: 'store', troubles: [trouble], detail: '' }
}
