import { expect, it } from 'vitest'
import { runSeed } from './run-seed.ts'

it('repeats exactly from its seed, and differs with another', { timeout: 60_000 }, async () => {
  const first = await runSeed(1)
  expect(await runSeed(1)).toEqual(first)
  expect((await runSeed(2)).trace).not.toBe(first.trace)
})
