/**
 * Runs one seed and shows all that happens: `node test/simulation/replay.ts 17`. Runs a range of them and shows what is
 * wrong, with a line every hundred seeds and what happened in all as the last: `node test/simulation/replay.ts 1 10000`.
 */
import { runSeed, type SeedResult } from './run-seed.ts'

const PROGRESS_EVERY = 100
/** Of one seed; the first says most. */
const VIOLATIONS_SHOWN = 20

const [first, last] = process.argv.slice(2).map(Number)
if (!Number.isSafeInteger(first) || (last !== undefined && !Number.isSafeInteger(last))) {
  throw new Error('usage: node test/simulation/replay.ts SEED [LAST_SEED]')
}
if (last === undefined) await replay(first as number)
else await runRange(first as number, last)

async function replay(seed: number): Promise<void> {
  const { violations, ...result } = await runSeed(seed, (line) => console.log(line))
  console.log(result)
  for (const violation of violations) console.log(violation)
  process.exitCode = violations.length === 0 ? 0 : 1
}

async function runRange(from: number, to: number): Promise<void> {
  const sums: Record<string, number> = {}
  let failed = 0
  for (let seed = from; seed <= to; seed += 1) {
    const result = await runSeed(seed)
    for (const [what, count] of Object.entries({ ...result.ends, ...result.counts })) {
      sums[what] = (sums[what] ?? 0) + count
    }
    if (result.violations.length > 0) {
      failed += 1
      await showFailure(result)
    }
    if (seed % PROGRESS_EVERY === 0 || seed === to) console.log(`${from} to ${seed}: ${failed} failed`)
  }
  console.log(JSON.stringify(sums))
  process.exitCode = failed === 0 ? 0 : 1
}

async function showFailure({ seed, trace, violations }: SeedResult): Promise<void> {
  const again = await runSeed(seed)
  const repeats = again.trace === trace ? 'replays identically' : 'does NOT replay identically'
  console.log(`seed ${seed} (${repeats}: node test/simulation/replay.ts ${seed})`)
  for (const violation of violations.slice(0, VIOLATIONS_SHOWN)) console.log(`  ${violation}`)
}
