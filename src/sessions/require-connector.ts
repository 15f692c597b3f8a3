import type { Capability, Connector } from '../connectors/connector.ts'
import { GatewayError } from '../core/errors.ts'

/** Throws `NOT_SUPPORTED` when there is no such connector, or it cannot do that. */
export function requireConnector(
  deps: { connectors: ReadonlyMap<string, Connector> },
  name: string,
  capability: Capability,
): Connector {
  const connector = deps.connectors.get(name)
  if (connector?.capabilities.has(capability)) return connector
  const message = `The connector "${name}" does not support this (${capability.replaceAll('_', ' ')}).`
  throw new GatewayError('NOT_SUPPORTED', { message, details: { connector: name, capability } })
}
