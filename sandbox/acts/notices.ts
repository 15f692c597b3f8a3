import { newToken } from '../world/ids.ts'
import type { Notice } from '../world/records.ts'
import type { World } from '../world/world.ts'

/** Puts a line into somebody's activity feed; nobody is told of what they did themselves. */
export function notify(world: World, notice: Pick<Notice, 'kind' | 'fromPk' | 'toPk' | 'at'> & Partial<Notice>): void {
  if (notice.fromPk === notice.toPk) return
  world.notices.put({ mediaPk: null, commentPk: null, text: null, ...notice, pk: newToken(world, 12) })
}

/** Takes back what is no longer so: a request answered, a like undone. */
export function withdraw(
  world: World,
  { kind, fromPk, toPk, mediaPk = null }: Pick<Notice, 'kind' | 'fromPk' | 'toPk'> & { mediaPk?: string | null },
): void {
  for (const notice of [...world.noticesOf(toPk)]) {
    if (notice.kind === kind && notice.fromPk === fromPk && notice.mediaPk === mediaPk) world.notices.delete(notice.pk)
  }
}
