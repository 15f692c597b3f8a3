import { addFromCrowd, addMedia, addUser, type NewMedia } from './people.ts'
import type { TwoFactor, User } from './records.ts'
import type { World } from './world.ts'

/** The cookie of the first document's example, valid for `user123`. */
const DOCUMENT_SESSION_ID = 'abc123'
const DOCUMENT_CODE = '123456'
const TOTP_SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'
const BACKUP_CODE = '12345678'
const POSTS_COUNT = 50
const FOLLOWERS_COUNT = 1000
const FOLLOWING_COUNT = 500
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/**
 * Empties the world and fills it with the people and media that the examples of the product's two documents name, one
 * account for every trouble a log-in or an act can meet, and two people who act by themselves.
 */
export function seedWorld(world: World, input: { seed: number; at: number }): void {
  world.begin({
    seed: input.seed,
    counter: 0,
    ledgerNo: 0,
    startedAt: input.at,
    reachedAt: input.at,
    passwordKey: null,
  })
  const takenAt = input.at - HOUR_MS
  const owner = addDocumentPeople(world, takenAt)
  addTroubles(world, takenAt)
  addUser(world, { username: 'echo_user', script: 'echo' })
  addUser(world, { username: 'fickle_follower', script: 'unfollows_next_day' })
  for (let number = POSTS_COUNT; number >= 1; number--) {
    addMedia(world, { ownerPk: owner.pk, kind: 'post', takenAt: takenAt - number * HOUR_MS, caption: `Post ${number}` })
  }
  addReelsAndStories(world, owner, takenAt)
  addFromCrowd(world, owner, 'followers', FOLLOWERS_COUNT)
  addFromCrowd(world, owner, 'following', FOLLOWING_COUNT)
}

function addDocumentPeople(world: World, takenAt: number): User {
  const owner = addUser(world, {
    username: 'your_instagram_username',
    password: 'your_instagram_password',
    aliases: ['user_your_instagram_username'],
  })
  addUser(world, {
    username: 'your_2fa_username',
    password: 'your_2fa_password',
    twoFactor: bySms(),
  })
  const cookieUser = addUser(world, { username: 'user123', password: 'user123_password' })
  world.sessions.put({ sessionid: DOCUMENT_SESSION_ID, userPk: cookieUser.pk, mid: null, createdAt: takenAt })
  const target = addUser(world, { username: 'target_user', aliases: ['target456', 'user_1234567890', 'target_user'] })
  addMedia(world, { ownerPk: target.pk, kind: 'post', takenAt, aliases: ['post_1234567890'], caption: 'A post' })
  addMedia(world, { ownerPk: target.pk, kind: 'post', takenAt, aliases: ['post789'], caption: 'Another post' })
  addMedia(world, { ownerPk: target.pk, kind: 'post', takenAt, aliases: ['media_id'], caption: 'One more' })
  for (const username of ['user1', 'user2', 'user3']) addUser(world, { username, password: `${username}_password` })
  return owner
}

function addTroubles(world: World, takenAt: number): void {
  addUser(world, { username: 'needs_2fa_sms', password: 'needs_2fa_sms_password', twoFactor: bySms() })
  addUser(world, {
    username: 'needs_2fa_totp',
    password: 'needs_2fa_totp_password',
    twoFactor: { method: 'totp', code: null, secret: TOTP_SECRET, backupCodes: [BACKUP_CODE] },
  })
  addUser(world, {
    username: 'needs_2fa_push',
    password: 'needs_2fa_push_password',
    twoFactor: { method: 'push', code: null, secret: null, backupCodes: [] },
  })
  addUser(world, { username: 'needs_checkpoint', password: 'needs_checkpoint_password', checkpoint: true })
  addUser(world, { username: 'wrong_state', password: 'wrong_state_password', state: 'soft_blocked' })
  const hidden = addUser(world, { username: 'private_user', isPrivate: true })
  addMedia(world, { ownerPk: hidden.pk, kind: 'post', takenAt, aliases: ['private_post'] })
  const blocking = addUser(world, { username: 'blocks_messages', blocksMessages: true })
  addMedia(world, { ownerPk: blocking.pk, kind: 'post', takenAt, aliases: ['comments_off'], commentsDisabled: true })
  const deleted = addMedia(world, { ownerPk: blocking.pk, kind: 'post', takenAt, aliases: ['deleted_post'] })
  world.media.put({ ...deleted, deletedAt: takenAt })
}

/**
 * The documents name actions on stories and reels without an example's id, so theirs are formed like those of posts.
 * `story_1234567890` is kept as a highlight, so that it can be tried on any day; the others go away as stories do.
 */
function addReelsAndStories(world: World, owner: User, takenAt: number): void {
  const target = world.userNamed('target_user') ?? owner
  const hidden = world.userNamed('private_user') ?? owner
  const blocking = world.userNamed('blocks_messages') ?? owner
  const add = (by: User, kind: 'reel' | 'story', alias: string, more: Partial<NewMedia> = {}) =>
    addMedia(world, { ownerPk: by.pk, kind, takenAt, aliases: [alias], ...more })
  for (const alias of ['reel_1234567890', 'reel789', 'reel_id']) add(target, 'reel', alias, { caption: 'A reel' })
  add(target, 'story', 'story_1234567890', { isKept: true })
  for (const alias of ['story789', 'story_id']) add(target, 'story', alias)
  add(target, 'story', 'expired_story', { takenAt: takenAt - DAY_MS })
  add(blocking, 'reel', 'reel_comments_off', { commentsDisabled: true })
  add(blocking, 'story', 'story_no_replies', { isKept: true })
  add(hidden, 'story', 'private_story', { isKept: true })
  const deleted = add(blocking, 'reel', 'deleted_reel')
  world.media.put({ ...deleted, deletedAt: takenAt })
}

function bySms(): TwoFactor {
  return { method: 'sms', code: DOCUMENT_CODE, secret: null, backupCodes: [BACKUP_CODE] }
}
