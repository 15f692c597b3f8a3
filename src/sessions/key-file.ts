import { chmod, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Random } from '../core/random.ts'
import { type EncryptionKey, formatKeys, nextKey, parseKeys, VaultError } from './vault.ts'

/** Where the versioned keys come from. With `configured` the operator keeps them; otherwise a file in the data directory. */
export interface KeySource {
  /** `ENCRYPTION_KEYS`, or null. */
  configured: string | null
  /** `DATA_DIR`; its file `keys` is used, and made on first start, when nothing is configured. */
  dataDir: string
}

/** The keys to start with. Throws `VaultError` with a sentence for the operator when they cannot be used. */
export async function loadKeys(deps: { random: Random }, source: KeySource): Promise<EncryptionKey[]> {
  if (source.configured !== null) return named('ENCRYPTION_KEYS', () => parseKeys(source.configured as string))
  const path = keyFilePath(source)
  const text = await readKeyFile(path)
  if (text !== null) return named(path, () => parseKeys(text))
  const keys = [nextKey([], deps.random)]
  await writeKeyFile(path, keys)
  return keys
}

/** Replaces the key file: whole and durable, or not at all. */
export async function saveKeys(source: KeySource, keys: readonly EncryptionKey[]): Promise<void> {
  if (source.configured !== null) throw new VaultError('the keys are configured by ENCRYPTION_KEYS; change them there')
  await writeKeyFile(keyFilePath(source), keys)
}

function keyFilePath(source: KeySource): string {
  return join(source.dataDir, 'keys')
}

async function readKeyFile(path: string): Promise<string | null> {
  try {
    const { mode } = await stat(path)
    if ((mode & 0o077) !== 0) throw new VaultError(`${path} can be read by others; run: chmod 600 ${path}`)
    return await readFile(path, 'utf8')
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

async function writeKeyFile(path: string, keys: readonly EncryptionKey[]): Promise<void> {
  const temporary = `${path}.new`
  await rm(temporary, { force: true })
  const file = await open(temporary, 'wx', 0o600)
  try {
    await file.writeFile(formatKeys(keys))
    await file.sync()
  } finally {
    await file.close()
  }
  // The umask can only have taken bits away; this also covers file systems that ignore the mode of `open`.
  await chmod(temporary, 0o600)
  await rename(temporary, path)
  const directory = await open(dirname(path), 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

function named<T>(source: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof VaultError) throw new VaultError(`${source}: ${error.message}`, { cause: error })
    throw error
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
