export { type AddressGuard, createAddressGuard, type Resolve } from './address-guard.ts'
export type { Endpoint } from './route.ts'
export { systemResolve } from './system-resolver.ts'
export { createTransport, type OutgoingTransport, type TransportOptions } from './transport.ts'
