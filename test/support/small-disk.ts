import { spawnSync } from 'node:child_process'

const MOUNT = 'mount'
const UNMOUNT = 'umount'

/**
 * Mounts a disk in memory at `path`, with the options of tmpfs (`size=2m`, `ro`). Null without the right to mount, in
 * which case the test has to be skipped.
 */
export function mountSmallDisk(path: string, options: string): { unmount: () => void } | null {
  const { status } = spawnSync(MOUNT, ['-t', 'tmpfs', '-o', options, 'tmpfs', path])
  if (status !== 0) return null
  return {
    unmount: () => {
      spawnSync(UNMOUNT, [path])
    },
  }
}
