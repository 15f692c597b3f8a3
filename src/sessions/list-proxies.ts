import type { Proxy } from '../core/transport.ts'
import { proxyIdentity } from './credentials.ts'
import { type Vault, VaultError } from './vault.ts'

export interface SessionProxy {
  sessionId: string
  /** Null when it does not open with the keys at hand. */
  proxy: Proxy | null
}

const SESSIONS_MAX = 10_000

/** The proxies of live sessions, read beside a gateway that may be running; for `doctor`. `look` runs one statement. */
export async function listProxies(
  look: (sql: string) => Promise<Record<string, unknown>[]>,
  vault: Vault,
): Promise<SessionProxy[]> {
  const rows = await look(
    `select id, proxy from sessions where ended_at is null and proxy is not null order by id limit ${SESSIONS_MAX}`,
  )
  return rows.map((row) => {
    const sessionId = String(row['id'])
    return { sessionId, proxy: openProxy(vault, sessionId, String(row['proxy'])) }
  })
}

function openProxy(vault: Vault, sessionId: string, sealed: string): Proxy | null {
  try {
    return JSON.parse(vault.open(sealed, proxyIdentity(sessionId))) as Proxy
  } catch (error) {
    if (error instanceof VaultError) return null
    throw error
  }
}
