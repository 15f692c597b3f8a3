import { link, open, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../core/clock.ts'
import type { Random } from '../core/random.ts'
import { Secret } from '../core/secret.ts'
import { StoreRefusal } from '../store/faults.ts'
import { makeDirectory } from '../store/make-directory.ts'
import type { Scope } from './route.ts'

const SECRET_BYTES = 48

/** The secrets of HS256 tokens, in the order in which they are tried; the first signs. */
export type SigningSecrets = readonly [Secret, ...Secret[]]

/**
 * `JWT_SECRET` (comma-separated), or the file `jwt-secret` of the data directory, which is made when it is missing. The
 * server and the command `token` both come here, so that either may be the first to run.
 * Throws `StoreRefusal` when the file can be read by others or holds nothing.
 */
export async function loadSigningSecrets(
  deps: { random: Random },
  source: { configured: Secret | null; dataDir: string },
): Promise<SigningSecrets> {
  const text = source.configured?.reveal() ?? (await readOrCreate(deps.random, source.dataDir))
  const [first, ...others] = text.split(/[\s,]+/).filter((entry) => entry !== '')
  if (first === undefined)
    throw new StoreRefusal(
      'directory_unusable',
      `${join(source.dataDir, 'jwt-secret')} is empty: remove it, and a new one is made.`,
    )
  return [new Secret(first), ...others.map((entry) => new Secret(entry))]
}

export interface TokenClaims {
  userId: string
  isAdmin: boolean
  /** Null = every scope. */
  scopes: readonly Scope[] | null
  /** Session ids or usernames; null = all of the user's. */
  sessions: readonly string[] | null
  expiresInMs: number
}

/** A token that this gateway accepts: signed by the first secret, with its issuer and audience. */
export async function signToken(
  deps: { clock: Pick<Clock, 'wall'>; secrets: SigningSecrets; issuer: string | null; audience: string | null },
  claims: TokenClaims,
): Promise<string> {
  const { SignJWT } = await import('jose')
  const issuedAt = Math.floor(deps.clock.wall() / 1000)
  const token = new SignJWT({
    ...(claims.isAdmin ? { role: 'admin' } : {}),
    ...(claims.scopes === null ? {} : { scope: claims.scopes.join(' ') }),
    ...(claims.sessions === null ? {} : { sessions: [...claims.sessions] }),
  })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setSubject(claims.userId)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + Math.floor(claims.expiresInMs / 1000))
  if (deps.issuer !== null) token.setIssuer(deps.issuer)
  if (deps.audience !== null) token.setAudience(deps.audience)
  return token.sign(new TextEncoder().encode(deps.secrets[0].reveal()))
}

async function readOrCreate(random: Random, dataDir: string): Promise<string> {
  const path = join(dataDir, 'jwt-secret')
  const known = await read(path)
  if (known !== null) return known
  makeDirectory(dataDir)
  const temporary = `${path}.${Buffer.from(random.bytes(8)).toString('hex')}`
  const file = await open(temporary, 'wx', 0o600)
  try {
    await file.writeFile(`${Buffer.from(random.bytes(SECRET_BYTES)).toString('base64url')}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  try {
    // Unlike a rename, a link never replaces: of two processes that start together, both read the same secret.
    await link(temporary, path)
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error
  } finally {
    await rm(temporary, { force: true })
  }
  const made = await read(path)
  if (made === null) throw new Error(`${path} was removed while it was being made`)
  return made
}

async function read(path: string): Promise<string | null> {
  try {
    const { mode } = await stat(path)
    if ((mode & 0o077) !== 0) {
      throw new StoreRefusal('directory_unusable', `${path} can be read by others; run: chmod 600 ${path}`)
    }
    return await readFile(path, 'utf8')
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null
    throw error
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
