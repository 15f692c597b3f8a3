import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { COMPILED } from '../support/gateway-process.ts'

/** `npm test` runs a hundred seeds, `.ci/run` more, `npm run chaos` ten thousand. */
const SEEDS = Number(process.env['SIMULATION_SEEDS'] ?? 100)
/** The first one: other seeds, other days. */
const FIRST = Number(process.env['SIMULATION_FIRST'] ?? 1)
/** A process of its own: modules as the test runner serves them take a quarter more time. */
const REPLAY = fileURLToPath(new URL('replay.ts', import.meta.url))
const OUTPUT_BYTES_MAX = 100_000_000
/** Only a seed that hangs takes longer, however slow the machine. */
const SEED_MS_MAX = 60_000
/** Files that share the seeds, so that every core has some. */
const SHARES = 2
const SEEDS_A_TEST = Math.min(25, Math.ceil(SEEDS / SHARES))
/** So many days hold every kind of trouble. */
const SEEDS_TELLING = 10

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

/** Registers one share of the seeds, some a test. */
export function describeSeeds(share: number): void {
  describe(`the simulation, share ${share} of ${SHARES}`, () => {
    const groups = Math.ceil(SEEDS / SEEDS_A_TEST)
    for (let group = share - 1; group < groups; group += SHARES) {
      const from = FIRST + group * SEEDS_A_TEST
      const to = Math.min(from + SEEDS_A_TEST, FIRST + SEEDS) - 1
      it(`holds every invariant in seeds ${from} to ${to}`, { timeout: (to - from + 2) * SEED_MS_MAX }, async () => {
        const { code, output } = await replay(from, to)
        expect(code, output).toBe(0)
        // Days without trouble would prove nothing.
        if (to - from + 1 < SEEDS_TELLING) return
        const sums = JSON.parse(output.trim().split('\n').at(-1) ?? '') as Record<string, number>
        for (const what of MUST_HAPPEN) expect(sums[what], what).toBeGreaterThan(0)
      })
    }
  })
}

function replay(from: number, to: number): Promise<{ code: number; output: string }> {
  const env = { ...process.env, NODE_COMPILE_CACHE: COMPILED }
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [REPLAY, String(from), String(to)],
      { env, maxBuffer: OUTPUT_BYTES_MAX },
      (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : 1, output: error === null ? stdout : stdout + stderr }),
    )
  })
}
