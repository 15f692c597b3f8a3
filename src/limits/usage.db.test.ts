import fc from 'fast-check'
import { expect, it } from 'vitest'
import { describeOnEveryStore } from '../../test/support/stores.ts'
import { openLane } from '../lanes/index.ts'
import { lockAccount } from '../store/lock-account.ts'
import type { Store } from '../store/store.ts'
import { earliest } from './plan.ts'
import { DAY_MS, type EffectiveLimits, HOUR_MS } from './policy.ts'
import { giveNumbersBack, readUsage, savePause, takeNumbers } from './store.ts'

interface Attempt {
  kind: string
  at: number
}

/** The rule as a person would say it: never more than the limit in any window that ends now. */
function naiveEarliest(done: readonly Attempt[], kind: string, limits: EffectiveLimits, now: number, gapMs: number) {
  const last = done.at(-1)
  let at = Math.max(now, last === undefined ? now : last.at + gapMs)
  const within = (of: readonly Attempt[], durationMs: number, limit: number | null) => {
    if (limit === null || of.length < limit) return
    // Room is there once the limit-th from the end has left the window.
    at = Math.max(at, (of[of.length - limit] as Attempt).at + durationMs)
  }
  const ofKind = done.filter((attempt) => attempt.kind === kind)
  within(ofKind, HOUR_MS, limits.hour)
  within(ofKind, DAY_MS, limits.day)
  within(done, DAY_MS, limits.total)
  return at
}

const scenario = fc.record({
  limits: fc.record({
    hour: fc.option(fc.integer({ min: 1, max: 5 })),
    day: fc.option(fc.integer({ min: 1, max: 9 })),
    total: fc.integer({ min: 1, max: 12 }),
  }),
  gapMs: fc.constantFrom(0, 30_000),
  steps: fc.array(
    fc.record({
      kind: fc.constantFrom('like', 'message'),
      waitMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 3 * HOUR_MS })),
      neverLeft: fc.boolean(),
    }),
    { maxLength: 40 },
  ),
})

describeOnEveryStore('numbered usage', (openTestStore, engine) => {
  it('allows exactly what a sliding window would, attempts that never left given back', async () => {
    const store = await openTestStore()
    let runs = 0
    await fc.assert(
      fc.asyncProperty(scenario, async ({ limits, gapMs, steps }) => {
        runs += 1
        const accountId = `acct_${runs}`
        const done: Attempt[] = []
        let now = 1_000_000
        for (const [index, step] of steps.entries()) {
          now += step.waitMs
          const { kind } = step
          const at = await attempt(store, { accountId, kind, limits, gapMs, now, neverLeft: step.neverLeft, index })
          expect(at).toBe(naiveEarliest(done, kind, limits, now, gapMs))
          now = at
          if (!step.neverLeft) done.push({ kind, at })
        }
      }),
      { numRuns: engine.name === 'sqlite' ? 60 : 8 },
    )
  })

  it('deletes rows older than its windows in batches, and what is left decides the same', async () => {
    const store = await openTestStore()
    const accountId = 'acct_old'
    const limits = { hour: 50, day: 200, total: 10_000 }
    let now = 1_000_000
    for (let index = 0; index < 300; index += 1) {
      const kind = 'like'
      now = await attempt(store, { accountId, kind, limits, gapMs: HOUR_MS, now, neverLeft: false, index })
    }
    const [row] = await store.read
      .selectFrom('usage')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('subject', '=', accountId)
      .execute()
    expect(Number(row?.count)).toBeLessThan(2 * (128 + 26))
    const usage = await readUsage(store.read, { accountId, kind: 'like', limits })
    expect(usage).toMatchObject({ lastOfKind: 300, lastOfAll: 300, lastAt: now, dayAt: null })
    expect(earliest(usage, now, HOUR_MS)).toEqual({ at: now + HOUR_MS, rule: 'delay' })
  })

  it('knows the pauses of the kind and of the account', async () => {
    const store = await openTestStore()
    const limits = { hour: null, day: null, total: 10 }
    await store.write(async (tx) => {
      await savePause(tx, 'acct_1', 'like', { until: 5_000, reason: 'blocked', level: 0, since: 0 })
      await savePause(tx, 'acct_1', '*', { until: 3_000, reason: 'blocked', level: -1, since: 0 })
    })
    const at = async (kind: string) =>
      earliest(await readUsage(store.read, { accountId: 'acct_1', kind, limits }), 1_000, 0).at
    expect(await at('like')).toBe(5_000)
    expect(await at('follow')).toBe(3_000)
  })
})

async function attempt(
  store: Store,
  input: {
    accountId: string
    kind: string
    limits: EffectiveLimits
    gapMs: number
    now: number
    neverLeft: boolean
    index: number
  },
): Promise<number> {
  const { accountId, kind, limits } = input
  const actionId = `act_${input.index}`
  return store.write(async (tx) => {
    await openLane(tx, accountId)
    await lockAccount(tx, accountId)
    const usage = await readUsage(tx, { accountId, kind, limits })
    const at = earliest(usage, input.now, input.gapMs).at ?? Number.NaN
    const numbers = await takeNumbers(tx, { accountId, kind, usage, at, actionId })
    if (input.neverLeft) await giveNumbersBack(tx, { accountId, kind, numbers, actionId })
    return at
  })
}
