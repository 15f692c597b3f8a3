import type { Random } from '../core/random.ts'
import type { Store } from '../store/store.ts'
import type { Seals } from './idempotency.ts'

const KEY_BYTES = 32
/** The row of `meta` that holds it, sealed; the rotation of keys walks it too. */
export const FINGERPRINT_KEY = 'fingerprint_key'

export function metaIdentity(key: string): string {
  return `meta/${key}`
}

/**
 * The key of the fingerprints that stand beside idempotency keys. Kept in the store, so that every node and every
 * restart sees the same, and sealed, so that nobody who reads the store can try bodies against a fingerprint.
 */
export async function loadFingerprintKey(deps: { store: Store; random: Random; seals: Seals }): Promise<Uint8Array> {
  const identity = metaIdentity(FINGERPRINT_KEY)
  const fresh = deps.seals.seal(Buffer.from(deps.random.bytes(KEY_BYTES)).toString('base64'), identity)
  const sealed = await deps.store.write(async (tx) => {
    await tx
      .insertInto('meta')
      .values({ key: FINGERPRINT_KEY, value: fresh })
      .onConflict((conflict) => conflict.column('key').doNothing())
      .execute()
    const row = await tx.selectFrom('meta').select('value').where('key', '=', FINGERPRINT_KEY).executeTakeFirstOrThrow()
    return row.value
  })
  return Buffer.from(deps.seals.open(sealed, identity), 'base64')
}
