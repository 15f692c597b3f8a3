/**
 * Places where a test can kill or freeze the real process, at exactly that line. Nothing but the test's environment arms
 * them (`CRASH_POINT`, read in `main.ts`); unarmed, a point costs one comparison.
 */
export const CRASH_POINTS = [
  'after-accept',
  'mid-bulk',
  'after-claim',
  'before-call',
  'after-response',
  'before-settle',
  'after-settle',
  'mid-migration',
  'webhook-after-claim',
  'webhook-before-post',
  'webhook-after-post',
  'webhook-after-record',
] as const

export type CrashPoint = (typeof CRASH_POINTS)[number]

const SIGNALS = ['SIGKILL', 'SIGSTOP'] as const

let armed: { name: CrashPoint; passesLeft: number; signal: (typeof SIGNALS)[number] } | null = null

/**
 * Arms one point: `name`, or `name:3` for the third time it is passed; `name:1:SIGSTOP` freezes the process there until it
 * gets SIGCONT. Throws for a point that does not exist.
 */
export function armCrashPoint(specification: string): void {
  const [name, count = '1', wanted = 'SIGKILL'] = specification.split(':')
  const point = CRASH_POINTS.find((known) => known === name)
  const signal = SIGNALS.find((known) => known === wanted)
  const passesLeft = Number(count)
  if (point === undefined || signal === undefined || !Number.isSafeInteger(passesLeft) || passesLeft < 1) {
    throw new Error(
      `CRASH_POINT must be one of ${CRASH_POINTS.join(', ')}, with an optional count and signal (name:3:SIGSTOP).`,
    )
  }
  armed = { name: point, passesLeft, signal }
}

/** Dies here by SIGKILL when armed: no handler, no flush, no exit code of our own. */
export function crashPoint(name: CrashPoint): void {
  if (armed === null || armed.name !== name) return
  armed.passesLeft -= 1
  if (armed.passesLeft === 0) process.kill(process.pid, armed.signal)
}
