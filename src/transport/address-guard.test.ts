import { describe, expect, it } from 'vitest'
import { TransportError } from '../core/transport.ts'
import { canonicalHost, createAddressGuard } from './address-guard.ts'

const guardOf = (addresses: string[], allowNetworks: string[] = []) =>
  createAddressGuard({ resolve: async () => addresses, allowNetworks })

const METADATA = [
  '169.254.169.254',
  '::ffff:169.254.169.254',
  '64:ff9b::a9fe:a9fe',
  'fd00:ec2::254',
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
]

describe('an address', () => {
  it.each([
    '8.8.8.8',
    '1.1.1.1',
    '2001:4860:4860::8888',
    '::ffff:8.8.8.8',
    '64:ff9b::808:808',
  ])('%s is public', (address) => {
    expect(guardOf([]).allows(address)).toBe(true)
  })

  it.each([
    ...METADATA,
    // IPv4: unspecified, private, shared, loopback, link-local, protocol, documentation, benchmarking, relay, multicast, reserved, broadcast
    '0.0.0.0',
    '10.0.0.1',
    '172.16.0.1',
    '192.168.1.1',
    '100.64.0.1',
    '127.0.0.1',
    '127.255.255.254',
    '169.254.1.1',
    '192.0.0.8',
    '192.0.2.1',
    '198.51.100.1',
    '203.0.113.1',
    '198.18.0.1',
    '192.88.99.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    // IPv6: unspecified, loopback, link-local, unique local, site-local, multicast, discard, documentation, routing, unallocated
    '::',
    '::1',
    'fe80::1',
    'fe80::1%1',
    'fc00::1',
    'fec0::1',
    'ff02::1',
    '100::1',
    '2001:db8::1',
    '3fff::1',
    '5f00::1',
    '4000::1',
    // IPv4 inside IPv6: mapped, translated, compatible, NAT64, local NAT64, 6to4, Teredo
    '::ffff:127.0.0.1',
    '::ffff:0:127.0.0.1',
    '::127.0.0.1',
    '::8.8.8.8',
    '64:ff9b::7f00:1',
    '64:ff9b:1::7f00:1',
    '2002:7f00:1::',
    '2001:0:7f00:1::',
    '2001:0:808:808:0:0:80ff:fffe',
    // no addresses
    '',
    'example.com',
    '0177.0.0.1',
    '0x7f000001',
    '2130706433',
    '127.1',
    '1.2.3.4.5',
  ])('%s is refused', (address) => {
    expect(guardOf([]).allows(address)).toBe(false)
  })

  it.each(['10.1.2.3', '::ffff:10.1.2.3', '64:ff9b::a01:203'])('%s is allowed by its network', (address) => {
    expect(guardOf([], ['10.0.0.0/8']).allows(address)).toBe(true)
  })

  it.each(METADATA)('%s is refused whatever is allowed', (address) => {
    expect(guardOf([], ['0.0.0.0/0', '::/0']).allows(address)).toBe(false)
  })

  it('of a listed wrapping is judged by its content too', () => {
    expect(guardOf([], ['2002::/16']).allows('2002:7f00:1::')).toBe(false)
    expect(guardOf([], ['2002::/16', '127.0.0.0/8']).allows('2002:7f00:1::')).toBe(true)
  })
})

describe('a host', () => {
  it('answers with the addresses to connect to', async () => {
    expect(await guardOf(['8.8.8.8', '2001:4860:4860::8888']).check({ host: 'proxy.example', port: 8080 })).toEqual([
      '8.8.8.8',
      '2001:4860:4860::8888',
    ])
  })

  it('that is an address is not resolved', async () => {
    const guard = createAddressGuard({ resolve: () => Promise.reject(new Error('asked')) })
    expect(await guard.check({ host: '8.8.8.8', port: 80 })).toEqual(['8.8.8.8'])
    expect(await guard.check({ host: '2001:4860:4860:0::8888', port: 80 })).toEqual(['2001:4860:4860::8888'])
  })

  it.each([
    ['a name with one private address', 'a.example', ['8.8.8.8', '10.0.0.1'], 80],
    ['an encoded loopback address', '0x7f.1', [], 80],
    ['a decimal loopback address', '2130706433', [], 80],
    ['an octal loopback address', '0177.0.0.1', [], 80],
    ['full-width digits', '１２７.0.0.1', [], 80],
    ['localhost, wherever it points', 'localhost', ['8.8.8.8'], 80],
    ['LOCALHOST with a dot', 'LOCALHOST.', ['8.8.8.8'], 80],
    ['a single-label name', 'squid', ['8.8.8.8'], 80],
    ['an internal name', 'metadata.google.internal', ['8.8.8.8'], 80],
    ['a host with a user in it', 'user@8.8.8.8', ['8.8.8.8'], 80],
    ['a host with a path', '8.8.8.8/x', ['8.8.8.8'], 80],
    ['a host with a port', '8.8.8.8:81', ['8.8.8.8'], 80],
    ['a host with a zone', 'fe80::1%eth0', [], 80],
    ['an empty host', '', ['8.8.8.8'], 80],
    ['a mail port', 'a.example', ['8.8.8.8'], 25],
    ['port 0', 'a.example', ['8.8.8.8'], 0],
    ['port 65536', 'a.example', ['8.8.8.8'], 65_536],
  ])('is refused: %s', async (_title, host, addresses, port) => {
    const error: unknown = await guardOf(addresses)
      .check({ host, port })
      .catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(TransportError)
    expect(error).toMatchObject({
      certainty: 'unsent',
      kind: 'address_refused',
      message: 'The address is not allowed.',
    })
  })

  it('of a local name is allowed when all of it lies in listed networks', async () => {
    const guard = guardOf(['10.0.0.5'], ['10.0.0.0/8'])
    expect(await guard.check({ host: 'squid', port: 3128 })).toEqual(['10.0.0.5'])
  })

  it.each([
    ['without addresses', async () => []],
    ['that cannot be resolved', () => Promise.reject(new Error('SERVFAIL'))],
  ])('%s is a failure of DNS', async (_title, resolve: () => Promise<string[]>) => {
    const error: unknown = await createAddressGuard({ resolve })
      .check({ host: 'a.example', port: 80 })
      .catch((reason: unknown) => reason)
    expect(error).toMatchObject({ certainty: 'unsent', kind: 'dns' })
  })

  it('is read as the WHATWG parser reads it', () => {
    expect(canonicalHost('EXAMPLE.com.')).toBe('example.com')
    expect(canonicalHost('[::1]')).toBe('::1')
    expect(canonicalHost('::1')).toBe('::1')
    expect(canonicalHost('a b')).toBeNull()
  })
})

it('refuses to be made with something that is no network', () => {
  expect(() => guardOf([], ['10.0.0.0/33'])).toThrow()
})
