import type { Proxy } from '../core/transport.ts'
import { FINGERPRINT_KEY, metaIdentity } from '../http/fingerprint-key.ts'
import { answerIdentity } from '../http/idempotency.ts'
import { command, type Placeholders } from '../store/statement.ts'
import type { Db, Store } from '../store/store.ts'
import { attemptIdentity, jarIdentity, proxyIdentity } from './credentials.ts'
import { type Vault, VaultError } from './vault.ts'

/** A column of sealed values, walked by the rotation of keys. */
export interface SealedColumn {
  /** Sealed values of the rows after a key, in the order of the keys; from '' on. */
  page(db: Db, input: { after: string; limit: number }): Promise<{ key: string; sealed: string }[]>
  identity(key: string): string
  /** Replaces the value if it still is `from`; returns how many rows that were. */
  replace(tx: Db, change: { key: string; from: string; to: string }): Promise<number>
}

type Change = Placeholders<{ key: string; from: string; to: string }>

/**
 * Every sealed column there is; one that is missing here is lost with the next rotation. Cookie jars, proxies and waiting
 * logins, the keys kept in `meta`, and stored answers that show a secret.
 */
export const SEALED_COLUMNS: readonly SealedColumn[] = [
  {
    page: (db, { after, limit }) =>
      db
        .selectFrom('sessions')
        .select(['id as key', 'jar as sealed'])
        .where('jar', 'is not', null)
        .where('id', '>', after)
        .orderBy('id')
        .limit(limit)
        .$narrowType<{ sealed: string }>()
        .execute(),
    identity: jarIdentity,
    replace: command((db, p: Change) =>
      db.updateTable('sessions').set({ jar: p.to }).where('id', '=', p.key).where('jar', '=', p.from),
    ),
  },
  {
    page: (db, { after, limit }) =>
      db
        .selectFrom('sessions')
        .select(['id as key', 'proxy as sealed'])
        .where('proxy', 'is not', null)
        .where('id', '>', after)
        .orderBy('id')
        .limit(limit)
        .$narrowType<{ sealed: string }>()
        .execute(),
    identity: proxyIdentity,
    replace: command((db, p: Change) =>
      db.updateTable('sessions').set({ proxy: p.to }).where('id', '=', p.key).where('proxy', '=', p.from),
    ),
  },
  {
    page: (db, { after, limit }) =>
      db
        .selectFrom('login_attempts')
        .select(['id as key', 'state as sealed'])
        .where('id', '>', after)
        .orderBy('id')
        .limit(limit)
        .execute(),
    identity: attemptIdentity,
    replace: command((db, p: Change) =>
      db.updateTable('login_attempts').set({ state: p.to }).where('id', '=', p.key).where('state', '=', p.from),
    ),
  },
  {
    page: (db, { after, limit }) =>
      db
        .selectFrom('meta')
        .select(['key', 'value as sealed'])
        .where('key', 'in', [CHECK_KEY, FINGERPRINT_KEY])
        .where('key', '>', after)
        .orderBy('key')
        .limit(limit)
        .execute(),
    identity: metaIdentity,
    replace: command((db, p: Change) =>
      db.updateTable('meta').set({ value: p.to }).where('key', '=', p.key).where('value', '=', p.from),
    ),
  },
  {
    page: async (db, { after, limit }) => {
      const [userId, key] = after === '' ? ['', ''] : answerKey(after)
      const rows = await db
        .selectFrom('idempotency_keys')
        .select(['user_id', 'key', 'body'])
        // A sealed body begins with the vault's format, every other one is JSON.
        .where('body', 'like', '1.%')
        .where((eb) => eb.or([eb('user_id', '>', userId), eb.and([eb('user_id', '=', userId), eb('key', '>', key)])]))
        .orderBy('user_id')
        .orderBy('key')
        .limit(limit)
        .$narrowType<{ body: string }>()
        .execute()
      return rows.map((row) => ({ key: JSON.stringify([row.user_id, row.key]), sealed: row.body }))
    },
    identity(key) {
      const [userId, name] = answerKey(key)
      return answerIdentity({ userId, key: name })
    },
    replace(tx, { key, from, to }) {
      const [userId, name] = answerKey(key)
      return replaceAnswer(tx, { userId, key: name, from, to })
    },
  },
]

const replaceAnswer = command((db, p: Placeholders<{ userId: string; key: string; from: string; to: string }>) =>
  db
    .updateTable('idempotency_keys')
    .set({ body: p.to })
    .where('user_id', '=', p.userId)
    .where('key', '=', p.key)
    .where('body', '=', p.from),
)

/** Its rows have a key of two columns, written as JSON. */
function answerKey(key: string): [userId: string, key: string] {
  return JSON.parse(key) as [string, string]
}

const CHECK_KEY = 'vault_check'
const CHECK_TEXT = 'these keys belong to this store'

/**
 * Once at start: whether the keys at hand are those that the store was sealed with. Throws `VaultError` with a sentence
 * for the operator, before the first session is found unreadable.
 */
export async function verifyVault({ store, vault }: { store: Store; vault: Vault }): Promise<void> {
  const sealed = await store.write(async (tx) => {
    await tx
      .insertInto('meta')
      .values({ key: CHECK_KEY, value: vault.seal(CHECK_TEXT, metaIdentity(CHECK_KEY)) })
      .onConflict((conflict) => conflict.column('key').doNothing())
      .execute()
    const { value } = await tx.selectFrom('meta').select('value').where('key', '=', CHECK_KEY).executeTakeFirstOrThrow()
    return value
  })
  try {
    vault.open(sealed, metaIdentity(CHECK_KEY))
  } catch (cause) {
    if (!(cause instanceof VaultError)) throw cause
    throw new VaultError(
      `the encryption keys are not those that this store was sealed with (${cause.message}): ` +
        'restore the key file of the data directory, or the older entries of ENCRYPTION_KEYS',
      { cause },
    )
  }
}

/** The proxy of one live session; null when no key opens it. */
export interface SessionProxy {
  sessionId: string
  proxy: Proxy | null
}

/** Every live session that has a proxy, for the doctor. */
export async function listProxies(db: Db, { vault }: { vault: Vault }): Promise<SessionProxy[]> {
  const rows = await db
    .selectFrom('sessions')
    .select(['id', 'proxy'])
    .where('ended_at', 'is', null)
    .where('proxy', 'is not', null)
    .$narrowType<{ proxy: string }>()
    .execute()
  return rows.map(({ id, proxy }) => ({ sessionId: id, proxy: openProxy(vault, id, proxy) }))
}

function openProxy(vault: Vault, sessionId: string, sealed: string): Proxy | null {
  try {
    return JSON.parse(vault.open(sealed, proxyIdentity(sessionId))) as Proxy
  } catch (error) {
    if (error instanceof VaultError) return null
    throw error
  }
}
