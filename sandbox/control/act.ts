import { performAct, type SeenEffect } from '../acts/perform.ts'
import type { Media, PlannedAct, Thread, User } from '../world/records.ts'
import type { World } from '../world/world.ts'
import { CROWD, volunteers } from './crowd.ts'
import type { Fields } from './input.ts'

const ACTS = [
  'message',
  'unsend',
  'accept',
  'story_reply',
  'comment',
  'like',
  'follow',
  'unfollow',
  'mention',
  'read',
] as const
const TIMES_MAX = 10_000

/** Reads what a person should do; every name in it must be somebody's or something's. */
export function readAct(world: World, fields: Fields): { act: PlannedAct; times: number } {
  const as = readActor(world, fields)
  const doing = fields.oneOf('do', ACTS)
  const to = readTo(world, fields, NEEDS_TO.has(doing))
  const media = readMediaId(world, fields, NEEDS_MEDIA.has(doing))
  const text = fields.optionalText('text')
  const talk = readTalk(world, fields, doing)
  const times = fields.optionalNumber('times', { min: 1, max: TIMES_MAX }) ?? 1
  fields.end()
  if (to !== null && to.username === as) throw fields.error('to', 'must be somebody else')
  if (IN_THREAD.has(doing) && to !== null) {
    const thread = threadWith(world, as, [to, ...talk.members])
    if (thread === undefined) throw fields.error('to', 'has no conversation with them')
    if (doing === 'unsend' && !hasOwnItem(world, { as, thread, itemId: talk.itemId })) {
      throw fields.error(talk.itemId === null ? 'to' : 'itemId', 'names no message of theirs that is still there')
    }
  }
  if (media !== null) checkMedia(world, fields, { as, doing, media })
  const act: PlannedAct = {
    as,
    do: doing,
    ...(to === null ? {} : { to: to.username }),
    ...(media === null ? {} : { mediaId: media.pk }),
    ...(text === null ? {} : { text }),
    ...(talk.members.length === 0 ? {} : { with: talk.members.map(({ username }) => username) }),
    ...(talk.title === null ? {} : { title: talk.title }),
    ...(talk.itemId === null ? {} : { itemId: talk.itemId }),
    ...(talk.isRequest ? { isRequest: true } : {}),
  }
  return { act, times }
}

/** What tells one conversation from another, and one message in it. */
interface Talk {
  members: User[]
  title: string | null
  isRequest: boolean
  itemId: string | null
}

function readTalk(world: World, fields: Fields, doing: PlannedAct['do']): Talk {
  const isTalk = doing === 'message' || IN_THREAD.has(doing)
  const names = isTalk ? (fields.optionalTexts('with') ?? []) : []
  const members = names.map((name) => {
    const user = world.person(name)
    if (user === undefined) throw fields.error('with', `names ${name}, whom nobody knows`)
    return user
  })
  return {
    members,
    title: doing === 'message' ? fields.optionalText('title') : null,
    isRequest: doing === 'message' && fields.flag('request') === true,
    itemId: doing === 'unsend' ? fields.optionalText('itemId') : null,
  }
}

/** In a conversation that there is. */
const IN_THREAD: ReadonlySet<PlannedAct['do']> = new Set(['unsend', 'accept', 'read'])
const NEEDS_TO: ReadonlySet<PlannedAct['do']> = new Set(['message', 'follow', 'unfollow', 'mention', ...IN_THREAD])
const NEEDS_MEDIA: ReadonlySet<PlannedAct['do']> = new Set(['story_reply', 'comment', 'like'])

function readActor(world: World, fields: Fields): string {
  const reference = fields.text('as')
  if (reference === CROWD) return CROWD
  const person = world.person(reference)
  if (person === undefined) throw fields.error('as', 'names nobody')
  return person.username
}

function threadWith(world: World, as: string, others: User[]): Thread | undefined {
  const by = world.userNamed(as)
  return by === undefined ? undefined : world.threadBetween([by.pk, ...others.map(({ pk }) => pk)])
}

function hasOwnItem(
  world: World,
  { as, thread, itemId }: { as: string; thread: Thread; itemId: string | null },
): boolean {
  const by = world.userNamed(as)
  return world.itemsOf(thread.id).some((item) => item.senderPk === by?.pk && (itemId === null || item.id === itemId))
}

/** Stories are answered and mentioned in by their owners, posts and reels are liked and commented. */
function checkMedia(
  world: World,
  fields: Fields,
  { as, doing, media }: { as: string; doing: PlannedAct['do']; media: Media },
): void {
  const isStory = media.kind === 'story'
  if (doing === 'story_reply' && !isStory) throw fields.error('mediaId', 'names no story')
  if ((doing === 'comment' || doing === 'like') && isStory) throw fields.error('mediaId', 'names a story')
  if (doing === 'mention' && isStory && world.userOrThrow(media.ownerPk).username !== as) {
    throw fields.error('mediaId', 'names a story of somebody else')
  }
}

function readTo(world: World, fields: Fields, isNeeded: boolean): User | null {
  const reference = isNeeded ? fields.text('to') : fields.optionalText('to')
  if (reference === null) return null
  const user = world.person(reference)
  if (user === undefined) throw fields.error('to', 'names nobody')
  return user
}

function readMediaId(world: World, fields: Fields, isNeeded: boolean): Media | null {
  const id = isNeeded ? fields.text('mediaId') : fields.optionalText('mediaId')
  if (id === null) return null
  const media = world.mediaBy(id)
  if (media === undefined || media.deletedAt !== null) throw fields.error('mediaId', 'names nothing')
  return media
}

/** Does it `times` times; done by the crowd, each time by another of them. Only what changed something is answered. */
export function runAct(
  world: World,
  { act, times, at }: { act: PlannedAct; times: number; at: number },
): { effects: SeenEffect[] } {
  const effects: SeenEffect[] = []
  let time = 0
  const people = act.as === CROWD ? volunteers(world, act) : Array.from({ length: times }, () => act.as)
  for (const as of people) {
    time++
    effects.push(...performAct(world, numbered({ ...act, as }, time, times), at))
    if (time === times) break
  }
  return { effects }
}

/** Repeated texts are told apart by a number. */
function numbered(act: PlannedAct, time: number, times: number): PlannedAct {
  return times === 1 || act.text === undefined ? act : { ...act, text: `${act.text} (${time})` }
}
