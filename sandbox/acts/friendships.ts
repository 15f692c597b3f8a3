import type { User } from '../world/records.ts'
import type { World } from '../world/world.ts'
import { notify, withdraw } from './notices.ts'

export interface FriendshipAct {
  by: User
  target: User
  at: number
}

/** Follows, or asks a private account; false when that is so already. */
export function follow(world: World, { by, target, at }: FriendshipAct): boolean {
  if (world.follow(by.pk, target.pk) !== undefined) return false
  const state = target.isPrivate ? 'requested' : 'following'
  world.follows.put({ fromPk: by.pk, toPk: target.pk, at, state })
  notify(world, { kind: target.isPrivate ? 'follow_request' : 'follow', fromPk: by.pk, toPk: target.pk, at })
  world.record({ at, account: by.username, kind: 'follow', target: target.username })
  return true
}

/** Unfollows, or takes a request back; false when there is neither. */
export function unfollow(world: World, { by, target, at }: FriendshipAct): boolean {
  const before = world.follow(by.pk, target.pk)
  if (before === undefined) return false
  world.follows.delete(`${by.pk} ${target.pk}`)
  if (before.state === 'requested') withdraw(world, { kind: 'follow_request', fromPk: by.pk, toPk: target.pk })
  world.record({ at, account: by.username, kind: 'unfollow', target: target.username })
  return true
}

/** A private account lets somebody in. */
export function approve(world: World, { by, target, at }: FriendshipAct): void {
  const request = world.follow(target.pk, by.pk)
  if (request?.state !== 'requested') return
  world.follows.delete(`${target.pk} ${by.pk}`)
  world.follows.put({ ...request, at, state: 'following' })
  withdraw(world, { kind: 'follow_request', fromPk: target.pk, toPk: by.pk })
}

/** Turns a request down, or removes a follower. */
export function removeFollower(world: World, { by, target }: FriendshipAct): void {
  world.follows.delete(`${target.pk} ${by.pk}`)
  withdraw(world, { kind: 'follow_request', fromPk: target.pk, toPk: by.pk })
}
