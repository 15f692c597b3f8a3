import type { CallOptions, MediaInfo, ReadResult, Refused } from '../connectors/connector.ts'
import type { Clock } from '../core/clock.ts'
import type { Action, ActionKind, TurnContext } from '../outbox/index.ts'
import { type FoundUser, targetOf } from './engagement.ts'

/*
 * Whom or what an act means is asked before its write, so that a name that nobody has, or a post that is gone, costs none
 * of the account's numbers. What was found within the last hour is not asked again: it spares a read, and when it has
 * changed meanwhile the write says so.
 */

const FOUND_HOLDS_MS = 3_600_000
/** Of each sort, per process; the oldest go first. */
const FOUND_MAX = 10_000

/** What an act needs to know of the media it is about, or why it is not for such media. */
type Judge<Kept> = (media: MediaInfo, action: Action) => Kept | Refused

/** How a kind finds its target: both halves of `ActionKind`. */
export type TargetSearch = Required<Pick<ActionKind, 'resolve' | 'known'>>

export interface Lookups {
  /** Keeps as `resolved` what `judge` makes of the media, or ends with its refusal. */
  media<Kept extends object>(judge: Judge<Kept>): TargetSearch
  readonly user: TargetSearch
}

/** Look-ups of an account's targets that remember what they found. */
export function createLookups({ clock }: { clock: Clock }): Lookups {
  const media = new Found<MediaInfo>(clock)
  const users = new Found<FoundUser>(clock)
  return {
    media: (judge) => ({
      known(action) {
        const found = media.find(action)
        const kept = found === null ? null : judge(found, action)
        return kept === null || isRefused(kept) ? null : JSON.stringify(kept)
      },
      async resolve({ connector, access, action }, call) {
        const result = await connector.readMedia(access, { mediaId: targetOf(action).id }, call)
        if (result.type !== 'ok') return result
        media.keep(action, result.value)
        const kept = judge(result.value, action)
        return isRefused(kept) ? kept : { type: 'ok', value: JSON.stringify(kept) }
      },
    }),
    user: {
      known(action) {
        const found = users.find(action)
        return found === null ? null : JSON.stringify(found)
      },
      async resolve(context, call) {
        const result = await findUser(context, call)
        if (result.type !== 'ok') return result
        users.keep(context.action, result.value)
        return { type: 'ok', value: JSON.stringify(result.value) }
      },
    },
  }
}

function isRefused(kept: object): kept is Refused {
  return 'type' in kept && kept.type === 'refused'
}

async function findUser({ connector, access, action }: TurnContext, call: CallOptions): Promise<ReadResult<FoundUser>> {
  const { id } = targetOf(action)
  const result = /^\d+$/.test(id)
    ? await connector.readUser(access, { userId: id }, call)
    : await connector.lookUpUser(access, { username: id }, call)
  if (result.type === 'refused' && result.code === 'UNKNOWN_RECIPIENT') return { ...result, code: 'TARGET_NOT_FOUND' }
  if (result.type !== 'ok') return result
  return { type: 'ok', value: { platformId: result.value.platformId } }
}

/** What each account found, by the target's id. What one account may see, another may not. */
class Found<Value> {
  readonly #clock: Clock
  readonly #values = new Map<string, { value: Value; until: number }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  find(action: Action): Value | null {
    const found = this.#values.get(keyOf(action))
    return found === undefined || found.until <= this.#clock.now() ? null : found.value
  }

  keep(action: Action, value: Value): void {
    const key = keyOf(action)
    this.#values.delete(key)
    this.#values.set(key, { value, until: this.#clock.now() + FOUND_HOLDS_MS })
    const oldest = this.#values.keys().next()
    if (this.#values.size > FOUND_MAX && oldest.done !== true) this.#values.delete(oldest.value)
  }
}

function keyOf(action: Action): string {
  return `${action.accountId} ${targetOf(action).id}`
}
