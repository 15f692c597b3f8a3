import { expect, it } from 'vitest'
import { type OutboxWorld, outboxWorld } from '../../test/support/outbox-world.ts'
import { describeOnEveryStore } from '../../test/support/stores.ts'
import type { ReadResult } from '../connectors/connector.ts'
import { ingestEvents, readEvents, rememberFact } from '../events/index.ts'
import { savePause, switchOff, switchOn } from '../limits/index.ts'
import { acceptAction } from '../outbox/index.ts'
import { changeStatus } from '../sessions/change-status.ts'
import { lockAccount } from '../store/lock-account.ts'
import type { Db, Store } from '../store/store.ts'
import { createPolling, type InboundSource, type PollPace, type Progress, wakeSource } from './index.ts'

const SECOND = 1_000
const MINUTE = 60_000
const HOUR = 3_600_000

const PACE: PollPace = { busyMs: 20 * SECOND, idleMaxMs: 10 * MINUTE, perHourMax: 120 }
const THROTTLED = { type: 'throttled', retryAfterMs: null, reason: 'Please wait.' } as const
const UNREADABLE = { type: 'unreadable', timedOut: false, reason: 'HTTP 500' } as const
const CHALLENGE = { type: 'challenge', kind: 'challenge', url: 'https://x.test/c', reason: 'challenge' } as const

interface Scripted {
  source: InboundSource<number, string, string>
  /** Instants of its reads. */
  reads: number[]
  /** What the next reads answer; then `ok`. */
  answers: ReadResult<string>[]
  /** What the next answers come to; then quiet. */
  progress: Partial<Progress<number>>[]
  /** States that the source was given. */
  states: (number | null)[]
}

/** A source that reads nothing but its script. */
function scripted(
  name: string,
  world: () => OutboxWorld,
  options: Partial<Pick<InboundSource, 'share' | 'quietShare' | 'gapMs'>> = {},
): Scripted {
  const script: Scripted = { source: undefined as never, reads: [], answers: [], progress: [], states: [] }
  script.source = {
    name,
    capability: 'read_thread',
    share: 1,
    gapMs: 0,
    ...options,
    async next(_tx, { state }) {
      return `after ${state}`
    },
    async read() {
      script.reads.push(world().clock.now())
      return script.answers.shift() ?? { type: 'ok', value: 'page' }
    },
    async settle(_tx, { state }) {
      script.states.push(state)
      return { state: (state ?? 0) + 1, heard: false, ...script.progress.shift() }
    },
  }
  return script
}

async function listening(
  store: Store,
  write: (world: () => OutboxWorld) => Scripted[],
  pace: PollPace = PACE,
): Promise<{ world: OutboxWorld; scripts: Scripted[] }> {
  const made: { world?: OutboxWorld } = {}
  const scripts = write(() => made.world as OutboxWorld)
  const sources = scripts.map(({ source }) => source)
  const world = await outboxWorld(store, { reads: (deps) => createPolling({ ...deps, pace, sources }) })
  made.world = world
  return { world, scripts }
}

/** One source. */
async function one(store: Store, pace: PollPace = PACE) {
  const { world, scripts } = await listening(store, (get) => [scripted('news', get)], pace)
  return { world, news: scripts[0] as Scripted }
}

const gapsOf = ({ reads }: Scripted) => reads.slice(1).map((at, index) => at - (reads[index] as number))
const eventTypes = async (world: OutboxWorld) => (await world.events()).map((event) => event.type)

