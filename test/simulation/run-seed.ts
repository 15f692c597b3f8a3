import { type ActionStatus, isTerminal } from '../../src/outbox/index.ts'
import { checkInvariants } from '../support/check-invariants.ts'
import type { Dice } from './dice.ts'
import { CALM, type Weather } from './network.ts'
import { People } from './people.ts'
import { HOUR_MS, MINUTE_MS, SECOND_MS, World } from './world.ts'

const DAY_MS = 24 * HOUR_MS
const TROUBLED_MS = 2 * DAY_MS
const ACTS = 300
/** Bursts of as many may be one bulk. */
const BULK_FROM = 5
/** More than one chunk, so that an acceptance can die in the middle; days of work, and mostly canceled. */
const LARGE_BULK = 520
/** Longer than the longest pause. */
const CALM_MS_MAX = 30 * DAY_MS

export interface SeedResult {
  seed: number
  /** Equal for equal runs. */
  trace: string
  /** What did not hold; empty when all is well. */
  violations: string[]
  /** Ended actions by status. */
  ends: Record<string, number>
  counts: Record<string, number>
}

/**
 * Two troubled days of three accounts, then calm until everything has ended: all of it follows from the seed. Then the
 * store is compared with what really happened.
 */
export async function runSeed(seed: number, onTrace: ((line: string) => void) | null = null): Promise<SeedResult> {
  const world = await World.open(seed)
  world.time.onTrace = onTrace
  try {
    const people = new People(world)
    for (let node = 0; node < world.nodesAtOnce; node += 1) world.startNode()
    for (const owner of people.owners) void people.logIn(owner)
    await world.time.runUntil(world.time.now + MINUTE_MS)

    void world.keepWatching()
    planActs(world, people)
    planTroubles(world, people)
    await world.time.runUntil(world.time.start + TROUBLED_MS)
    await calmDown(world, people)
    return await judge(world, people)
  } finally {
    await world.close()
  }
}

/** Bursts and trickles, some of them far more than any window takes. */
function planActs({ dice, time }: World, people: People): void {
  for (let planned = 0; planned < ACTS; ) {
    const owner = dice.pick(people.owners)
    const size = Math.min(ACTS - planned, dice.pick([1, 1, 2, 3, 5, 8, 20, 60]))
    const spreadMs = dice.pick([0, SECOND_MS, MINUTE_MS, HOUR_MS])
    const from = dice.between(0, TROUBLED_MS - 4 * HOUR_MS)
    planned += size
    if (size >= BULK_FROM && dice.chance(0.5)) {
      time.after(from, () => void people.bulks.send(owner, size))
      continue
    }
    for (let index = 0; index < size; index += 1) {
      time.after(from + dice.between(0, spreadMs), () => void people.act(owner))
    }
  }
}

function planTroubles(world: World, people: People): void {
  const { dice, time } = world
  const sometime = (act: () => void) => void time.after(dice.between(0, TROUBLED_MS - HOUR_MS), act)
  const times = (most: number, act: () => void) => {
    for (let count = dice.between(0, most); count > 0; count -= 1) sometime(act)
  }
  times(6, () => {
    world.network.weather = weatherOf(dice)
    time.after(dice.between(MINUTE_MS, 6 * HOUR_MS), () => {
      world.network.weather = CALM
    })
  })
  times(10, () => withSomeNode(world, (node) => world.crash(node, 'a kill')))
  times(10, () => withSomeNode(world, (node) => world.befallSoon(node, () => world.crash(node, 'on its way'))))
  times(3, () => withSomeNode(world, (node) => freeze(world, node)))
  times(10, () => withSomeNode(world, (node) => world.befallSoon(node, () => freeze(world, node))))
  times(4, () => {
    world.storeWeather.slowUntil = time.now + dice.between(SECOND_MS, 10 * MINUTE_MS)
  })
  times(4, () => {
    world.storeWeather.downUntil = time.now + dice.between(SECOND_MS, 3 * MINUTE_MS)
  })
  times(3, () => {
    world.network.downUntil = time.now + dice.between(MINUTE_MS, 40 * MINUTE_MS)
  })
  times(8, () => void people.changePace(dice.pick(people.owners)))
  times(12, () => void people.suppress(dice.pick(people.owners)))
  times(4, () => people.loseSession(dice.pick(people.owners)))
  times(4, () => void people.look(dice.pick(people.owners)))
  if (dice.chance(0.2)) sometime(() => void people.logOut(dice.pick(people.owners)))
  // The wall clock of one machine may be set; those of a cluster follow their database's, which is not.
  if (world.topology === 'one_process') times(2, () => world.stepWall(dice.pick([2 * HOUR_MS, -DAY_MS])))
  if (dice.chance(0.05)) sometime(() => void people.bulks.send(dice.pick(people.owners), LARGE_BULK))
  time.after(20 * MINUTE_MS, () => void keepMending(world, people))
}

