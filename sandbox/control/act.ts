import { follow, unfollow } from '../acts/friendships.ts'
import { comment, isThere, like } from '../acts/media.ts'
import { markSeen, openThread, send } from '../acts/messages.ts'
import { storyReplyPayload } from '../api/broadcast.ts'
import type { Item, Media, PlannedAct, Thread, User } from '../world/records.ts'
import type { World } from '../world/world.ts'
import type { Fields } from './input.ts'

const ACTS = ['message', 'story_reply', 'comment', 'like', 'follow', 'unfollow', 'mention', 'read'] as const
const TIMES_MAX = 10_000

/** What the owner of the account it was done to should later see. */
export interface SeenEffect {
  kind: PlannedAct['do']
  from: string
  to: string
  at: number
  text?: string
  threadId?: string
  itemId?: string
  mediaId?: string
  commentId?: string
}

/** Reads what a person should do; every name in it must be somebody's or something's. */
export function readAct(world: World, fields: Fields): { act: PlannedAct; times: number } {
  const as = world.person(fields.text('as'))
  if (as === undefined) throw fields.error('as', 'names nobody')
  const doing = fields.oneOf('do', ACTS)
  const to = readTo(world, fields, NEEDS_TO.has(doing))
  const media = readMediaId(world, fields, NEEDS_MEDIA.has(doing))
  const text = fields.optionalText('text')
  const times = fields.optionalNumber('times', { min: 1, max: TIMES_MAX }) ?? 1
  fields.end()
  if (to?.pk === as.pk) throw fields.error('to', 'must be somebody else')
  if (doing === 'read' && to !== null && world.threadBetween([as.pk, to.pk]) === undefined) {
    throw fields.error('to', 'has no conversation with them')
  }
  const act: PlannedAct = {
    as: as.username,
    do: doing,
    ...(to === null ? {} : { to: to.username }),
    ...(media === null ? {} : { mediaId: media.pk }),
    ...(text === null ? {} : { text }),
  }
  return { act, times }
}

const NEEDS_TO: ReadonlySet<PlannedAct['do']> = new Set(['message', 'follow', 'unfollow', 'mention', 'read'])
const NEEDS_MEDIA: ReadonlySet<PlannedAct['do']> = new Set(['story_reply', 'comment', 'like'])

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

export function runAct(
  world: World,
  { act, times, at }: { act: PlannedAct; times: number; at: number },
): { effects: SeenEffect[] } {
  const effects: SeenEffect[] = []
  for (let time = 1; time <= times; time++) effects.push(...performAct(world, numbered(act, time, times), at))
  return { effects }
}

/** Repeated texts are told apart by a number. */
function numbered(act: PlannedAct, time: number, times: number): PlannedAct {
  return times === 1 || act.text === undefined ? act : { ...act, text: `${act.text} (${time})` }
}

/** Does it; nothing when whoever or whatever it needs is gone meanwhile. */
export function performAct(world: World, act: PlannedAct, at: number): SeenEffect[] {
  const by = world.person(act.as)
  const target = act.to === undefined ? undefined : world.person(act.to)
  const media = act.mediaId === undefined ? undefined : world.mediaBy(act.mediaId)
  if (by === undefined) return []
  if (act.do === 'comment' || act.do === 'like' || act.do === 'story_reply') {
    return media === undefined || !isThere(media, at) ? [] : [onMedia(world, { act, by, media, at })]
  }
  return target === undefined ? [] : [onPerson(world, { act, by, target, media, at })]
}

interface OnMedia {
  act: PlannedAct
  by: User
  media: Media
  at: number
}

function onMedia(world: World, { act, by, media, at }: OnMedia): SeenEffect {
  const owner = world.userOrThrow(media.ownerPk)
  const effect = { kind: act.do, from: by.username, to: owner.username, at, mediaId: media.pk }
  if (act.do === 'like') {
    like(world, { by, media, at })
    return effect
  }
  const text = act.text ?? 'Nice!'
  if (act.do === 'comment') {
    return { ...effect, text, commentId: comment(world, { by, media, at, text, token: null }).pk }
  }
  const thread = openThread(world, { by, others: [owner] })
  const item = send(world, {
    by,
    thread,
    at,
    type: 'reel_share',
    text: null,
    payload: storyReplyPayload({ text, ownerPk: owner.pk, mediaPk: media.pk }),
    clientContext: null,
    kind: 'story_reply',
    mediaId: media.pk,
  })
  return { ...effect, text, threadId: thread.id, itemId: item.id }
}

interface OnPerson {
  act: PlannedAct
  by: User
  target: User
  media: Media | undefined
  at: number
}

function onPerson(world: World, input: OnPerson): SeenEffect {
  const { act, by, target, at } = input
  const effect = { kind: act.do, from: by.username, to: target.username, at }
  switch (act.do) {
    case 'follow':
      follow(world, { by, target, at })
      return effect
    case 'unfollow':
      unfollow(world, { by, target, at })
      return effect
    case 'mention':
      return { ...effect, ...mention(world, input) }
    case 'read':
      return { ...effect, ...read(world, input) }
    default: {
      const text = act.text ?? 'Hello!'
      const thread = openThread(world, { by, others: [target] })
      const item = send(world, { by, thread, at, type: 'text', text, clientContext: null })
      return { ...effect, text, ...placeOf(thread, item) }
    }
  }
}

/** A mention is a comment with the person's name in it, on the given media or on the newest that either of them has. */
function mention(world: World, { act, by, target, media, at }: OnPerson): Partial<SeenEffect> {
  const place = media ?? newestPost(world, by) ?? newestPost(world, target)
  if (place === undefined) return {}
  const name = `@${target.username}`
  const text = act.text?.includes(name) === true ? act.text : `${act.text ?? 'Look'} ${name}`
  return { text, mediaId: place.pk, commentId: comment(world, { by, media: place, at, text, token: null }).pk }
}

function newestPost(world: World, owner: User): Media | undefined {
  return world.mediaOf(owner.pk).findLast((media) => media.kind !== 'story')
}

function read(world: World, { by, target, at }: OnPerson): Partial<SeenEffect> {
  const thread = world.threadBetween([by.pk, target.pk])
  const item = thread === undefined ? undefined : world.itemsOf(thread.id).at(-1)
  if (thread === undefined || item === undefined) return {}
  markSeen(world, { by, thread, item, at })
  return placeOf(thread, item)
}

function placeOf(thread: Thread, item: Item): { threadId: string; itemId: string } {
  return { threadId: thread.id, itemId: item.id }
}
