import { hashToken } from '../core/secret.ts'
import type { Db } from '../store/store.ts'
import { findHandoff, insertHandoff, saveHandoffUsed } from './attempt-store.ts'
import type { SessionDeps } from './dependencies.ts'
import { VaultError } from './vault.ts'

/**
 * Links by which the owner of an account, who may have no access to the gateway, confirms what Instagram asks for.
 *
 * The token is sealed by the vault, so a made-up one is refused without a look at the store, on every node. It counts
 * for one *success*: a page is fetched by link previews and loaded twice by people, so neither looking at it nor a
 * confirmation that Instagram does not know of yet uses it up.
 */
const HANDOFF_LIFE_MS = 15 * 60_000
const TOKEN_IDENTITY = 'handoff'

export interface HandoffLink {
  url: string
  /** Product time. */
  expiresAt: number
}

type IssueDeps = Pick<SessionDeps, 'clock' | 'vault' | 'publicUrl'>

/** A new link, in the transaction that found the challenge. */
export async function issueHandoff(tx: Db, deps: IssueDeps, sessionId: string): Promise<HandoffLink> {
  const expiresAt = deps.clock.now() + HANDOFF_LIFE_MS
  const token = deps.vault.seal(`${sessionId} ${expiresAt}`, TOKEN_IDENTITY)
  await insertHandoff(tx, { tokenHash: hashToken(token), sessionId, expiresAt })
  return { url: `${deps.publicUrl()}/handoff/${token}`, expiresAt }
}

export type OpenedHandoff = { state: 'open'; sessionId: string } | { state: 'unknown' | 'expired' | 'used' }

/** What a token from a link is worth now. */
export async function openHandoff(
  deps: Pick<SessionDeps, 'store' | 'clock' | 'vault'>,
  token: string,
): Promise<OpenedHandoff> {
  if (!isSealed(deps, token)) return { state: 'unknown' }
  const handoff = await findHandoff(deps.store.read, hashToken(token))
  // Swept away: it was ours, so it can only have expired.
  if (handoff === null || handoff.expiresAt <= deps.clock.now()) return { state: 'expired' }
  if (handoff.usedAt !== null) return { state: 'used' }
  return { state: 'open', sessionId: handoff.sessionId }
}

/** After the account was connected through the link. */
export async function useHandoff(tx: Db, deps: Pick<SessionDeps, 'clock'>, token: string): Promise<void> {
  await saveHandoffUsed(tx, { tokenHash: hashToken(token), now: deps.clock.now() })
}

function isSealed(deps: Pick<SessionDeps, 'vault'>, token: string): boolean {
  try {
    deps.vault.open(token, TOKEN_IDENTITY)
    return true
  } catch (error) {
    if (error instanceof VaultError) return false
    throw error
  }
}
