import { newCommentPk } from '../world/ids.ts'
import type { Comment, EffectKind, Media, User } from '../world/records.ts'
import type { World } from '../world/world.ts'
import { notify, withdraw } from './notices.ts'

/** Acts on media. Each changes the world, tells the owner, and writes the ledger; a repeat that changes nothing writes nothing. */

export interface MediaAct {
  by: User
  media: Media
  at: number
}

/** Whether `viewer` may see what `owner` posts. */
export function canSee(world: World, viewer: User | null, owner: User): boolean {
  if (!owner.isPrivate) return true
  return viewer !== null && (viewer.pk === owner.pk || world.isFollowing(viewer.pk, owner.pk))
}

/** Whether it is still there to be seen. */
export function isThere(media: Media, now: number): boolean {
  return media.deletedAt === null && (media.expiresAt === undefined || now < media.expiresAt)
}

/** How the ledger calls an act on a post, or on a reel. */
export function effectOn(media: Media | undefined, act: 'like' | 'comment'): EffectKind {
  return media?.kind === 'reel' ? `reel_${act}` : act
}

/** Likes; false when that is so already. */
export function like(world: World, { by, media, at }: MediaAct): boolean {
  if (world.likes.has(`${media.pk} ${by.pk}`)) return false
  world.likes.put({ mediaPk: media.pk, userPk: by.pk, at })
  notify(world, { kind: 'like', fromPk: by.pk, toPk: media.ownerPk, at, mediaPk: media.pk })
  recordOnMedia(world, effectOn(media, 'like'), { by, media, at })
  return true
}

export function unlike(world: World, { by, media, at }: MediaAct): void {
  if (!world.likes.has(`${media.pk} ${by.pk}`)) return
  world.likes.delete(`${media.pk} ${by.pk}`)
  withdraw(world, { kind: 'like', fromPk: by.pk, toPk: media.ownerPk, mediaPk: media.pk })
  recordOnMedia(world, 'unlike', { by, media, at })
}

export interface CommentAct extends MediaAct {
  text: string
  /** Repeating it returns the first comment. */
  token: string | null
  repliedTo?: string | null
}

export function comment(world: World, input: CommentAct): Comment {
  const { by, media, at, text, token } = input
  const repeated = token === null ? undefined : world.commentByToken(by.pk, token)
  if (repeated !== undefined) {
    const kind = effectOn(world.media.get(repeated.mediaPk), 'comment')
    const first = world.effectsOf(by.username, kind).find((entry) => entry.itemId === repeated.pk)?.no
    recordOnMedia(world, kind, input, { text, itemId: repeated.pk, token: token ?? '', duplicateOf: first })
    return repeated
  }
  const added = world.comments.put({
    pk: newCommentPk(world),
    mediaPk: media.pk,
    userPk: by.pk,
    text,
    at,
    token,
    repliedTo: input.repliedTo ?? null,
    deletedAt: null,
    likedBy: [],
  })
  const about = { fromPk: by.pk, at, mediaPk: media.pk, commentPk: added.pk, text }
  const mentioned = mentionedIn(world, text).filter((user) => user.pk !== by.pk)
  for (const user of mentioned) notify(world, { ...about, kind: 'mention', toPk: user.pk })
  if (!mentioned.some((user) => user.pk === media.ownerPk)) {
    notify(world, { ...about, kind: 'comment', toPk: media.ownerPk })
  }
  recordOnMedia(world, effectOn(media, 'comment'), input, {
    text,
    itemId: added.pk,
    ...(token === null ? {} : { token }),
  })
  return added
}

/** Own comments, and any on own media. */
export function deleteComment(
  world: World,
  { by, comment: found, at }: { by: User; comment: Comment; at: number },
): boolean {
  const media = world.media.get(found.mediaPk)
  if (media === undefined || (found.userPk !== by.pk && media.ownerPk !== by.pk)) return false
  if (found.deletedAt !== null) return true
  world.comments.put({ ...found, deletedAt: at })
  recordOnMedia(world, 'comment_delete', { by, media, at }, { itemId: found.pk })
  return true
}

export function likeComment(
  world: World,
  { by, comment: found, at, isLiked }: { by: User; comment: Comment; at: number; isLiked: boolean },
): void {
  if (found.likedBy.includes(by.pk) === isLiked) return
  const likedBy = isLiked ? [...found.likedBy, by.pk] : found.likedBy.filter((pk) => pk !== by.pk)
  found.likedBy = likedBy
  world.comments.touch(found)
  const media = world.media.get(found.mediaPk)
  if (media === undefined) return
  if (isLiked) {
    notify(world, {
      kind: 'comment_like',
      fromPk: by.pk,
      toPk: found.userPk,
      at,
      mediaPk: media.pk,
      commentPk: found.pk,
    })
  }
  recordOnMedia(world, isLiked ? 'comment_like' : 'comment_unlike', { by, media, at }, { itemId: found.pk })
}

/** People named with an @ in a text. */
function mentionedIn(world: World, text: string): User[] {
  const people = new Set<User>()
  for (const [, name] of text.matchAll(/@([A-Za-z0-9._]+)/g)) {
    // A dot at the end belongs to the sentence, unless somebody is called so.
    const user = name === undefined ? undefined : (world.userNamed(name) ?? world.userNamed(name.replace(/\.+$/, '')))
    if (user !== undefined) people.add(user)
  }
  return [...people]
}

interface EntryDetails {
  text?: string
  token?: string
  itemId?: string
  duplicateOf?: number | undefined
}

export function recordOnMedia(world: World, kind: EffectKind, act: MediaAct, details: EntryDetails = {}): void {
  const { duplicateOf, ...rest } = details
  world.record({
    at: act.at,
    account: act.by.username,
    kind,
    target: world.userOrThrow(act.media.ownerPk).username,
    mediaId: act.media.pk,
    ...rest,
    ...(duplicateOf === undefined ? {} : { duplicateOf }),
  })
}
