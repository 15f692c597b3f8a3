import { CROWD_MAX, crowdMember, crowdName } from '../world/people.ts'
import type { PlannedAct } from '../world/records.ts'
import type { World } from '../world/world.ts'

/** Stands for whoever of the crowd can do it, where a control call asks for a person's name. */
export const CROWD = 'crowd'

/**
 * Members of the crowd for whom the act still changes something, lowest number first: each follows, unfollows or likes
 * once. They are looked for as they are asked for, so that ten thousand acts are one pass over the crowd.
 */
export function* volunteers(world: World, act: PlannedAct): Generator<string> {
  const target = act.to === undefined ? undefined : world.userNamed(act.to)
  for (let number = 1; number <= CROWD_MAX; number++) {
    // Who was never asked for follows nobody.
    if (act.do === 'unfollow' && world.userNamed(crowdName(number)) === undefined) return
    const member = crowdMember(world, number)
    const follow = target === undefined ? undefined : world.follow(member.pk, target.pk)
    const isDone =
      (act.do === 'follow' && follow !== undefined) ||
      (act.do === 'unfollow' && follow === undefined) ||
      (act.do === 'like' && world.likes.has(`${act.mediaId} ${member.pk}`))
    if (!isDone && member.pk !== target?.pk) yield member.username
  }
}
