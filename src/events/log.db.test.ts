import { expect, it } from 'vitest'
import { describeOnEveryStore, describeOnPostgres } from '../../test/support/stores.ts'
import { newId } from '../core/ids.ts'
import { systemRandom } from '../core/random.ts'
import { appendEvent, type EventDraft, listenForEvents, readEvents } from './index.ts'

const random = systemRandom()
const draft = (userId: string, text = ''): EventDraft => ({
  userId,
  type: 'message.sent',
  at: 1_750_000_000_000,
  sessionId: 'instagram_1',
  username: 'north.lamp',
  data: { text },
})

describeOnEveryStore('the event log', (openTestStore) => {
  it('numbers the events of each user from 1 without gaps', async () => {
    const store = await openTestStore()
    await store.write(async (tx) => {
      await appendEvent(tx, { store, random }, draft('a', 'first'))
      await appendEvent(tx, { store, random }, draft('b'))
      await appendEvent(tx, { store, random }, draft('a', 'second'))
    })
    const events = await readEvents(store.read, { userId: 'a', after: 0, limit: 10 })
    expect(events.map((event) => [event.sequence, event.data])).toEqual([
      [1, { text: 'first' }],
      [2, { text: 'second' }],
    ])
    expect(events[0]).toMatchObject({ ...draft('a', 'first'), id: expect.stringMatching(/^evt_1750000000000_/) })
    expect(await readEvents(store.read, { userId: 'a', after: 1, limit: 10 })).toHaveLength(1)
  })

  it('tells who listens once an event is stored, and of nothing that was rolled back', async () => {
    const store = await openTestStore()
    // Other tests on the same database server are heard as well.
    const [kept, failed, late] = [newId('acct', 1, random), newId('acct', 1, random), newId('acct', 1, random)]
    const heard: string[] = []
    const stop = listenForEvents(store, (userId) => heard.push(userId))
    await store.write((tx) => appendEvent(tx, { store, random }, draft(kept)))
    await store
      .write(async (tx) => {
        await appendEvent(tx, { store, random }, draft(failed))
        throw new Error('rolled back')
      })
      .catch(() => {})
    stop()
    await store.write((tx) => appendEvent(tx, { store, random }, draft(late)))
    expect(heard.filter((userId) => [kept, failed, late].includes(userId))).toEqual([kept])
  })

  it('takes a number back with the transaction that fails', async () => {
    const store = await openTestStore()
    const failing = store.write(async (tx) => {
      await appendEvent(tx, { store, random }, draft('a'))
      throw new Error('rolled back')
    })
    await expect(failing).rejects.toThrow('rolled back')
    const event = await store.write((tx) => appendEvent(tx, { store, random }, draft('a')))
    expect(event.sequence).toBe(1)
  })
})

describeOnPostgres('the event log under several writers', (openTestStore) => {
  it('is never seen with a gap, however the commits fall', async () => {
    const store = await openTestStore()
    let finished = false
    const gaps: number[][] = []
    const watch = (async () => {
      while (!finished) {
        const seen = (await readEvents(store.read, { userId: 'a', after: 0, limit: 1_000 })).map(
          (event) => event.sequence,
        )
        if (seen.some((sequence, index) => sequence !== index + 1)) gaps.push(seen)
      }
    })()
    await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        store
          .write(async (tx) => {
            await appendEvent(tx, { store, random }, draft('a', String(index)))
            if (index % 7 === 0) throw new Error('rolled back')
          })
          .catch(() => {}),
      ),
    )
    finished = true
    await watch
    expect(gaps).toEqual([])
    expect(await readEvents(store.read, { userId: 'a', after: 0, limit: 1_000 })).toHaveLength(51)
  })
})
