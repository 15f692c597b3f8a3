import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { outboxWorld } from '../../test/support/outbox-world.ts'
import { user } from '../../test/support/sessions.ts'
import { describeOnEveryStore } from '../../test/support/stores.ts'
import { readStats } from './read-stats.ts'

const MANY = 25_000

describeOnEveryStore('statistics of many messages', (openTestStore) => {
  it('count each once, those of one instant too, and let others go on meanwhile', async () => {
    const world = await outboxWorld(await openTestStore())
    await world.send()
    await world.run()
    const now = world.clock.now()
    // Copies of the one that was sent, a hundred an instant.
    await world.store.write(async (tx) => {
      await sql`
        insert into messages (id, user_id, session_id, account_id, conversation_id, sender_id, sender_username,
          recipient_id, recipient_username, content, message_type, metadata, direction, status, read_at, timestamp)
        with recursive n(i) as (select 1 union all select i + 1 from n where i < ${sql.lit(MANY)})
        select id || i, user_id, session_id, account_id, conversation_id, sender_id, sender_username, recipient_id,
          recipient_username, content, case when i % 5 = 0 then 'image' else 'text' end, metadata, 'in', 'received',
          case when i % 2 = 0 then ${sql.lit(now)} else null end, ${sql.lit(now)} - i / 100
        from n cross join messages`.execute(tx)
    })
    let turns = 0
    let isOver = false
    const turn = () => {
      turns += 1
      if (!isOver) setImmediate(turn)
    }
    setImmediate(turn)
    const { data } = await readStats(world.deps, user('user_123'), { sessionId: world.session.id, period: 'all' })
    isOver = true
    expect(data).toMatchObject({
      total: MANY + 1,
      sent: 1,
      received: MANY,
      read: MANY / 2,
      unread: MANY / 2 + 1,
      byType: { text: MANY * 0.8 + 1, image: MANY * 0.2 },
    })
    expect(turns).toBeGreaterThanOrEqual(2)
  })
})
