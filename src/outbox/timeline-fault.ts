import { type ActionStatus, isTerminal, mayBecome } from './action.ts'

export interface TimelineStep {
  no: number
  from_status: string
  to_status: string
}

/**
 * What is wrong with how an action came to its status, or null: its timeline starts with `queued`, has no hole, makes
 * only legal changes, ends in the status it has, and ends once (late evidence may correct `unconfirmed`). What was skipped
 * when it was accepted has none, like all that acceptance does.
 */
export function timelineFault(status: string, timeline: readonly TimelineStep[]): string | null {
  if (status === 'skipped' && timeline.length === 0) return null
  let current = 'queued'
  let ends = 0
  for (const [index, step] of timeline.entries()) {
    const { no, from_status: from, to_status: to } = step
    if (no !== index + 1) return `row ${index + 1} of its timeline is missing`
    if (from !== current) return `its timeline goes on from ${from} after ${current}`
    if (!mayBecome(from as ActionStatus, to as ActionStatus)) return `its timeline goes from ${from} to ${to}`
    if (isTerminal(to as ActionStatus) && from !== 'unconfirmed') ends += 1
    current = to
  }
  if (ends > 1) return `it ended ${ends} times`
  return current === status ? null : `it is ${status}, and its timeline says ${current}`
}
