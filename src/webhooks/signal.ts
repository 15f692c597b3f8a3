import type { Db, Store } from '../store/store.ts'

const CHANNEL = 'webhooks'

/**
 * Tells, here and in other processes, that an endpoint has something to do which no event tells: it was enabled, its
 * deliveries are to be sent again. A hint; what is to be done stands in the endpoint's row. Sent once `tx` is durable.
 */
export function wakeEndpoint(tx: Db, { store }: { store: Pick<Store, 'signals'> }, endpointId: string): void {
  store.signals.notify(tx, CHANNEL, endpointId)
}

/** Returns what ends the listening. */
export function listenForEndpoints(store: Pick<Store, 'signals'>, listener: (endpointId: string) => void): () => void {
  return store.signals.listen(CHANNEL, listener)
}
