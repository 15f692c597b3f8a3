import type { Action } from './action.ts'

/** Milliseconds of machine time for one turn. */
export const TURN_DEADLINE_MS = 15_000

/**
 * Milliseconds for which the lost call of an attempt may still take effect. The instant is kept in machine time; one
 * further ahead than a call may take was written before the wall clock was set back, so it says nothing: `ifUnknown`.
 */
export function stillOutMs(
  action: Pick<Action, 'callDeadlineWall'>,
  wall: number,
  { ifUnknown }: { ifUnknown: number },
): number {
  const leftMs = (action.callDeadlineWall ?? wall) - wall
  return leftMs > TURN_DEADLINE_MS ? ifUnknown : Math.max(0, leftMs)
}

/** As of the moment at which the call was lost: the whole of it where nothing is known. */
export function lostCallMs(action: Pick<Action, 'callDeadlineWall'>, wall: number): number {
  return stillOutMs(action, wall, { ifUnknown: TURN_DEADLINE_MS })
}
