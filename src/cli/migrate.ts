import { readConfig } from '../config/index.ts'
import { machineTime } from '../core/machine-clock.ts'
import { openDataDir, storeFile } from '../store/data-dir.ts'
import { inspectStore, lookInto } from '../store/inspect-store.ts'
import { openStore, type StoreLocation } from '../store/open-store.ts'
import type { Command } from './command.ts'

export const migrate: Command = {
  name: 'migrate',
  summary: 'brings the store to this version, as a start would',
  usage: '',
  flags: {},
  async run(context) {
    const { config, secrets } = readConfig(context.env)
    const { mode } = config.instagram
    const location: StoreLocation =
      secrets.databaseUrl === null ? { file: storeFile(config.dataDir) } : { url: secrets.databaseUrl.reveal() }
    // PostgreSQL has a lock of its own; a file belongs to whoever holds its directory.
    const directory = 'file' in location ? openDataDir({ path: config.dataDir, sinceWall: machineTime.wall() }) : null
    try {
      const facts = await lookInto(location, inspectStore)
      const store = await openStore({ ...location, mode })
      await store.close()
      for (const name of facts?.pendingMigrations ?? []) context.print(`applied ${name}`)
      context.print(facts === null ? 'The store was made.' : 'The store is current.')
      return 0
    } finally {
      directory?.release()
    }
  },
}
