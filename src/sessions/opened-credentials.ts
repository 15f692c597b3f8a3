import type { Access } from '../connectors/connector.ts'
import { afterCommit } from '../store/connection.ts'
import type { Db } from '../store/store.ts'
import { jarIdentity, tryOpenCredentials } from './credentials.ts'
import type { SessionDeps } from './dependencies.ts'
import type { SealedSession } from './session.ts'

/** Sessions whose opened credentials are kept; the one that was made first is let go. */
const KEPT_MAX = 1_000

interface Kept {
  session: Pick<SealedSession, 'sealedJar' | 'sealedProxy' | 'userAgent' | 'platformId'>
  access: Access
  /** The sealed jar is not known to be stored: its transaction may still be rolled back, or run again. */
  isTentative: boolean
}

/**
 * The credentials that lanes act with, opened once and kept for as long as the row holds the very texts that they were
 * opened from: a login, a rotation of keys or another process that stored cookies makes them be opened anew. Opening them
 * for every turn took a quarter of what a sent message cost.
 *
 * Cookies of an answer that could not be stored stay in the kept jar and are stored with the next answer.
 */
export class OpenedCredentials {
  readonly #deps: Pick<SessionDeps, 'vault' | 'jars'>
  readonly #kept = new Map<string, Kept>()
  /** The jar's text as it is stored, so that a turn which changed no cookie seals and writes nothing. */
  readonly #storedText = new WeakMap<Access, string>()

  constructor(deps: Pick<SessionDeps, 'vault' | 'jars'>) {
    this.#deps = deps
  }

  /** Null when they were wiped, or when no key opens them: the lane leaves the account alone, and start has told why. */
  open(session: SealedSession): Access | null {
    const kept = this.#kept.get(session.id)
    if (kept !== undefined && isSame(kept.session, session)) return kept.access
    this.#kept.delete(session.id)
    const access = tryOpenCredentials(this.#deps, session)
    if (access === null) return null
    this.#storedText.set(access, access.cookies.serialize())
    this.#keep(session.id, { session, access, isTentative: false })
    return access
  }

  /**
   * The jar's sealed text for its row, or null when nothing changed. Kept under it before it is durable: if it never
   * becomes so, the row goes on holding another text, and the credentials are opened anew. Until then whoever asks again,
   * which may be the same callback, is given the same text.
   */
  sealIfChanged(tx: Db, sessionId: string, access: Access): string | null {
    const text = access.cookies.serialize()
    const kept = this.#kept.get(sessionId)
    const isKept = kept?.access === access
    if (this.#storedText.get(access) === text) {
      if (!isKept || !kept.isTentative) return null
      confirmAfter(tx, kept)
      return kept.session.sealedJar
    }
    const sealedJar = this.#deps.vault.seal(text, jarIdentity(sessionId))
    if (isKept) {
      this.#storedText.set(access, text)
      kept.session = { ...kept.session, sealedJar }
      kept.isTentative = true
      confirmAfter(tx, kept)
    }
    return sealedJar
  }

  #keep(sessionId: string, kept: Kept): void {
    this.#kept.set(sessionId, kept)
    if (this.#kept.size <= KEPT_MAX) return
    for (const oldest of this.#kept.keys()) {
      this.#kept.delete(oldest)
      break
    }
  }
}

/** Once the transaction is durable, unless the jar has changed once more by then. */
function confirmAfter(tx: Db, kept: Kept): void {
  const { sealedJar } = kept.session
  afterCommit(tx, () => {
    if (kept.session.sealedJar === sealedJar) kept.isTentative = false
  })
}

function isSame(kept: Kept['session'], session: SealedSession): boolean {
  return (
    kept.sealedJar === session.sealedJar &&
    kept.sealedProxy === session.sealedProxy &&
    kept.userAgent === session.userAgent &&
    kept.platformId === session.platformId
  )
}
