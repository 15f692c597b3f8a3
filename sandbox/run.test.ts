import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { startSandboxAlone } from './run.ts'

const DAY_MS = 86_400_000

it('goes on from the instant to which an earlier run was moved', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'sandbox-'))
  const options = { port: 0, host: '127.0.0.1', file: join(directory, 'world.jsonl'), seed: 5 }
  const first = await startSandboxAlone(options)
  const moved = await fetch(`${first.url}/_sandbox/clock`, { method: 'POST', body: `{"advanceMs":${DAY_MS}}` })
  const { now } = (await moved.json()) as { now: number }
  await first.close()
  const second = await startSandboxAlone(options)
  const state = (await (await fetch(`${second.url}/_sandbox/state`)).json()) as { now: number; seed: number }
  await second.close()
  rmSync(directory, { recursive: true })
  expect(state.now).toBeGreaterThanOrEqual(now)
  expect(state.seed).toBe(5)
})
