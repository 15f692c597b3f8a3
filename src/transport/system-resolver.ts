import { lookup } from 'node:dns/promises'
import type { Resolve } from './address-guard.ts'

/** The machine's own resolver, hosts file included, in the order it prefers. */
export const systemResolve: Resolve = async (hostname) => {
  const found = await lookup(hostname, { all: true })
  return found.map(({ address }) => address)
}
