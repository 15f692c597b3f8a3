/**
 * The schedule of what accounts hear. Each account has one row a source: when it is due, how long the interval has grown,
 * how far it has read. A read is recorded and its source put off in the plan's transaction, then made, then settled in
 * a second one: whenever the process dies in between, the source falls due again a little later, with the old state.
 *
 * A source is read more often while it brings news and ever less often while it does not; all reads of an account
 * together keep a floor of two seconds and a rolling limit an hour.
 */
import type { Capability } from '../connectors/connector.ts'
import type { Random } from '../core/random.ts'
import { appendEvent } from '../events/index.ts'
import { type LaneSignal, wakeLane } from '../lanes/index.ts'
import type { ActingSession, LaneRead, LaneReads } from '../outbox/index.ts'
import type { Db, Store } from '../store/store.ts'
import { adaptInterval, failureBackoffMs, HOUR_MS, type PollPace, READ_GAP_MS, SUSPECT_AFTER } from './pace.ts'
import type { InboundSource, Progress, SourceContext } from './source.ts'
import {
  addRead,
  findLastRead,
  findReadAt,
  findSchedules,
  lowerSchedule,
  type Schedule,
  saveSchedule,
} from './store.ts'

/** What a source that catches up may read of the hourly limit however much is new, as far as there is any left. */
const SHARE_MIN = 0.25
/** Of the half that is spread; the rest is for sources that are quiet. */
const SPREAD_SHARE = 0.65
/** A lane begins to listen within this time of the session's beginning, unless listening was switched on later. */
const LATE_START_MS = 60_000

interface PollDeps {
  store: Store
  random: Random
  pace: PollPace
  connectors: ReadonlyMap<string, { readonly capabilities: ReadonlySet<Capability> }>
  sources: readonly InboundSource[]
}

/** What the outbox is handed: the reads of all sources. */
export function createPolling(deps: PollDeps): LaneReads {
  return { next: (tx, input) => findDueRead(tx, deps, input) }
}

/** Has a source read as soon as the account may, if anybody listens. Call under the account's lock. */
export async function wakeSource(
  tx: Db,
  deps: { signal: LaneSignal },
  input: { accountId: string; source: string; at: number },
): Promise<void> {
  if (await lowerSchedule(tx, input)) await wakeLane(tx, deps, input)
}

/** How far a source has read for a session; null before its first answer. */
export async function readSourceState(
  db: Db,
  input: { session: { id: string; accountId: string }; source: string },
): Promise<unknown> {
  const schedules = await findSchedules(db, input.session.accountId)
  const schedule = schedules.find(({ source, sessionId }) => source === input.source && sessionId === input.session.id)
  return schedule === undefined || schedule.state === null ? null : (JSON.parse(schedule.state) as unknown)
}

interface Planned {
  session: ActingSession
  now: number
}

async function findDueRead(tx: Db, deps: PollDeps, planned: Planned): ReturnType<LaneReads['next']> {
  const { session, now } = planned
  const capabilities = deps.connectors.get(session.connector)?.capabilities
  const sources = deps.sources.filter((source) => capabilities?.has(source.capability) === true)
  if (sources.length === 0) return { type: 'none', nextAt: null }
  const known = await findSchedules(tx, session.accountId)
  const entries: Entry[] = []
  for (const source of sources) {
    const schedule = known.find((row) => row.source === source.name && row.sessionId === session.id)
    entries.push({ source, schedule: schedule ?? (await beginListening(tx, deps, source, planned)) })
  }
  let nextAt: number | null = null
  const notBefore = (at: number) => {
    nextAt = nextAt === null ? at : Math.min(nextAt, at)
  }
  const isQuiet = entries.every((entry) => isCatchingUp(entry) || !hasHeardLately(entry.schedule, now))
  for (const entry of entries.sort(byTurn)) {
    const { schedule } = entry
    if (schedule.dueAt === null) continue
    const at = schedule.dueAt > now ? schedule.dueAt : await mayReadAt(tx, deps, entry, { now, isQuiet })
    if (at > now) {
      notBefore(at)
      continue
    }
    const job = await entry.source.next(tx, contextOf(schedule, planned))
    if (job !== null) return begin(tx, deps, { ...entry, job, planned })
    await saveSchedule(tx, { ...schedule, dueAt: null })
  }
  return { type: 'none', nextAt }
}

interface Entry {
  source: InboundSource
  schedule: Schedule
}

function isCatchingUp({ source }: Entry): boolean {
  return source.quietShare !== undefined
}