describeOnEveryStore('what an account hears', (openTestStore) => {
  it('is read as soon as the account is connected, ever less often while quiet, and at once after news', async () => {
    const { world, news } = await one(await openTestStore())
    const start = world.clock.now()
    await world.advance(2 * HOUR)
    expect(news.reads[0]).toBe(start)
    expect(gapsOf(news).slice(0, 4)).toEqual([30 * SECOND, 45 * SECOND, 67_500, 101_250])
    expect(gapsOf(news).at(-1)).toBe(10 * MINUTE)
    news.progress = [{ heard: true }]
    await world.advance(11 * MINUTE)
    expect(gapsOf(news)).toContain(20 * SECOND)
    expect(world.errors).toEqual([])
  })

  it('goes on from where the last read left it, page after page two seconds apart', async () => {
    const { world, news } = await one(await openTestStore())
    news.progress = [{ more: true }, { more: true }, { more: true }, { heard: true }]
    await world.advance(7 * SECOND)
    expect(gapsOf(news)).toEqual([2 * SECOND, 2 * SECOND, 2 * SECOND])
    expect(news.states).toEqual([null, 1, 2, 3])
  })

  it('keeps to the rolling limit of reads an hour, all sources together', async () => {
    const store = await openTestStore()
    const busy = { busyMs: 5 * SECOND, idleMaxMs: 5 * SECOND, perHourMax: 10 }
    const { world, scripts } = await listening(
      store,
      (get) => [scripted('one', get), scripted('other', get), scripted('past', get, { share: 0.5 })],
      busy,
    )
    await world.advance(3 * HOUR)
    const all = scripts.flatMap(({ reads }) => reads).sort((a, b) => a - b)
    expect(all.length).toBeGreaterThanOrEqual(30)
    for (const [index, at] of all.entries()) {
      const tenth = all[index + 10]
      if (tenth !== undefined) expect(tenth - at).toBeGreaterThanOrEqual(HOUR)
    }
    // Nobody is left out, and what may use half of the limit leaves the rest.
    const counts = scripts.map(({ reads }) => reads.length)
    expect(Math.min(...counts)).toBeGreaterThan(0)
    expect(counts[2]).toBeLessThanOrEqual(all.length / 2)
    const rows = await store.read.selectFrom('inbound_reads').select('no').execute()
    expect(rows.length).toBeLessThanOrEqual(11)
  })

  it('goes on being heard for as long as the account is busy: the limit is spread before it is reached', async () => {
    const { world, news } = await one(await openTestStore())
    news.progress = Array.from({ length: 500 }, () => ({ heard: true }))
    await world.advance(3 * HOUR)
    expect(new Set(gapsOf(news).slice(0, 50))).toEqual(new Set([20 * SECOND]))
    expect(Math.max(...gapsOf(news))).toBeLessThan(65 * SECOND)
    expect(news.reads.length).toBeGreaterThan(3 * 95)
  })

  it('leaves most of the limit to what catches up while nothing is new, and a quarter whatever is', async () => {
    const store = await openTestStore()
    const { world, scripts } = await listening(store, (get) => [
      scripted('news', get),
      scripted('past', get, { share: 0.5, quietShare: 0.9 }),
    ])
    const [news, past] = scripts as [Scripted, Scripted]
    past.progress = Array.from({ length: 2_000 }, () => ({ more: true, heard: true }))
    const readsOf = async (script: Scripted) => {
      const before = script.reads.length
      await world.advance(HOUR)
      return script.reads.length - before
    }
    expect((await readsOf(past)) + news.reads.length).toBeGreaterThanOrEqual(108)
    const quiet = await readsOf(past)
    news.progress = Array.from({ length: 500 }, () => ({ heard: true }))
    await world.advance(HOUR)
    const heard = await readsOf(news)
    expect(quiet).toBeGreaterThan(90)
    expect(heard).toBeGreaterThan(45)
    const besideNews = await readsOf(past)
    expect(besideNews).toBeGreaterThan(20)
    expect(besideNews).toBeLessThanOrEqual(31)
  })

  it('comes after what a person asked for and before a bulk', async () => {
    const { world, news } = await one(await openTestStore())
    await world.send()
    await world.store.write(async (tx) => {
      const lane = await lockAccount(tx, world.session.accountId)
      await acceptAction(tx, world.deps, {
        lane,
        session: world.session,
        kind: 'message',
        class: 2,
        target: JSON.stringify({ messageId: 'msg_bulk', username: 'user1', platformId: null, threadId: null }),
        payload: JSON.stringify({ type: 'text', text: 'hi' }),
        resolved: JSON.stringify({ platformId: 'p_user1' }),
        onLimit: null,
        fallback: 'queue',
        sendAt: null,
        expiresAt: null,
        acceptedBy: 'user_123',
      })
    })
    const order: string[] = []
    const { read } = news.source
    news.source.read = async (...input) => {
      order.push(`read after ${world.instagram.calls.filter(({ operation }) => operation === 'sendText').length} sends`)
      return read(...input)
    }
    await world.run()
    expect(order).toEqual(['read after 1 sends'])
    expect(world.instagram.effects).toHaveLength(2)
  })

  it('stops while the account is paused, and not while one kind is', async () => {
    const { world, news } = await one(await openTestStore())
    const { accountId } = world.session
    const pause = { until: world.clock.now() + HOUR, reason: 'blocked', level: 0, since: world.clock.now() }
    await world.store.write((tx) => savePause(tx, accountId, 'like', pause))
    await world.advance(MINUTE)
    expect(news.reads.length).toBeGreaterThan(1)
    news.answers = [THROTTLED]
    await world.advance(10 * MINUTE)
    const before = news.reads.length
    await world.advance(4 * MINUTE)
    expect(news.reads).toHaveLength(before)
    expect(await eventTypes(world)).toContain('limit.paused')
    await world.advance(15 * MINUTE)
    expect(news.reads.length).toBeGreaterThan(before)
    const gaps = gapsOf(news)
    expect(Math.max(...gaps)).toBe(15 * MINUTE)
  })

  it('stops with the kill switch, and when a read meets a challenge, until the owner is back', async () => {
    const { world, news } = await one(await openTestStore())
    const scope = { all: true } as const
    await world.store.write((tx) => switchOff(tx, { scope, since: 0, actor: 'root', reason: null }))
    await world.advance(HOUR)
    expect(news.reads).toEqual([])
    await world.store.write((tx) => switchOn(tx, scope))
    await world.store.write((tx) => wakeLaneOf(tx, world))
    news.answers = [CHALLENGE]
    await world.advance(HOUR)
    expect(news.reads).toHaveLength(1)
    expect((await world.reloadSession()).status).toBe('challenge_required')
    const challenged = await world.reloadSession()
    await world.store.write(async (tx) => {
      await changeStatus(tx, world.deps, challenged, { status: 'active', reason: null, at: world.clock.now() })
      await wakeLaneOf(tx, world)
    })
    await world.advance(MINUTE)
    expect(news.reads.length).toBeGreaterThan(1)
  })

  it('is tried again later when the process dies during a read, with the same state', async () => {
    const store = await openTestStore()
    const { world, news } = await one(store)
    news.progress = [{ more: true }]
    await world.run()
    const { read } = news.source
    let deaths = 0
    news.source.read = async (...input) => {
      if (deaths > 0) return read(...input)
      deaths += 1
      throw new Error('died')
    }
    await world.advance(5 * SECOND)
    expect(deaths).toBe(1)
    await world.advance(2 * MINUTE)
    expect(news.states.slice(0, 2)).toEqual([null, 1])
    expect(world.errors).toHaveLength(1)
  })

  it('is reported once when answers cannot be understood five times in a row, and again after it was mended', async () => {
    const { world, news } = await one(await openTestStore())
    news.answers = Array.from({ length: 7 }, () => UNREADABLE)
    await world.advance(2 * HOUR)
    const suspects = (await world.events()).filter(({ type }) => type === 'session.suspect')
    expect(suspects.map(({ data }) => data)).toEqual([
      { source: 'news', reason: "Instagram's answers could not be understood 5 times in a row." },
    ])
    expect(gapsOf(news).slice(0, 4)).toEqual([30 * SECOND, MINUTE, 2 * MINUTE, 4 * MINUTE])
    news.progress = [{ suspect: 'There is more than can be read.' }, { suspect: 'Still.' }]
    await world.advance(30 * MINUTE)
    expect((await eventTypes(world)).filter((type) => type === 'session.suspect')).toHaveLength(2)
  })

  it('moves the expiry of its session', async () => {
    const { world } = await one(await openTestStore())
    const before = world.session.expiresAt
    await world.advance(HOUR)
    expect((await world.reloadSession()).expiresAt).toBeGreaterThan(before + 50 * MINUTE)
  })

  it('rests until somebody wakes it, and hears of a wake-up that comes during its read', async () => {
    const { world, news } = await one(await openTestStore())
    const { accountId } = world.session
    news.progress = [{ rests: true }, { rests: true }, { rests: true }]
    await world.advance(HOUR)
    expect(news.reads).toHaveLength(1)
    const wake = () =>
      world.store.write(async (tx) => {
        await lockAccount(tx, accountId)
        await wakeSource(tx, world.deps, { accountId, source: 'news', at: world.clock.now() })
      })
    const { read } = news.source
    let woken = false
    news.source.read = async (...input) => {
      if (!woken) await wake()
      woken = true
      return read(...input)
    }
    await wake()
    await world.advance(HOUR)
    expect(news.reads).toHaveLength(3)
  })

  it('begins anew with another session, whose baseline is its own', async () => {
    const { world, news } = await one(await openTestStore())
    await world.advance(MINUTE)
    await world.store.write((tx) => tx.updateTable('inbound_sources').set({ session_id: 'instagram_before' }).execute())
    await world.advance(10 * MINUTE)
    expect(news.states.filter((state) => state === null)).toHaveLength(2)
  })

  it('is told once, however often it is seen', async () => {
    const world = await outboxWorld(await openTestStore())
    const { accountId, userId, id: sessionId, username } = world.session
    const event = { userId, type: 'like.received', at: world.clock.now(), sessionId, username, data: {} } as const
    const facts = ['1_2', '3_4', '1_2', '5_6'].map((externalId) => ({ kind: event.type, externalId, event }))
    const told = (account = accountId) => world.store.write((tx) => ingestEvents(tx, world.deps, account, facts))
    await world.store.write((tx) => rememberFact(tx, { accountId, kind: event.type, externalId: '3_4', at: event.at }))
    expect(await told()).toBe(2)
    expect(await told()).toBe(0)
    expect(await told('other')).toBe(3)
    const log = await readEvents(world.store.read, { userId, after: 0, limit: 100 })
    const likes = log.filter(({ type }) => type === 'like.received')
    expect(likes.map(({ sequence }) => sequence - (likes[0]?.sequence ?? 0))).toEqual([0, 1, 2, 3, 4])
  })
})

async function wakeLaneOf(tx: Db, world: OutboxWorld): Promise<void> {
  const { accountId } = world.session
  await tx.updateTable('lanes').set({ due_at: world.clock.now() }).where('account_id', '=', accountId).execute()
}
