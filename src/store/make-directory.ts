import { existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

/**
 * Creates a directory and those above it, for their owner only; fine when it exists. Throws the system's error, or one of
 * the same kind when there is a file. One directory at a time: Node's own recursive call never returns where the system
 * says that a directory cannot be, as in /proc.
 */
export function makeDirectory(path: string): void {
  const directory = resolve(path)
  const missing: string[] = []
  for (let at = directory; !existsSync(at) && dirname(at) !== at; at = dirname(at)) missing.unshift(at)
  for (const at of missing) makeOne(at)
  if (!statSync(directory).isDirectory()) throw new Error(`ENOTDIR: ${directory} is a file`)
}

function makeOne(directory: string): void {
  try {
    mkdirSync(directory, { mode: 0o700 })
  } catch (error) {
    // Somebody else was faster.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}
