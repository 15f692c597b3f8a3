/**
 * Runs one seed and shows all that happens: `node test/simulation/replay.ts 17`. Runs a range of them and shows what is
 * wrong, with a line every hundred seeds: `node test/simulation/replay.ts 1 10000`.
 */
import { runSeed } from './run-seed.ts'

const PROGRESS_EVERY = 100

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
    const { violations, ends, counts } = await runSeed(seed)
    for (const [what, count] of Object.entries({ ...ends, ...counts })) sums[what] = (sums[what] ?? 0) + count
    if (violations.length > 0) {
      failed += 1
      console.log(`seed ${seed}: ${violations.slice(0, 3).join(' | ')}`)
    }
    if (seed % PROGRESS_EVERY === 0 || seed === to) console.log(`${from} to ${seed}: ${failed} failed`)
  }
  console.log(sums)
  process.exitCode = failed === 0 ? 0 : 1
}
