import type { Media } from '../world/records.ts'
import type { World } from '../world/world.ts'
import { type MediaAct, recordOnMedia } from './media.ts'

/** Marks a story seen; looking again changes nothing. */
export function viewStory(world: World, act: MediaAct): void {
  const { by, media, at } = act
  if (world.storyViews.has(`${media.pk} ${by.pk}`)) return
  world.storyViews.put({ mediaPk: media.pk, userPk: by.pk, at })
  recordOnMedia(world, 'story_view', act)
}

/** Up to when the stories have been seen: the newest that was looked at; null for none. */
export function seenUntil(world: World, viewerPk: string, stories: readonly Media[]): number | null {
  const seen = stories.filter(({ pk }) => world.storyViews.has(`${pk} ${viewerPk}`))
  return seen.length === 0 ? null : Math.max(...seen.map(({ takenAt }) => takenAt))
}
