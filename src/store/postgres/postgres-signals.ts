import pg from 'pg'
import type { Timer } from '../../core/clock.ts'
import type { MachineTime } from '../../core/machine-clock.ts'
import { afterCommit } from '../connection.ts'
import { LocalSignals } from '../local-signals.ts'
import type { Db, Signals } from '../store.ts'

const RECONNECT_MS = 1_000
const CHANNEL = 'gateway'

interface PostgresSignalsDeps {
  connection: pg.ClientConfig
  machine: MachineTime
  onFault: (error: unknown) => void
}

/**
 * Wake-ups over `listen`/`notify`, on one connection of their own that comes back by itself.
 *
 * They are sent after the commit, not within it: a commit that notifies takes a lock which serialises it with every
 * other one in the database, and a hint that gets lost costs a second. While one is on its way, equal ones are merged.
 */
export class PostgresSignals implements Signals {
  readonly #deps: PostgresSignalsDeps
  readonly #local = new LocalSignals()
  readonly #outgoing = new Set<string>()
  #client: pg.Client | null = null
  #reconnect: Timer | null = null
  #isSending = false
  #isClosed = false

  constructor(deps: PostgresSignalsDeps) {
    this.#deps = deps
  }

  notify(tx: Db, channel: string, payload: string): void {
    afterCommit(tx, () => {
      this.#local.emit(channel, payload)
      this.#outgoing.add(JSON.stringify([channel, payload]))
      if (!this.#isSending) void this.#send()
    })
  }

  listen(channel: string, listener: (payload: string) => void): () => void {
    return this.#local.listen(channel, listener)
  }

  /** Listens; tries again after a second when the connection cannot be made or is lost. */
  async connect(): Promise<void> {
    this.#reconnect = null
    const client = new pg.Client(this.#deps.connection)
    client.on('error', (error) => this.#lose(client, error))
    client.on('end', () => this.#lose(client, null))
    client.on('notification', ({ processId, payload = '' }) => {
      // `notify` has told our own listeners already.
      if (processId === ownProcessId(client)) return
      const [channel, text] = JSON.parse(payload) as [string, string]
      this.#local.emit(channel, text)
    })
    try {
      await client.connect()
      await client.query(`listen ${CHANNEL}`)
      if (this.#isClosed) await client.end()
      else this.#client = client
    } catch (error) {
      client.end().catch(() => {}) // never connected: there is nothing to end
      this.#retry(error)
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#reconnect?.cancel()
    const client = this.#client
    this.#client = null
    await client?.end()
  }

  async #send(): Promise<void> {
    this.#isSending = true
    try {
      for (const payload of this.#outgoing) {
        this.#outgoing.delete(payload)
        await this.#client?.query({ name: 'notify', text: 'select pg_notify($1, $2)', values: [CHANNEL, payload] })
      }
    } catch (error) {
      this.#deps.onFault(error)
    } finally {
      this.#isSending = false
    }
  }

  #lose(client: pg.Client, error: unknown): void {
    if (this.#client !== client) return
    this.#client = null
    this.#retry(error)
  }

  #retry(error: unknown): void {
    if (this.#isClosed || this.#reconnect !== null) return
    if (error !== null) this.#deps.onFault(error)
    this.#reconnect = this.#deps.machine.after(RECONNECT_MS, () => void this.connect(), { holdsProcess: false })
  }
}

/** The server's process behind a client: `pg` has it, its types do not. */
function ownProcessId(client: pg.Client): number | null {
  return 'processID' in client && typeof client.processID === 'number' ? client.processID : null
}
