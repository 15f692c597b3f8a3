import { readConfig } from '../config/index.ts'
import { createSystemClock } from '../core/clock-system.ts'
import { machineTime } from '../core/machine-clock.ts'
import { systemRandom } from '../core/random.ts'
import { ALL_SEALED_COLUMNS } from '../ground.ts'
import { createAudit } from '../operations/audit.ts'
import { createRotateKeys, createVault, loadKeys } from '../sessions/index.ts'
import { readSeenAt } from '../store/clock-row.ts'
import { openDataDir, storeFile } from '../store/data-dir.ts'
import { StoreRefusal } from '../store/faults.ts'
import { openStore } from '../store/open-store.ts'
import { CliError, type Command } from './command.ts'

export const rotateKeys: Command = {
  name: 'rotate-keys',
  summary: 'encrypts stored credentials under a new key, while the gateway is stopped',
  usage: '',
  flags: {},
  async run(context) {
    const { config, secrets } = readConfig(context.env)
    const { mode } = config.instagram
    const { dataDir } = config
    const directory = secrets.databaseUrl === null ? ownDirectory(dataDir) : null
    const store = await openStore({
      ...(secrets.databaseUrl === null ? { file: storeFile(dataDir) } : { url: secrets.databaseUrl.reveal() }),
      mode,
    })
    const clock = createSystemClock({ startFloor: await readSeenAt(store.read) })
    try {
      const random = systemRandom()
      const source = { configured: secrets.encryptionKeys?.reveal() ?? null, dataDir }
      const vault = createVault({ keys: await loadKeys({ random }, source), random })
      const rotate = createRotateKeys({
        store,
        vault,
        random,
        source,
        columns: ALL_SEALED_COLUMNS,
        audit: createAudit({ clock, random }),
      })
      const { keyVersion, rewrapped, unreadable, droppedVersions } = await rotate({ actor: 'command rotate-keys' })
      context.print(`${rewrapped} values are under key ${keyVersion} now.`)
      if (droppedVersions.length > 0) context.print(`Keys no longer needed and removed: ${droppedVersions.join(', ')}.`)
      if (unreadable > 0) context.complain(`${unreadable} values open with no key at hand; no key was removed.`)
      return unreadable > 0 ? 1 : 0
    } finally {
      clock.stop()
      await store.close()
      directory?.release()
    }
  },
}

/** A running gateway holds the keys in memory, so it has to do it itself. */
function ownDirectory(path: string) {
  try {
    return openDataDir({ path, sinceWall: machineTime.wall() })
  } catch (error) {
    if (!(error instanceof StoreRefusal) || error.reason !== 'directory_in_use') throw error
    throw new CliError(
      `${error.message}\nOr let the running gateway do it: POST /api/v2/instagram/admin/rotate-keys with a token of --role admin.`,
      1,
      error,
    )
  }
}
