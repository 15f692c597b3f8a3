import { expect, it } from 'vitest'
import { timelineFault } from './timeline-fault.ts'

const steps = (...statuses: string[]) =>
  statuses.slice(1).map((to, index) => ({ no: index + 1, from_status: statuses[index] as string, to_status: to }))

it.each([
  ['what waits', 'queued', steps('queued')],
  ['what went its way', 'succeeded', steps('queued', 'running', 'queued', 'running', 'succeeded')],
  ['what was skipped before its turn', 'skipped', steps('queued', 'skipped')],
  ['a duplicate within a bulk, which was skipped when it was accepted', 'skipped', []],
])('finds nothing wrong with %s', (_, status, timeline) => {
  expect(timelineFault(status, timeline)).toBeNull()
})

it.each([
  ['an end without a way to it', 'succeeded', []],
  ['a status that is not the last', 'failed', steps('queued', 'running', 'succeeded')],
  ['a second end', 'failed', steps('queued', 'running', 'succeeded', 'failed')],
  ['a hole', 'succeeded', steps('queued', 'running', 'succeeded').slice(1)],
])('finds %s', (_, status, timeline) => {
  expect(timelineFault(status, timeline)).not.toBeNull()
})
