import type { TwoFactorMethod } from '../connectors/connector.ts'
import type { Db } from '../store/store.ts'

/** Logins that wait for a second factor, and links to the owner's page. */

export interface LoginAttempt {
  id: string
  userId: string
  connector: string
  username: string
  method: TwoFactorMethod
  obfuscatedContact: string | null
  attemptsLeft: number
  /** What is needed to go on, sealed under `attemptIdentity(id)`. */
  sealedState: string
  createdAt: number
  expiresAt: number
}

export async function insertAttempt(tx: Db, attempt: LoginAttempt): Promise<void> {
  await tx
    .insertInto('login_attempts')
    .values({
      id: attempt.id,
      user_id: attempt.userId,
      connector: attempt.connector,
      username: attempt.username,
      method: attempt.method,
      obfuscated_contact: attempt.obfuscatedContact,
      attempts_left: attempt.attemptsLeft,
      state: attempt.sealedState,
      created_at: attempt.createdAt,
      expires_at: attempt.expiresAt,
    })
    .execute()
}

/** The newest one that has not expired, used up or not. */
export async function findOpenAttempt(
  db: Db,
  input: { userId: string; connector: string; username: string; now: number },
): Promise<LoginAttempt | null> {
  const row = await db
    .selectFrom('login_attempts')
    .selectAll()
    .where('user_id', '=', input.userId)
    .where('connector', '=', input.connector)
    .where('username', '=', input.username)
    .where('expires_at', '>', input.now)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (row === undefined) return null
  return {
    id: row.id,
    userId: row.user_id,
    connector: row.connector,
    username: row.username,
    method: row.method as TwoFactorMethod,
    obfuscatedContact: row.obfuscated_contact,
    attemptsLeft: row.attempts_left,
    sealedState: row.state,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  }
}

/** Takes one of the codes that are left; null when none is. */
export async function takeCode(tx: Db, id: string): Promise<number | null> {
  const row = await tx
    .updateTable('login_attempts')
    .set((eb) => ({ attempts_left: eb('attempts_left', '-', 1) }))
    .where('id', '=', id)
    .where('attempts_left', '>', 0)
    .returning('attempts_left')
    .executeTakeFirst()
  return row?.attempts_left ?? null
}

/** After a call that certainly did not leave us. */
export async function giveCodeBack(tx: Db, id: string): Promise<void> {
  await tx
    .updateTable('login_attempts')
    .set((eb) => ({ attempts_left: eb('attempts_left', '+', 1) }))
    .where('id', '=', id)
    .execute()
}

/** Keeps the cookies that an answer changed; `isOver`: Instagram takes no more codes for it. */
export async function saveAttempt(tx: Db, change: { id: string; sealedState: string; isOver: boolean }): Promise<void> {
  await tx
    .updateTable('login_attempts')
    .set({ state: change.sealedState, ...(change.isOver ? { attempts_left: 0 } : {}) })
    .where('id', '=', change.id)
    .execute()
}

export async function deleteAttempts(
  tx: Db,
  input: { userId: string; connector: string; username: string },
): Promise<void> {
  await tx
    .deleteFrom('login_attempts')
    .where('user_id', '=', input.userId)
    .where('connector', '=', input.connector)
    .where('username', '=', input.username)
    .execute()
}

export interface Handoff {
  sessionId: string
  expiresAt: number
  usedAt: number | null
}

export async function insertHandoff(
  tx: Db,
  handoff: { tokenHash: string; sessionId: string; expiresAt: number },
): Promise<void> {
  await tx
    .insertInto('handoffs')
    .values({
      token_hash: handoff.tokenHash,
      session_id: handoff.sessionId,
      expires_at: handoff.expiresAt,
      used_at: null,
    })
    .execute()
}

export async function findHandoff(db: Db, tokenHash: string): Promise<Handoff | null> {
  const row = await db.selectFrom('handoffs').selectAll().where('token_hash', '=', tokenHash).executeTakeFirst()
  return row === undefined ? null : { sessionId: row.session_id, expiresAt: row.expires_at, usedAt: row.used_at }
}

export async function saveHandoffUsed(tx: Db, input: { tokenHash: string; now: number }): Promise<void> {
  await tx
    .updateTable('handoffs')
    .set({ used_at: input.now })
    .where('token_hash', '=', input.tokenHash)
    .where('used_at', 'is', null)
    .execute()
}
