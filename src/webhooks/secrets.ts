import { Webhook } from 'standardwebhooks'
import type { Random } from '../core/random.ts'
import { command, type Placeholders } from '../store/statement.ts'
import type { Db } from '../store/store.ts'

/** What an endpoint has that nobody may read in a copy of the database. */
export interface EndpointSecrets {
  /** The current one first; former ones sign beside it until their time is over (product time). */
  signing: readonly { secret: string; until: number | null }[]
  /** The owner's own headers, by lower-case names. */
  headers: Readonly<Record<string, string>>
}

/** The part of the vault that is needed here. */
export interface SecretSeals {
  seal(plain: string, identity: string): string
  open(sealed: string, identity: string): string
}

const SECRET_BYTES = 32
/** How long a former secret stays valid. */
export const OVERLAP_MS = 24 * 3_600_000
/** Beside the current one; a header has an end. */
const FORMER_MAX = 4

export function newSecret(random: Random): string {
  return `whsec_${Buffer.from(random.bytes(SECRET_BYTES)).toString('base64')}`
}

/** A new current secret; the one it replaces stays valid for a day. */
export function rotated(secrets: EndpointSecrets, { secret, now }: { secret: string; now: number }): EndpointSecrets {
  const former = validAt(secrets, now).map((entry) => ({ ...entry, until: entry.until ?? now + OVERLAP_MS }))
  return { ...secrets, signing: [{ secret, until: null }, ...former.slice(0, FORMER_MAX)] }
}

export function sealSecrets(seals: SecretSeals, endpointId: string, secrets: EndpointSecrets): string {
  return seals.seal(JSON.stringify(secrets), secretsIdentity(endpointId))
}

/** Throws what the vault throws when no key opens them. */
export function openSecrets(seals: SecretSeals, endpointId: string, sealed: string): EndpointSecrets {
  // Written by `sealSecrets` alone.
  return JSON.parse(seals.open(sealed, secretsIdentity(endpointId))) as EndpointSecrets
}

/**
 * `webhook-signature` by every secret that is valid at `now` (product time). `wall` is machine time, because receivers
 * compare `webhook-timestamp` with their own clock.
 */
export function signatureHeaders(
  secrets: EndpointSecrets,
  message: { id: string; body: string; wall: number; now: number },
): Record<string, string> {
  const at = new Date(message.wall)
  return {
    'webhook-id': message.id,
    'webhook-timestamp': String(Math.floor(message.wall / 1000)),
    'webhook-signature': validAt(secrets, message.now)
      .map(({ secret }) => new Webhook(secret).sign(message.id, at, message.body))
      .join(' '),
  }
}

function validAt({ signing }: EndpointSecrets, now: number): EndpointSecrets['signing'] {
  return signing.filter(({ until }) => until === null || until > now)
}

function secretsIdentity(endpointId: string): string {
  return `webhooks/${endpointId}/secrets`
}

/** For the rotation of encryption keys, as `sessions` has it. */
export const WEBHOOK_SEALED_COLUMN = {
  page: (db: Db, { after, limit }: { after: string; limit: number }) =>
    db
      .selectFrom('webhooks')
      .select(['id as key', 'secrets as sealed'])
      .where('secrets', 'is not', null)
      .where('id', '>', after)
      .orderBy('id')
      .limit(limit)
      .$narrowType<{ sealed: string }>()
      .execute(),
  identity: secretsIdentity,
  replace: command((db, p: Placeholders<{ key: string; from: string; to: string }>) =>
    db.updateTable('webhooks').set({ secrets: p.to }).where('id', '=', p.key).where('secrets', '=', p.from),
  ),
}
