import { appendFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { benchPerTest } from '../sandbox.fixture.ts'

const bench = benchPerTest()

describe('the world', () => {
  it('survives a restart, a torn last line included', async () => {
    await bench.now.loggedIn()
    await bench.now.control('POST', 'act', { as: 'user1', do: 'message', to: 'your_instagram_username', text: 'kept' })
    const before = bench.now.sandbox.snapshot()
    const { file } = bench.now
    await bench.now.restart(() => appendFileSync(file, '[["users","1",{"pk'))
    expect(JSON.parse(bench.now.sandbox.snapshot())).toEqual(JSON.parse(before))
  })

  it('is the same again after a reset', async () => {
    const fresh = bench.now.sandbox.snapshot()
    const { startedAt } = bench.now.sandbox.world.meta
    await bench.now.loggedIn()
    const took = performance.now()
    bench.now.sandbox.reset()
    expect(performance.now() - took).toBeLessThan(500)
    const offset = bench.now.sandbox.world.meta.startedAt - startedAt
    expect(offset).toBeGreaterThanOrEqual(0)
    expect(bench.now.pkOf('user1')).toBe(
      JSON.parse(fresh).find(([, , record]: [string, string, { username?: string }]) => record.username === 'user1')[1],
    )
    expect(bench.now.sandbox.world.ledger.size).toBe(0)
  })
})
