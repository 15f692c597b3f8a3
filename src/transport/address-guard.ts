import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import { TransportError } from '../core/transport.ts'

/** Every address of a host name; one look-up of the system's resolver. Rejects when the name has none. */
export type Resolve = (hostname: string) => Promise<string[]>

/**
 * Judges where a connection may go when a user chose the host: proxies, media and webhooks. It answers with the very
 * addresses to connect to, so that nothing is resolved a second time between the check and the connection.
 */
export interface AddressGuard {
  /**
   * Resolves `host` once and judges every address; one bad address refuses all, because a name that points at both a
   * public and a private address is how a check is slipped past. Rejects with `TransportError` (`address_refused`, `dns`),
   * whose text never names the resolved address.
   */
  check(target: { host: string; port: number }): Promise<string[]>
  /** Whether one address, in any notation, may be connected to. */
  allows(address: string): boolean
}

export interface AddressGuardDeps {
  resolve: Resolve
  /** CIDRs that are allowed although they are not public. Metadata addresses stay refused. */
  allowNetworks?: readonly string[]
}

/** Cloud metadata services: whoever reaches one holds the machine's credentials, so no list of networks opens them. */
const METADATA_ADDRESSES: ReadonlySet<string> = new Set([
  '169.254.169.254',
  '169.254.170.2',
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
  'fd00:ec2::254',
  'fd00:ec2::23',
  'fd20:ce::254',
])

const LOCAL_NAMES = ['localhost', '.localhost', '.local', '.internal', '.home.arpa']
const GLOBAL_UNICAST_V6 = ipaddr.IPv6.parseCIDR('2000::/3')
const COMPATIBLE_V4 = ipaddr.IPv6.parseCIDR('::/96')
const NAT64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96')

type Address = ReturnType<typeof ipaddr.parse>

/** Throws when `allowNetworks` holds something that is no CIDR. */
export function createAddressGuard({ resolve, allowNetworks = [] }: AddressGuardDeps): AddressGuard {
  const networks = allowNetworks.map((network) => ipaddr.parseCIDR(network))
  const isListed = (address: Address) =>
    networks.some(([network, bits]) => network.kind() === address.kind() && address.match(network, bits))

  function judge(text: string): 'public' | 'listed' | 'refused' {
    const address = parseAddress(text)
    if (address === null) return 'refused'
    const parts = unpack(address)
    if (parts.some((part) => METADATA_ADDRESSES.has(part.toString()))) return 'refused'
    if (parts.every(isListed)) return 'listed'
    return parts.every((part) => isListed(part) || isPublic(part)) ? 'public' : 'refused'
  }

  return {
    allows: (address) => judge(address) !== 'refused',
    async check({ host, port }) {
      const name = canonicalHost(host)
      if (name === null || !isPortAllowed(port)) throw refused()
      const addresses = isIP(name) === 0 ? await lookUp(resolve, name) : [name]
      const verdicts = addresses.map(judge)
      if (verdicts.includes('refused')) throw refused()
      if (isLocalName(name) && verdicts.includes('public')) throw refused()
      return addresses
    },
  }
}

/**
 * The host as the WHATWG parser reads it, without brackets and trailing dot, so that `0x7f.1`, `2130706433` and
 * full-width letters are judged as what they will become. Null for anything that is more or less than a host.
 */
export function canonicalHost(host: string): string | null {
  if (host === '' || /[/?#@\\\s%]/.test(host)) return null
  const bracketed = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
  if (!bracketed.startsWith('[') && bracketed.includes(':')) return null
  const parsed = URL.parse(`http://${bracketed}/`)
  if (parsed === null || parsed.port !== '') return null
  return parsed.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '') || null
}

async function lookUp(resolve: Resolve, name: string): Promise<string[]> {
  const addresses = await resolve(name).catch((cause: unknown) => {
    throw new TransportError('unsent', 'dns', 'The host name could not be resolved.', cause)
  })
  if (addresses.length === 0) throw new TransportError('unsent', 'dns', 'The host name has no address.')
  return addresses
}

/**
 * `ipaddr.js` also reads octal and short forms; only what the system's own parser takes counts as an address here. It
 * takes `::1.2.3.4` for the mapped form, which it is not, so such an ending is first written in hexadecimal.
 */
function parseAddress(text: string): Address | null {
  if (isIP(text) === 0) return null
  const isMixed = text.includes(':') && text.includes('.')
  return ipaddr.parse(isMixed ? (canonicalHost(text) ?? '::') : text)
}

/** The address and every IPv4 address inside it; an address that is nothing but a wrapping is replaced by its content. */
function unpack(address: Address): Address[] {
  if (!(address instanceof ipaddr.IPv6)) return [address]
  const bytes = address.toByteArray()
  const inside = (start: number, flip = 0) => new ipaddr.IPv4(bytes.slice(start, start + 4).map((byte) => byte ^ flip))
  if (address.isIPv4MappedAddress()) return [address.toIPv4Address()]
  if (address.match(NAT64)) return [inside(12)]
  // :: and ::1 lie in the range of the old compatible form and are judged as themselves.
  if (address.match(COMPATIBLE_V4) && address.range() === 'unicast') return [address, inside(12)]
  if (address.range() === '6to4') return [address, inside(2)]
  if (address.range() === 'teredo') return [address, inside(4), inside(12, 0xff)]
  return [address]
}

function isPublic(address: Address): boolean {
  if (address.range() !== 'unicast') return false
  return address instanceof ipaddr.IPv6 ? address.match(GLOBAL_UNICAST_V6) : true
}

/** Web ports and unprivileged ones: 22, 25 and their kind are no proxies and no web servers. */
function isPortAllowed(port: number): boolean {
  return port === 80 || port === 443 || (Number.isInteger(port) && port >= 1024 && port <= 65_535)
}

/** Names that only mean something inside a network; they may lead to listed networks alone. */
function isLocalName(name: string): boolean {
  if (isIP(name) !== 0) return false
  return !name.includes('.') || LOCAL_NAMES.some((local) => name === local || name.endsWith(local))
}

function refused(): TransportError {
  return new TransportError('unsent', 'address_refused', 'The address is not allowed.')
}
