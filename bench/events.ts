import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { parseArgs } from 'node:util'
import { systemRandom } from '../src/core/random.ts'
import { ingestEvents } from '../src/events/index.ts'
import { openStore } from '../src/store/open-store.ts'
import { temporaryDirectory } from '../test/support/gateway-process.ts'

// How fast what others do to accounts becomes events: facts recognised by Instagram's ids, numbered per user and written
// down durably, against a loop that only inserts the same rows in transactions of the same size. SQLite, in turns.

const { values } = parseArgs({ options: { events: { type: 'string', default: '20000' } } })
const EVENTS = Number(values.events)
const ROUNDS = 3
/** As many as a page of the activity feed holds. */
const AT_ONCE = 100
const AT = Date.UTC(2026, 0, 1)
const DATA = {
  from: { platformId: '70055667788', username: 'clay.fern' },
  occurredAt: new Date(AT).toISOString(),
  mediaId: '3500000000000000001',
  commentId: '18000000000000001',
  parentCommentId: null,
  text: 'Lovely! Is it for sale?',
}

console.log(`${EVENTS} events a round, ${AT_ONCE} a transaction, ${ROUNDS} rounds, Node ${process.version}`)
const ours: number[] = []
const again: number[] = []
const raw: number[] = []
for (let round = 0; round < ROUNDS; round++) {
  raw.push(await measureRaw())
  const ingested = await measureIngest()
  ours.push(ingested.new)
  again.push(ingested.known)
}
console.log('| | per second | raw inserts | ratio |\n| --- | --- | --- | --- |')
for (const [what, rates] of [
  ['events ingested', ours],
  ['facts recognised as told already', again],
] as const) {
  const [rate, base] = [Math.max(...rates), Math.max(...raw)]
  console.log(`| ${what} | ${rate.toFixed(0)} | ${base.toFixed(0)} | ${(rate / base).toFixed(2)} |`)
}

async function measureIngest(): Promise<{ new: number; known: number }> {
  const directory = await temporaryDirectory()
  const store = await openStore({ file: join(directory.path, 'gateway.db'), mode: 'sandbox' })
  const random = systemRandom()
  const event = {
    userId: 'user_123',
    type: 'comment.received',
    at: AT,
    sessionId: 'instagram_1',
    username: 'north.lamp',
    data: DATA,
  } as const
  const ingestAll = () =>
    perSecond(async () => {
      for (let from = 0; from < EVENTS; from += AT_ONCE) {
        const facts = Array.from({ length: AT_ONCE }, (_, index) => {
          return { kind: 'comment', externalId: `18${from + index}`, event }
        })
        await store.write((tx) => ingestEvents(tx, { random, store }, 'a', facts))
      }
    })
  try {
    return { new: await ingestAll(), known: await ingestAll() }
  } finally {
    await store.close()
    await directory.remove()
  }
}

async function measureRaw(): Promise<number> {
  const directory = await temporaryDirectory()
  const database = new DatabaseSync(join(directory.path, 'raw.db'))
  database.exec('pragma journal_mode = wal; pragma synchronous = full; pragma wal_autocheckpoint = 20000')
  database.exec(`create table events (user_id text, sequence integer, id text, type text, at integer, session_id text,
    username text, data text, primary key (user_id, sequence))`)
  const insert = database.prepare('insert into events values (?, ?, ?, ?, ?, ?, ?, ?)')
  try {
    return await perSecond(async () => {
      for (let from = 0; from < EVENTS; from += AT_ONCE) {
        database.exec('begin immediate')
        for (let no = from; no < from + AT_ONCE; no++) {
          const data = JSON.stringify(DATA)
          insert.run('user_123', no, `evt_${AT}_${no}`, 'comment.received', AT, 'instagram_1', 'north.lamp', data)
        }
        database.exec('commit')
      }
    })
  } finally {
    database.close()
    await directory.remove()
  }
}

async function perSecond(work: () => Promise<void>): Promise<number> {
  const began = performance.now()
  await work()
  return (EVENTS * 1_000) / (performance.now() - began)
}
