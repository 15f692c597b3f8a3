import { CANCELLED, TIMEOUT } from 'node:dns'
import { Resolver } from 'node:dns/promises'
import type { Resolve } from './address-guard.ts'
import { systemResolve } from './system-resolver.ts'

interface NetworkResolverOptions {
  /** Name servers as `address:port`; default: the machine's. */
  servers?: readonly string[]
  /** Asked for names that the name servers do not know; default: the system's resolver, with its hosts file. */
  otherwise?: Resolve
}

/** For the first question; the second one has twice as long. */
const PATIENCE_MS = 1_500
const QUESTIONS = 2

/**
 * Asks the name servers without the system's resolver, which has two threads for the whole process: two names whose servers
 * never answer would keep everybody's look-ups waiting, those of Instagram among them. For names that strangers choose.
 */
export function createNetworkResolve(options: NetworkResolverOptions = {}): Resolve {
  const { servers, otherwise = systemResolve } = options
  return async (hostname) => {
    // Made anew, because it reads the machine's configuration once.
    const resolver = new Resolver({ timeout: PATIENCE_MS, tries: QUESTIONS })
    if (servers !== undefined) resolver.setServers(servers)
    const answers = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)])
    const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
    if (addresses.length > 0) return addresses
    // Whoever does not answer us would not answer the system either.
    const silence = answers.find((answer) => answer.status === 'rejected' && isSilence(answer.reason))
    if (silence?.status === 'rejected') throw silence.reason
    return otherwise(hostname)
  }
}

function isSilence(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === TIMEOUT || code === CANCELLED
}