function hasHeardLately({ heardAt }: Schedule, now: number): boolean {
  return heardAt !== null && now - heardAt < HOUR_MS
}

/** What goes first, then what has waited longest. */
function byTurn(a: Entry, b: Entry): number {
  const [first, second] = [a, b].map(({ source }) => (source.goesFirst === true ? 0 : 1)) as [number, number]
  return first - second || (a.schedule.dueAt ?? 0) - (b.schedule.dueAt ?? 0)
}

/** A session hears from its beginning on; the one before it has left nothing to go on with. */
async function beginListening(
  tx: Db,
  deps: PollDeps,
  source: InboundSource,
  { session, now }: Planned,
): Promise<Schedule> {
  const schedule: Schedule = {
    accountId: session.accountId,
    source: source.name,
    sessionId: session.id,
    // The lane may have been busy since the account was connected; what came meanwhile is news.
    since: Math.max(session.createdAt, now - LATE_START_MS),
    dueAt: now,
    intervalMs: deps.pace.busyMs,
    readAt: null,
    heardAt: null,
    answeredAt: null,
    suspectAt: null,
    failures: 0,
    state: null,
  }
  await saveSchedule(tx, schedule)
  return schedule
}

/** The earliest instant that the gaps and the hourly limit allow. */
async function mayReadAt(
  tx: Db,
  { pace }: PollDeps,
  { source, schedule }: Entry,
  { now, isQuiet }: { now: number; isQuiet: boolean },
): Promise<number> {
  const { accountId } = schedule
  const at = schedule.readAt === null ? now : Math.max(now, schedule.readAt + source.gapMs)
  if (source.share === 0) return at
  const last = await findLastRead(tx, accountId)
  if (last === null) return at
  const withinAt = async (share: number) => {
    const limit = Math.max(1, Math.floor(pace.perHourMax * share))
    const hourAt = await findReadAt(tx, accountId, last.no + 1 - limit)
    return hourAt === null ? 0 : hourAt + HOUR_MS
  }
  const share = isQuiet ? (source.quietShare ?? source.share) : source.share
  let allowedAt = await withinAt(share)
  // What is new may use up its share all the time; the past is not forgotten over it.
  if (share < 1) {
    const turnAt = (schedule.readAt ?? 0) + HOUR_MS / (pace.perHourMax * SHARE_MIN)
    allowedAt = Math.min(allowedAt, Math.max(Math.ceil(turnAt), await withinAt(1)))
  }
  return Math.max(at, last.at + READ_GAP_MS, allowedAt)
}

/**
 * Least milliseconds until a source is read again. Once half of the hour's reads are used up, the other half is spread
 * over the time until those of the first are back, among all sources that are busy: otherwise an account would be heard
 * at once for half an hour and then not at all.
 */
async function thriftMs(
  tx: Db,
  { pace }: PollDeps,
  { accountId, source, now }: { accountId: string; source: InboundSource; now: number },
): Promise<number> {
  const last = source.share === 0 ? null : await findLastRead(tx, accountId)
  if (last === null) return 0
  const half = Math.ceil(pace.perHourMax / 2)
  const halfAt = await findReadAt(tx, accountId, last.no + 1 - half)
  if (halfAt === null) return 0
  const schedules = await findSchedules(tx, accountId)
  const busy = schedules.filter((row) => hasHeardLately(row, now) || (row.dueAt !== null && row.dueAt <= now))
  const left = Math.max(1, half * SPREAD_SHARE)
  return Math.max(0, Math.round(((halfAt + HOUR_MS - now) / left) * Math.max(1, busy.length)))
}

interface Begun extends Entry {
  job: unknown
  planned: Planned
}

/** Records the read before anything leaves the process. */
async function begin(tx: Db, deps: PollDeps, { source, schedule, job, planned }: Begun): Promise<LaneRead> {
  const { now } = planned
  const { accountId } = schedule
  if (source.share > 0) {
    const last = await findLastRead(tx, accountId)
    await addRead(tx, { accountId, no: (last?.no ?? 0) + 1, at: now, before: now - HOUR_MS })
  }
  const begun: Schedule = { ...schedule, readAt: now, dueAt: now + Math.max(schedule.intervalMs, source.gapMs) }
  await saveSchedule(tx, begun)
  return {
    type: 'read',
    call: (context, call) => source.read(context, job, call),
    settled: (tx, { result, session, now }) =>
      settle(tx, deps, { source, begun, job, result, planned: { session, now } }),
  }
}

interface Settling {
  source: InboundSource
  /** As the row was left when the read began. */
  begun: Schedule
  job: unknown
  result: Parameters<LaneRead['settled']>[1]['result']
  planned: Planned
}

