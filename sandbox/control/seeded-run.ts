import { type Random, seededRandom } from '../../src/core/random.ts'
import { FAULT_KINDS, takesEffectByDefault } from '../faults.ts'
import type { PlannedAct, User } from '../world/records.ts'
import type { World } from '../world/world.ts'
import type { Fields } from './input.ts'
import type { Controlled, ControlParts } from './parts.ts'

const ACTS_MAX = 10_000
const FAULTS_MAX = 1000
const OVER_MS_MAX = 31 * 86_400_000
const SEED_MAX = 2 ** 32

/** People who take part unless the call names others. */
const PEOPLE = ['target_user', 'user1', 'user2', 'user3', 'echo_user']
/** Faults from which an account recovers by itself. */
const FAULTS = FAULT_KINDS.filter(
  (kind) => !['end_session', 'login_required', 'challenge_required', 'checkpoint_required'].includes(kind),
)

/**
 * Plans a mix of people's acts towards one account over a span of product time, and arms faults for the account's
 * requests. The same seed on the same world plans the same; `overMs: 0` acts at once.
 */
export function runSeeded(
  { sandbox, agenda, clock }: Pick<ControlParts, 'sandbox' | 'agenda' | 'clock'>,
  fields: Fields,
): unknown {
  const { world } = sandbox
  const seed = fields.optionalNumber('seed', { min: 0, max: SEED_MAX })
  if (seed === null) throw fields.error('seed', 'is required')
  const account = personIn(world, fields, fields.optionalText('account') ?? 'your_instagram_username', 'account')
  const names = fields.optionalTexts('people') ?? PEOPLE
  const people = names.map((name) => personIn(world, fields, name, 'people')).filter((user) => user.pk !== account.pk)
  const acts = fields.optionalNumber('acts', { min: 0, max: ACTS_MAX }) ?? 50
  const faults = fields.optionalNumber('faults', { min: 0, max: FAULTS_MAX }) ?? 0
  const overMs = fields.optionalNumber('overMs', { min: 0, max: OVER_MS_MAX }) ?? 0
  fields.end()
  if (people.length === 0 && acts > 0) throw fields.error('people', 'must name somebody')
  const pick = picker(seededRandom(seed))
  const start = clock.now()
  const offsets = Array.from({ length: acts }, () => (overMs === 0 ? 0 : pick(overMs))).sort(
    (one, other) => one - other,
  )
  const planned = offsets.map((offset, number) => {
    const act = randomAct(world, { pick, people, account, number })
    agenda.add(start + offset, act)
    return { at: start + offset, ...act }
  })
  return {
    seed,
    account: account.username,
    acts: planned,
    faults: armFaults(sandbox, { pick, account, count: faults }),
  }
}

type Draw = (bound: number) => number

function picker(random: Random): Draw {
  return (bound) => Buffer.from(random.bytes(8)).readUIntBE(0, 6) % bound
}

function personIn(world: World, fields: Fields, name: string, field: string): User {
  const user = world.person(name)
  if (user === undefined) throw fields.error(field, `names ${name}, whom nobody knows`)
  return user
}

function randomAct(
  world: World,
  { pick, people, account, number }: { pick: Draw; people: User[]; account: User; number: number },
): PlannedAct {
  const as = (people[pick(people.length)] ?? account).username
  const media = world.mediaOf(account.pk).filter(({ kind }) => kind !== 'story')
  const mediaId = media[pick(Math.max(media.length, 1))]?.pk
  const story = world.mediaOf(account.pk).findLast(({ kind }) => kind === 'story')
  const to = account.username
  const text = `Message ${number + 1}`
  const choices: PlannedAct[] = [
    { as, do: 'message', to, text },
    { as, do: 'message', to, text },
    { as, do: 'follow', to },
    { as, do: 'unfollow', to },
    { as, do: 'mention', to, text },
    ...(story === undefined ? [] : [{ as, do: 'story_reply', mediaId: story.pk, text } as const]),
    ...(mediaId === undefined
      ? []
      : [{ as, do: 'like', mediaId } as const, { as, do: 'comment', mediaId, text: `Comment ${number + 1}` } as const]),
  ]
  return choices[pick(choices.length)] ?? { as, do: 'message', to, text }
}

function armFaults(
  sandbox: Controlled,
  { pick, account, count }: { pick: Draw; account: User; count: number },
): string[] {
  return Array.from({ length: count }, () => {
    const fault = FAULTS[pick(FAULTS.length)] ?? 'drop_before'
    const added = sandbox.faults.add({
      fault,
      account: account.username,
      skip: pick(10),
      times: 1,
      effect: takesEffectByDefault(fault),
      ms: 1000,
      code: 500,
      body: null,
      headers: {},
      retryAfter: null,
      until: null,
      url: null,
    })
    return added.id
  })
}
