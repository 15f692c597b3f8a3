import { storyMentionPayload, storyReplyPayload } from '../api/broadcast.ts'
import type { Item, Media, PlannedAct, Thread, User } from '../world/records.ts'
import type { World } from '../world/world.ts'
import { follow, unfollow } from './friendships.ts'
import { comment, isThere, like } from './media.ts'
import { acceptRequest, markSeen, openThread, send, unsend } from './messages.ts'

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

/** Does it; nothing when whoever or whatever it needs is gone meanwhile, or when it is so already. */
export function performAct(world: World, act: PlannedAct, at: number): SeenEffect[] {
  const by = world.person(act.as)
  const target = act.to === undefined ? undefined : world.person(act.to)
  const media = act.mediaId === undefined ? undefined : world.mediaBy(act.mediaId)
  if (by === undefined) return []
  if (act.do === 'comment' || act.do === 'like' || act.do === 'story_reply') {
    return media === undefined || !isThere(media, at) ? [] : onMedia(world, { act, by, media, at })
  }
  return target === undefined ? [] : onPerson(world, { act, by, target, media, at })
}

interface OnMedia {
  act: PlannedAct
  by: User
  media: Media
  at: number
}

function onMedia(world: World, { act, by, media, at }: OnMedia): SeenEffect[] {
  const owner = world.userOrThrow(media.ownerPk)
  const effect = { kind: act.do, from: by.username, to: owner.username, at, mediaId: media.pk }
  if (act.do === 'like') return like(world, { by, media, at }) ? [effect] : []
  const text = act.text ?? 'Nice!'
  if (act.do === 'comment') {
    return [{ ...effect, text, commentId: comment(world, { by, media, at, text, token: null }).pk }]
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
  return [{ ...effect, text, ...placeOf(thread, item) }]
}

interface OnPerson {
  act: PlannedAct
  by: User
  target: User
  media: Media | undefined
  at: number
}

function onPerson(world: World, input: OnPerson): SeenEffect[] {
  const { act, by, target, at } = input
  const effect = { kind: act.do, from: by.username, to: target.username, at }
  switch (act.do) {
    case 'follow':
      return follow(world, { by, target, at }) ? [effect] : []
    case 'unfollow':
      return unfollow(world, { by, target, at }) ? [effect] : []
    case 'mention': {
      const seen = input.media?.kind === 'story' ? mentionInStory(world, input, input.media) : mention(world, input)
      return seen === null ? [] : [{ ...effect, ...seen }]
    }
    case 'read':
      return [{ ...effect, ...read(world, input) }]
    case 'unsend':
      return takeBack(world, input).map((seen) => ({ ...effect, ...seen }))
    case 'accept':
      return accept(world, input).map((seen) => ({ ...effect, ...seen }))
    default: {
      const text = act.text ?? 'Hello!'
      const others = [target, ...othersOf(world, act)]
      const thread = openThread(world, { by, others, title: act.title ?? null })
      if (act.isRequest === true && thread.lastUs === 0) thread.pendingFor = others.map(({ pk }) => pk)
      const item = send(world, { by, thread, at, type: 'text', text, clientContext: null })
      return [{ ...effect, text, ...placeOf(thread, item) }]
    }
  }
}

/** A mention is a comment with the person's name in it, on the given media or on the newest that either of them has. */
function mention(world: World, { act, by, target, media, at }: OnPerson): Partial<SeenEffect> | null {
  const place = media ?? newestPost(world, by) ?? newestPost(world, target)
  if (place === undefined || !isThere(place, at)) return null
  const name = `@${target.username}`
  const text = act.text?.includes(name) === true ? act.text : `${act.text ?? 'Look'} ${name}`
  return { text, mediaId: place.pk, commentId: comment(world, { by, media: place, at, text, token: null }).pk }
}

/** Whoever is named in a story is told by a message that shows it. */
function mentionInStory(world: World, { by, target, at }: OnPerson, story: Media): Partial<SeenEffect> | null {
  if (!isThere(story, at)) return null
  const thread = openThread(world, { by, others: [target] })
  const item = send(world, {
    by,
    thread,
    at,
    type: 'reel_share',
    text: null,
    payload: storyMentionPayload({ ownerPk: story.ownerPk, mediaPk: story.pk, mentionedPk: target.pk }),
    clientContext: null,
    mediaId: story.pk,
    caption: '[story mention]',
  })
  return { mediaId: story.pk, ...placeOf(thread, item) }
}

function newestPost(world: World, owner: User): Media | undefined {
  return world.mediaOf(owner.pk).findLast((media) => media.kind !== 'story')
}

/** The other members of a group. */
function othersOf(world: World, act: PlannedAct): User[] {
  return (act.with ?? []).flatMap((name) => world.person(name) ?? [])
}

function threadOf(world: World, { act, by, target }: OnPerson): Thread | undefined {
  return world.threadBetween([by.pk, target.pk, ...othersOf(world, act).map(({ pk }) => pk)])
}

/** Takes the named message of theirs back, or their newest, as people do in the app. */
function takeBack(world: World, input: OnPerson): Partial<SeenEffect>[] {
  const { act, by, at } = input
  const thread = threadOf(world, input)
  const own = thread === undefined ? [] : world.itemsOf(thread.id).filter(({ senderPk }) => senderPk === by.pk)
  const item = act.itemId === undefined ? own.at(-1) : own.find(({ id }) => id === act.itemId)
  if (thread === undefined || item === undefined) return []
  unsend(world, { by, thread, itemId: item.id, at })
  return [placeOf(thread, item)]
}

/** Accepts a request, as its receiver does in the app. */
function accept(world: World, input: OnPerson): Partial<SeenEffect>[] {
  const thread = threadOf(world, input)
  if (thread === undefined || !thread.pendingFor.includes(input.by.pk)) return []
  acceptRequest(world, { by: input.by, thread })
  return [{ threadId: thread.id }]
}

function read(world: World, input: OnPerson): Partial<SeenEffect> {
  const { by, at } = input
  const thread = threadOf(world, input)
  const item = thread === undefined ? undefined : world.itemsOf(thread.id).at(-1)
  if (thread === undefined || item === undefined) return {}
  markSeen(world, { by, thread, item, at })
  return placeOf(thread, item)
}

function placeOf(thread: Thread, item: Item): { threadId: string; itemId: string } {
  return { threadId: thread.id, itemId: item.id }
}
