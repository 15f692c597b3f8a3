import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore, type StoreLocation } from '../../src/store/open-store.ts'

/** A place for one store, and what ends its use. */
export interface Place {
  location: StoreLocation
  /** Rejects when a connection to it was left open. `isQuiet`: every store that was opened there has closed. */
  giveBack(isQuiet: boolean): Promise<void>
}

/** Where the tests of one file put their stores. */
export interface StorePlaces {
  /** Nothing is there yet. */
  empty(): Promise<Place>
  /** As a first start leaves it: this version's schema, sandbox mode, no rows but those that migrations write. */
  migrated(): Promise<Place>
  /** After the file's last test. */
  close(): Promise<void>
}

const DATABASE = 'gateway.db'

/** A directory for each store; a migrated one begins as a copy of the file's first, which takes a tenth of the time. */
export class SqlitePlaces implements StorePlaces {
  #template: Promise<string> | null = null

  async empty(): Promise<Place> {
    return placeIn(makeDirectory())
  }

  async migrated(): Promise<Place> {
    this.#template ??= makeTemplate()
    const directory = makeDirectory()
    copyFileSync(join(await this.#template, DATABASE), join(directory, DATABASE))
    return placeIn(directory)
  }

  async close(): Promise<void> {
    if (this.#template !== null) remove(await this.#template)
  }
}

/** Resolves with the directory of a migrated database that nobody has open. */
async function makeTemplate(): Promise<string> {
  const directory = makeDirectory()
  const store = await openStore({ mode: 'sandbox', file: join(directory, DATABASE) })
  await store.close()
  return directory
}

function placeIn(directory: string): Place {
  return { location: { file: join(directory, DATABASE) }, giveBack: async () => remove(directory) }
}

const makeDirectory = () => mkdtempSync(join(tmpdir(), 'gateway-store-'))
const remove = (directory: string) => rmSync(directory, { recursive: true, force: true })
