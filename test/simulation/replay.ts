/** Runs one seed and shows all that happens: `node test/simulation/replay.ts 17`. */
import { runSeed } from './run-seed.ts'

const seed = Number(process.argv[2])
if (!Number.isSafeInteger(seed)) throw new Error('usage: node test/simulation/replay.ts SEED')
const { violations, ...result } = await runSeed(seed, (line) => console.log(line))
console.log(result)
for (const violation of violations) console.log(violation)
process.exitCode = violations.length === 0 ? 0 : 1
