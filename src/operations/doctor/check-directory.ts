import { constants } from 'node:fs'
import { access, mkdtemp, open, rm, stat, statfs } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Finding, Trouble } from './trouble.ts'

const FREE_BYTES_MIN = 256 * 1024 * 1024
const PRIVATE_FILES = ['jwt-secret', 'keys']

/** Can the gateway keep its files there? Writes and removes one small file, the only honest test of a file system. */
export async function checkDirectory(dataDir: string): Promise<Finding> {
  const path = resolve(dataDir)
  const existing = await nearestExisting(path)
  const troubles = [...(await writing(existing)), ...(await space(existing)), ...(await privacy(path))]
  return { subject: 'data directory', troubles, detail: existing === path ? path : `${path} will be made` }
}

async function nearestExisting(path: string): Promise<string> {
  let candidate = path
  while (!(await exists(candidate)) && dirname(candidate) !== candidate) candidate = dirname(candidate)
  return candidate
}

async function writing(directory: string): Promise<Trouble[]> {
  if (!(await stat(directory)).isDirectory()) {
    return [{ what: `${directory} is a file`, remedy: 'set DATA_DIR to a directory' }]
  }
  try {
    await access(directory, constants.W_OK)
    const probe = await mkdtemp(join(directory, '.doctor-'))
    try {
      const file = await open(join(probe, 'probe'), 'wx')
      try {
        await file.writeFile('probe')
        await file.sync()
      } finally {
        await file.close()
      }
    } finally {
      await rm(probe, { recursive: true, force: true })
    }
    return []
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    const remedies: Record<string, string> = {
      EACCES: `let this user write there (chown or chmod ${directory}), or set DATA_DIR to another directory`,
      EROFS: 'the file system is read-only: mount it writable, or set DATA_DIR to another one',
      ENOSPC: 'the disk is full: free some space',
      EDQUOT: 'the disk quota is used up: free some space',
    }
    const remedy = remedies[code] ?? 'set DATA_DIR to a directory that this user may write'
    return [{ what: `${directory} cannot be written (${code})`, remedy }]
  }
}

async function space(directory: string): Promise<Trouble[]> {
  const { bavail, bsize } = await statfs(directory)
  const freeBytes = bavail * bsize
  if (freeBytes >= FREE_BYTES_MIN) return []
  const freeMib = Math.floor(freeBytes / 1024 / 1024)
  return [
    {
      what: `${freeMib} MiB are free on the disk of ${directory}`,
      remedy: 'free some space; on a full disk the gateway refuses writes until there is room',
    },
  ]
}

/** Whoever reads these files can sign tokens or open credentials. */
async function privacy(dataDir: string): Promise<Trouble[]> {
  const troubles: Trouble[] = []
  for (const name of PRIVATE_FILES) {
    const path = join(dataDir, name)
    if (!(await exists(path))) continue
    const { mode } = await stat(path)
    if ((mode & 0o077) !== 0) troubles.push({ what: `${path} can be read by others`, remedy: `run: chmod 600 ${path}` })
  }
  return troubles
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