async function settle(tx: Db, deps: PollDeps, input: Settling): Promise<void> {
  const { source, begun, job, result, planned } = input
  const schedule = (await findSchedules(tx, begun.accountId)).find((row) => row.source === source.name)
  if (schedule === undefined || schedule.sessionId !== planned.session.id) return
  switch (result.type) {
    case 'ok': {
      const progress = await source.settle(tx, contextOf(schedule, planned), { job, found: result.value })
      return saveProgress(tx, deps, { ...input, schedule, progress })
    }
    case 'refused':
      if (source.refused !== undefined) {
        const progress = await source.refused(tx, contextOf(schedule, planned), job)
        return saveProgress(tx, deps, { ...input, schedule, progress })
      }
      return saveFailure(tx, deps, { ...input, schedule })
    case 'unreadable': {
      const isLast = source.isBestEffort === true || schedule.failures + 1 >= SUSPECT_AFTER
      const giveUp = source.isBestEffort === true ? source.refused : source.giveUp
      const progress = isLast ? await giveUp?.(tx, contextOf(schedule, planned), job) : null
      if (progress) return saveProgress(tx, deps, { ...input, schedule, progress })
      return saveFailure(tx, deps, { ...input, schedule })
    }
    case 'not_sent':
      // The lane itself waits for its connection.
      return saveSchedule(tx, { ...schedule, dueAt: planned.now + READ_GAP_MS })
    default:
      // Push-back: the account waits, and is read again once it may go on.
      return
  }
}

async function saveProgress(
  tx: Db,
  deps: PollDeps,
  { source, begun, schedule, progress, planned }: Settling & { schedule: Schedule; progress: Progress<unknown> },
): Promise<void> {
  const { session, now } = planned
  const suspect = progress.suspect ?? null
  const intervalMs = adaptInterval(schedule.intervalMs, deps.pace, progress)
  const restMs =
    progress.more === true
      ? 0
      : Math.max(intervalMs, await thriftMs(tx, deps, { accountId: session.accountId, source, now }))
  const dueAt = progress.rests === true ? null : (progress.nextAt ?? now + restMs)
  await saveSchedule(tx, {
    ...schedule,
    dueAt: lowest(dueAt, wokenAt(schedule, begun)),
    // A page of many is no measure of how busy the source is.
    intervalMs: progress.more === true && !progress.heard ? schedule.intervalMs : intervalMs,
    heardAt: progress.heard ? now : schedule.heardAt,
    answeredAt: now,
    suspectAt: suspect === null ? null : (schedule.suspectAt ?? now),
    failures: 0,
    state: JSON.stringify(progress.state),
  })
  if (suspect !== null && schedule.suspectAt === null) {
    await appendSuspect(tx, deps, { session, now, source: source.name, reason: suspect })
  }
}

async function saveFailure(
  tx: Db,
  deps: PollDeps,
  { source, begun, schedule, planned }: Settling & { schedule: Schedule },
): Promise<void> {
  const { session, now } = planned
  const failures = schedule.failures + 1
  const isNewlySuspect = failures >= SUSPECT_AFTER && schedule.suspectAt === null
  await saveSchedule(tx, {
    ...schedule,
    dueAt: lowest(now + failureBackoffMs(failures, deps.pace), wokenAt(schedule, begun)),
    failures,
    suspectAt: isNewlySuspect ? now : schedule.suspectAt,
  })
  if (!isNewlySuspect) return
  const reason = `Instagram's answers could not be understood ${failures} times in a row.`
  await appendSuspect(tx, deps, { session, now, source: source.name, reason })
}

/** Somebody may have woken the source while it was read; the answer does not know of what they saw. */
function wokenAt(schedule: Schedule, begun: Schedule): number | null {
  return schedule.dueAt !== null && begun.dueAt !== null && schedule.dueAt < begun.dueAt ? schedule.dueAt : null
}

function lowest(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b)
}

async function appendSuspect(
  tx: Db,
  deps: PollDeps,
  { session, now, source, reason }: Planned & { source: string; reason: string },
): Promise<void> {
  await appendEvent(tx, deps, {
    userId: session.userId,
    type: 'session.suspect',
    at: now,
    sessionId: session.id,
    username: session.username,
    data: { source, reason },
  })
}

function contextOf(schedule: Schedule, { session, now }: Planned): SourceContext<unknown> {
  const { since, state } = schedule
  return { session, now, since, state: state === null ? null : (JSON.parse(state) as unknown) }
}
