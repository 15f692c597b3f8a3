import { newMediaPk, newUserPk, shortcodeOf } from './ids.ts'
import type { Media, User } from './records.ts'
import type { World } from './world.ts'

/** What a new person may be told to be; everything else is ordinary. */
export type NewUser = Partial<Omit<User, 'username' | 'newsSeenAt'>> & { username: string }

/** Adds a person; a numeric pk is kept, any other id becomes an alias. */
export function addUser(world: World, input: NewUser): User {
  return world.users.put({
    aliases: [],
    fullName: titleOf(input.username),
    password: null,
    twoFactor: null,
    checkpoint: false,
    state: 'ok',
    isPrivate: false,
    isVerified: false,
    isBusiness: false,
    biography: '',
    blocksMessages: false,
    script: null,
    limits: null,
    newsSeenAt: 0,
    ...input,
    username: input.username.toLowerCase(),
    pk: input.pk ?? newUserPk(world),
  })
}

/** As many as anybody's list can be asked to hold. */
export const CROWD_MAX = 10_000

export interface NewMedia {
  ownerPk: string
  kind: Media['kind']
  takenAt: number
  pk?: string
  aliases?: string[]
  caption?: string
  commentsDisabled?: boolean
  /** A story kept as a highlight does not go away after a day. */
  isKept?: boolean
}

const STORY_MS = 86_400_000

export function addMedia(world: World, input: NewMedia): Media {
  const pk = input.pk ?? newMediaPk(world)
  return world.media.put({
    pk,
    aliases: input.aliases ?? [],
    ownerPk: input.ownerPk,
    code: shortcodeOf(pk),
    kind: input.kind,
    caption: input.caption ?? '',
    takenAt: input.takenAt,
    ...(input.kind === 'story' && input.isKept !== true ? { expiresAt: input.takenAt + STORY_MS } : {}),
    commentsDisabled: input.commentsDisabled ?? false,
    deletedAt: null,
  })
}

/**
 * Gives a person that many followers (or followees) out of the crowd: people nobody has told about, shared by all who
 * need a number, so that every counter is the length of a list that can be walked.
 */
export function addFromCrowd(world: World, user: User, direction: 'followers' | 'following', count: number): void {
  const instant = world.meta.startedAt
  for (let number = 1; number <= count; number++) {
    const member = crowdMember(world, number)
    const [fromPk, toPk] = direction === 'followers' ? [member.pk, user.pk] : [user.pk, member.pk]
    if (!world.follows.has(`${fromPk} ${toPk}`)) world.follows.put({ fromPk, toPk, at: instant, state: 'following' })
  }
}

/** One of the crowd by number, from 1; made when first asked for. */
export function crowdMember(world: World, number: number): User {
  const username = crowdName(number)
  return world.userNamed(username) ?? addUser(world, { username })
}

export function crowdName(number: number): string {
  return `crowd_${String(number).padStart(4, '0')}`
}

function titleOf(username: string): string {
  return username
    .split(/[._]/)
    .filter((word) => word !== '')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ')
}
