import type { SessionProxy } from '../../sessions/index.ts'
import { probeConnection } from '../../transport/index.ts'
import type { Finding, Trouble } from './trouble.ts'

const CONNECT_WITHIN_MS = 5_000
const AT_ONCE = 8
/** The documents' example proxy, which sandbox mode maps to the sandbox itself. */
const RESERVED_HOST = 'proxy.example.com'

/** Does each proxy accept a connection? Nothing is sent through it. One line a proxy, however many sessions share it. */
export async function checkProxies(sessions: SessionProxy[], mode: 'sandbox' | 'live'): Promise<Finding> {
  const troubles: Trouble[] = []
  const unreadable = sessions.filter(({ proxy }) => proxy === null).length
  if (unreadable > 0) {
    troubles.push({
      what: `the proxies of ${sessionsOf(unreadable)} do not open with the encryption keys at hand`,
      remedy: 'restore the key file of the data directory, or the older entry of ENCRYPTION_KEYS',
    })
  }
  const users = new Map<string, { host: string; port: number; count: number }>()
  for (const { proxy } of sessions) {
    if (proxy === null || (mode === 'sandbox' && proxy.host === RESERVED_HOST)) continue
    const key = `${proxy.host}:${proxy.port}`
    const known = users.get(key)
    users.set(key, { host: proxy.host, port: proxy.port, count: (known?.count ?? 0) + 1 })
  }
  const targets = [...users.values()]
  for (let index = 0; index < targets.length; index += AT_ONCE) {
    const batch = targets.slice(index, index + AT_ONCE)
    const answers = await Promise.all(batch.map(({ host, port }) => probeConnection(host, port, CONNECT_WITHIN_MS)))
    for (const [place, code] of answers.entries()) {
      const { host, port, count } = batch[place] as (typeof batch)[number]
      if (code === null) continue
      troubles.push({
        what: `the proxy ${host}:${port} of ${sessionsOf(count)} does not answer (${code})`,
        remedy:
          'start it, or log these sessions in again with another proxy; until then they wait, nothing goes out directly',
      })
    }
  }
  return { subject: 'proxies', troubles, detail: targets.length === 0 ? 'none in use' : `${targets.length} answer` }
}

function sessionsOf(count: number): string {
  return count === 1 ? '1 session' : `${count} sessions`
}
