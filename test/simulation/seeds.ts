import { describe, expect, it } from 'vitest'
import { runSeed, type SeedResult } from './run-seed.ts'

/** `npm test` runs a hundred seeds, `.ci/run` five hundred, `npm run chaos` ten thousand. */
const SEEDS = Number(process.env['SIMULATION_SEEDS'] ?? 100)
/** The first one: other seeds, other days. */
const FIRST = Number(process.env['SIMULATION_FIRST'] ?? 1)
const SEEDS_A_TEST = 10
/** Only a seed that hangs takes longer, however slow the machine. */
const SEED_MS_MAX = 60_000
/** Files that share the seeds, so that every core has some. */
const SHARES = 2

const MUST_HAPPEN = [
  'succeeded',
  'failed',
  'canceled',
  'expired',
  'skipped',
  'refused',
  'lost',
  'deaths',
  'logins',
  'bulks',
  'paused',
  'skipped',
]

/** Registers one share of the seeds, ten a test. */
export function describeSeeds(share: number): void {
  describe(`the simulation, share ${share} of ${SHARES}`, () => {
    const groups = Math.ceil(SEEDS / SEEDS_A_TEST)
    for (let group = share - 1; group < groups; group += SHARES) {
      const from = FIRST + group * SEEDS_A_TEST
      const to = Math.min(from + SEEDS_A_TEST, FIRST + SEEDS) - 1
      it(`holds every invariant in seeds ${from} to ${to}`, { timeout: (to - from + 2) * SEED_MS_MAX }, async () => {
        const sums: Record<string, number> = {}
        for (let seed = from; seed <= to; seed += 1) {
          const result = await runSeed(seed)
          await requireWell(result)
          for (const [what, count] of Object.entries({ ...result.ends, ...result.counts })) {
            sums[what] = (sums[what] ?? 0) + count
          }
        }
        // Days without trouble would prove nothing.
        if (to - from + 1 < SEEDS_A_TEST) return
        for (const what of MUST_HAPPEN) expect(sums[what], what).toBeGreaterThan(0)
      })
    }
  })
}

async function requireWell(result: SeedResult): Promise<void> {
  if (result.violations.length === 0) return
  const again = await runSeed(result.seed)
  const repeats = again.trace === result.trace ? 'replays identically' : 'does NOT replay identically'
  const how = `node test/simulation/replay.ts ${result.seed}`
  expect.fail(`seed ${result.seed} (${repeats}: ${how})\n${result.violations.slice(0, 20).join('\n')}`)
}
