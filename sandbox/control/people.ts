import { addFromCrowd, addMedia, addUser, CROWD_MAX, type NewUser } from '../world/people.ts'
import type { TwoFactor, User } from '../world/records.ts'
import type { World } from '../world/world.ts'
import { CROWD } from './crowd.ts'
import { type Fields, InputError } from './input.ts'
import type { ControlParts } from './parts.ts'
import { readLimits } from './settings.ts'

const USERNAME = /^[A-Za-z0-9._-]{1,60}$/
const STATES = ['ok', 'soft_blocked', 'suspended'] as const
const SCRIPTS = ['echo', 'unfollows_next_day'] as const
const METHODS = ['sms', 'totp', 'whatsapp', 'push'] as const
const MEDIA_KINDS = ['post', 'reel', 'story'] as const

/** A person as read from the body, with those who follow them by number or by name. */
interface UserInput {
  user: NewUser
  followers: number | string[]
  following: number | string[]
}

/** Adds people, or changes those whose username is taken; all of them or none. */
export function addUsersFrom(world: World, list: Fields[]): { id: string; pk: string; username: string }[] {
  const inputs = list.map((fields) => readUser(world, fields))
  return inputs.map(({ user: input, followers, following }) => {
    const before = world.userNamed(input.username)
    const user = before === undefined ? addUser(world, input) : changeUser(world, before, input)
    connect(world, user, 'followers', followers)
    connect(world, user, 'following', following)
    return { id: user.aliases[0] ?? user.pk, pk: user.pk, username: user.username }
  })
}

function changeUser(world: World, before: User, change: NewUser): User {
  const aliases = [...new Set([...before.aliases, ...(change.aliases ?? [])])]
  return world.users.put({ ...before, ...change, aliases, pk: before.pk })
}

function readUser(world: World, fields: Fields): UserInput {
  const username = fields.text('username').toLowerCase()
  if (username === CROWD) throw fields.error('username', 'stands for the crowd')
  if (!USERNAME.test(username))
    throw fields.error('username', 'must be 1 to 60 letters, digits, dots, dashes or underscores')
  const user: NewUser = { username, ...identity(world, fields, username) }
  const password = fields.optionalText('password')
  if (password !== null) user.password = password
  const fullName = fields.optionalText('fullName')
  if (fullName !== null) user.fullName = fullName
  const biography = fields.optionalText('biography')
  if (biography !== null) user.biography = biography
  const twoFactor = fields.optionalObject('twoFactor')
  if (twoFactor !== null) user.twoFactor = readTwoFactor(twoFactor)
  for (const [field, name] of FLAGS) {
    const value = fields.flag(field)
    if (value !== null) user[name] = value
  }
  const state = fields.optionalOneOf('state', STATES)
  if (state !== null) user.state = state
  const script = fields.optionalOneOf('script', SCRIPTS)
  if (script !== null) user.script = script
  if (fields.has('limits')) user.limits = readLimits(fields, 'limits')
  const followers = readPeople(world, fields, 'followers')
  const following = readPeople(world, fields, 'following')
  fields.end()
  return { user, followers, following }
}

const FLAGS = [
  ['checkpoint', 'checkpoint'],
  ['private', 'isPrivate'],
  ['verified', 'isVerified'],
  ['business', 'isBusiness'],
  ['blocksMessages', 'blocksMessages'],
] as const

/** A numeric id becomes the platform id; any other is one more name for the person. */
function identity(world: World, fields: Fields, username: string): Partial<User> {
  const id = fields.optionalText('id')
  if (id === null) return {}
  const taken = world.user(id)
  if (taken !== undefined && taken.username !== username) throw fields.error('id', `belongs to ${taken.username}`)
  return /^\d+$/.test(id) ? { pk: id } : { aliases: [id] }
}

function readTwoFactor(fields: Fields): TwoFactor {
  const method = fields.oneOf('method', METHODS)
  const code = fields.optionalText('code')
  const secret = fields.optionalText('secret')
  fields.end()
  if (method !== 'push' && code === null && secret === null)
    throw fields.error(method === 'totp' ? 'secret' : 'code', 'is required')
  return { method, code, secret, backupCodes: [] }
}

/** How many out of the crowd, or who. */
function readPeople(world: World, fields: Fields, name: 'followers' | 'following'): number | string[] {
  if (fields.isNumber(name)) return fields.optionalNumber(name, { min: 0, max: CROWD_MAX }) ?? 0
  return (fields.optionalTexts(name) ?? []).map((reference) => {
    const person = world.person(reference)
    if (person === undefined) throw fields.error(name, `names ${reference}, whom nobody knows`)
    return person.pk
  })
}

function connect(world: World, user: User, direction: 'followers' | 'following', people: number | string[]): void {
  if (typeof people === 'number') {
    addFromCrowd(world, user, direction, people)
    return
  }
  for (const pk of people) {
    const [fromPk, toPk] = direction === 'followers' ? [pk, user.pk] : [user.pk, pk]
    world.follows.put({ fromPk, toPk, at: world.meta.startedAt, state: 'following' })
  }
}

interface MediaInput {
  ownerPk: string
  kind: (typeof MEDIA_KINDS)[number]
  id: string | null
  caption: string | null
  commentsDisabled: boolean
}

/** Adds media; all of them or none. */
export function addMediaFrom(
  { sandbox, clock }: Pick<ControlParts, 'sandbox' | 'clock'>,
  list: Fields[],
): { id: string; pk: string; code: string; shortcode: string }[] {
  const { world } = sandbox
  return list
    .map((fields) => readMedia(world, fields))
    .map(({ ownerPk, kind, id, caption, commentsDisabled }) => {
      const media = addMedia(world, {
        ownerPk,
        kind,
        takenAt: clock.now(),
        commentsDisabled,
        ...(caption === null ? {} : { caption }),
        ...(id === null ? {} : /^\d+$/.test(id) ? { pk: id } : { aliases: [id] }),
      })
      return { id: id ?? media.pk, pk: media.pk, code: media.code, shortcode: media.code }
    })
}

function readMedia(world: World, fields: Fields): MediaInput {
  const owner = world.person(fields.text('owner'))
  if (owner === undefined) throw fields.error('owner', 'names nobody')
  const id = fields.optionalText('id')
  if (id !== null && world.mediaBy(id) !== undefined) throw fields.error('id', 'is taken')
  const input: MediaInput = {
    ownerPk: owner.pk,
    kind: fields.optionalOneOf('kind', MEDIA_KINDS) ?? 'post',
    id,
    caption: fields.optionalText('caption'),
    commentsDisabled: fields.flag('commentsDisabled') ?? false,
  }
  fields.end()
  return input
}

export function deleteMedia(world: World, id: string, at: number): { deleted: number } {
  const media = world.mediaBy(id)
  if (media === undefined) throw new InputError('id', 'names no media', 404)
  world.media.put({ ...media, deletedAt: at })
  return { deleted: 1 }
}
