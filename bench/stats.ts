import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { sql } from 'kysely'
import { readConversationMessages } from '../src/messaging/read-messages.ts'
import { PERIODS, readStats } from '../src/messaging/read-stats.ts'
import { openStore } from '../src/store/open-store.ts'
import type { Store } from '../src/store/store.ts'
import { temporaryDirectory } from '../test/support/gateway-process.ts'

// Statistics of an account and pages of a conversation with many messages, spread over ninety days, among as many of
// another account of the same user: against the same with few. SQLite, or PostgreSQL where DATABASE_URL names an empty
// database.

const { values } = parseArgs({ options: { messages: { type: 'string', default: '1000000' } } })
const MANY = Number(values.messages)
const FEW = 100
const ROUNDS = 5
const DAY_MS = 86_400_000
const NOW = Date.UTC(2026, 0, 1)
const SPREAD_MS = 90 * DAY_MS
const USER = 'user_123'

const principal = { userId: USER, isAdmin: false, scopes: null, sessions: null }
const sessionOf = (accountId: string) => ({ id: `instagram_${accountId}`, userId: USER, accountId, username: 'bench' })

const url = process.env['DATABASE_URL']
const directory = await temporaryDirectory()
const place = url === undefined ? { file: join(directory.path, 'gateway.db') } : { url }
const store = await openStore({ ...place, mode: 'sandbox' })
try {
  console.log(`${MANY} messages over 90 days, ${store.engine}, Node ${process.version}`)
  const began = performance.now()
  for (const [accountId, count] of [
    ['acct_few', FEW],
    ['acct_many', MANY],
    ['acct_other', MANY],
  ] as const) {
    await fill(store, { accountId, count })
  }
  if (store.engine === 'postgres') await sql`analyze messages`.execute(store.read)
  console.log(`filled in ${((performance.now() - began) / 1_000).toFixed(0)} s\n`)
  console.log(
    `| | of ${MANY} (ms) | longest stall of the event loop (ms) | of ${FEW} (ms) |\n| --- | --- | --- | --- |`,
  )
  for (const period of PERIODS) {
    await print(`statistics of ${period}`, (accountId) =>
      readStats(deps(accountId), principal, { sessionId: sessionOf(accountId).id, period }),
    )
  }
  const page = { limit: 50, offset: 0, cursor: undefined, snapshot: undefined }
  await print('newest page of a conversation', (accountId) =>
    readConversationMessages(deps(accountId), principal, { ...page, conversationId: `conv_${accountId}` }),
  )
} finally {
  await store.close()
  await directory.remove()
}

function deps(accountId: string) {
  const session = sessionOf(accountId) as never
  return {
    store,
    clock: { now: () => NOW },
    sessions: { find: async () => session, findByAccount: async () => session },
  }
}

async function print(what: string, read: (accountId: string) => Promise<unknown>): Promise<void> {
  const [many, few] = [await median(() => read('acct_many')), await median(() => read('acct_few'))]
  const stall = await longestStall(() => read('acct_many'))
  console.log(`| ${what} | ${many.toFixed(1)} | ${stall.toFixed(1)} | ${few.toFixed(1)} |`)
}

/** What another request would have waited for at most. */
async function longestStall(work: () => Promise<unknown>): Promise<number> {
  let [last, longest, isOver] = [performance.now(), 0, false]
  const look = () => {
    const now = performance.now()
    longest = Math.max(longest, now - last)
    last = now
    if (!isOver) setImmediate(look)
  }
  setImmediate(look)
  await work()
  isOver = true
  look()
  return longest
}

async function median(work: () => Promise<unknown>): Promise<number> {
  await work()
  const times: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    const began = performance.now()
    await work()
    times.push(performance.now() - began)
  }
  return times.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] as number
}

/** One conversation: every second message was received, every fifth is an image, every third was read. */
async function fill(into: Store, { accountId, count }: { accountId: string; count: number }): Promise<void> {
  const step = Math.floor(SPREAD_MS / count)
  await into.write(async (tx) => {
    await sql`
      insert into conversations (user_id, id, account_id, own_username, other_username, last_message_at, last_no, unread)
      values (${USER}, ${`conv_${accountId}`}, ${accountId}, 'bench', ${accountId}, ${NOW}, ${sql.lit(count)}, 0)`.execute(
      tx,
    )
    await sql`
      insert into messages (id, user_id, session_id, account_id, conversation_id, external_id, sender_id, sender_username,
        recipient_id, recipient_username, content, message_type, metadata, direction, status, read_at, timestamp, no, origin)
      with recursive n(i) as (select 1 union all select i + 1 from n where i < ${sql.lit(count)})
      select 'msg_' || (${sql.lit(NOW)} - i * ${sql.lit(step)}) || '_' || ${accountId} || i, ${USER}, 'instagram_1', ${accountId},
        ${`conv_${accountId}`}, 'item_' || i, 'a', 'bench', 'b', 'other', 'Hello! How are you?',
        case when i % 5 = 0 then 'image' else 'text' end, '{"hashtags":[],"mentions":[]}',
        case when i % 2 = 0 then 'in' else 'out' end, case when i % 2 = 0 then 'received' else 'succeeded' end,
        case when i % 3 = 0 then ${sql.lit(NOW)} else null end, ${sql.lit(NOW)} - i * ${sql.lit(step)}, i, 'elsewhere'
      from n`.execute(tx)
  })
}
