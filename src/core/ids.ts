import type { Random } from './random.ts'

/** What an id names; it stands in front of the id, so that a person sees what they hold. */
export type IdPrefix =
  | 'instagram' // a session, as the second document writes it
  | 'msg'
  | 'act'
  | 'acct'
  | 'evt'
  | 'bulk'
  | 'wh' // a webhook endpoint
  | 'log' // an open login attempt
  | 'node' // a running process
  | 'req'
  | 'audit'
  | 'sup' // a suppression
  | 'rule'

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz012345'
const RANDOM_CHARACTERS = 20

const ORDER_CHARACTERS = 6

/**
 * An id that stands in the order of `order` among those of the same instant: a whole number below 36^6. It leaves 70 of the
 * random bits.
 */
export function newOrderedId(prefix: IdPrefix, place: { at: number; order: number }, random: Random): string {
  const id = newId(prefix, place.at, random)
  const start = id.length - RANDOM_CHARACTERS
  const order = place.order.toString(36).padStart(ORDER_CHARACTERS, '0')
  return id.slice(0, start) + order + id.slice(start + ORDER_CHARACTERS)
}

/**
 * `<prefix>_<epoch ms>_<100 random bits>`: rows come in the order of their making, which keeps inserts at the end of
 * an index (random keys measured a third of the rate), and possession of an id proves nothing.
 */
export function newId(prefix: IdPrefix, now: number, random: Random): string {
  const bytes = random.bytes(RANDOM_CHARACTERS)
  let text = ''
  for (let index = 0; index < RANDOM_CHARACTERS; index += 1) text += ALPHABET[(bytes[index] as number) & 31]
  return `${prefix}_${now}_${text}`
}