function weatherOf(dice: Dice): Weather {
  const kinds: readonly (keyof Weather)[] = ['unsent', 'lostBefore', 'lostAfter', 'hang', 'slow', 'trouble', 'pushBack']
  const weather = { ...CALM }
  for (let count = dice.between(1, 3); count > 0; count -= 1) {
    const kind = dice.pick(kinds)
    weather[kind] = dice.pick(kind === 'pushBack' ? [0.01, 0.03] : [0.05, 0.2, 0.6])
  }
  return weather
}

function withSomeNode(world: World, act: (node: NonNullable<ReturnType<World['anyNode']>>) => void): void {
  const node = world.anyNode()
  if (node !== null) act(node)
}

/** Stopped for anything between a moment and far longer than any lease. */
function freeze({ dice, time }: World, node: NonNullable<ReturnType<World['anyNode']>>): void {
  node.freeze()
  time.note(`node ${node.no} freezes`)
  time.after(dice.pick([2, 14, 20, 31, 40, 90, 300, 7_200]) * SECOND_MS, () => node.thaw())
}

/** Owners look after their sessions now and then. */
async function keepMending(world: World, people: People): Promise<void> {
  while (world.time.now < world.time.start + TROUBLED_MS) {
    world.replaceDead()
    await people.mend()
    await world.sweep()
    await world.time.wait(world.dice.between(10 * MINUTE_MS, 2 * HOUR_MS))
  }
}

/** No more trouble: then everything that was accepted must come to its end by itself. */
async function calmDown(world: World, people: People): Promise<void> {
  const { time } = world
  world.network.weather = CALM
  for (const node of world.nodes) node.thaw()
  const until = time.now + CALM_MS_MAX
  while (time.now < until) {
    world.replaceDead()
    const mending = { isWell: false }
    void world.sweep()
    void people.bulks.comeToAnEnd()
    void people.mend().then((isWell) => {
      mending.isWell = isWell
    })
    await time.runUntil(time.now + HOUR_MS)
    if (mending.isWell && (await open(world)) === 0) return
  }
}

/** How many actions have not ended yet. */
async function open({ store }: World): Promise<number> {
  const row = await store.read
    .selectFrom('actions')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('status', 'in', ['queued', 'running'])
    .executeTakeFirstOrThrow()
  return row.count
}

async function judge(world: World, people: People): Promise<SeedResult> {
  const violations = await checkInvariants({
    db: world.store.read,
    ledger: [...world.sandbox.world.ledger.values()],
    flights: world.network.flights,
    limitAt: people.limitAt,
    people: people.strangers,
    accepted: people.accepted.map(({ actionId }) => actionId),
    isOver: true,
  })
  const actions = await world.store.read
    .selectFrom('actions')
    .select(['id', 'kind', 'status', 'target', 'payload', 'batch_id'])
    .execute()
  const ends: Record<string, number> = {}
  const requests = new Set<string>()
  const twice: string[] = []
  for (const { id, kind, status, target, payload, batch_id: batchId } of actions) {
    ends[status] = (ends[status] ?? 0) + 1
    if (!isTerminal(status as ActionStatus)) ends['open'] = (ends['open'] ?? 0) + 1
    if (batchId !== null) continue
    // Every request is about something else, so the same twice is one request accepted twice.
    const said = `${kind} ${(JSON.parse(target) as { id?: string }).id} ${payload}`
    if (requests.has(said)) twice.push(`idempotency: ${id} was accepted before`)
    requests.add(said)
  }
  return {
    seed: world.seed,
    trace: world.time.traceHash(),
    violations: [
      ...violations.map(({ invariant, what }) => `${invariant}: ${what}`),
      ...twice,
      ...(await people.bulks.judge()),
      ...people.wrongs,
      ...world.errors.map((line) => `error: ${line}`),
    ],
    ends,
    counts: {
      ...people.counts,
      ...people.bulks.counts,
      accepted: people.accepted.length,
      calls: world.network.flights.length,
      deaths: world.deaths,
    },
  }
}
