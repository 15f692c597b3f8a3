import type { Access, CallOptions, Outcome, SendInput } from '../connector.ts'
import { broadcast } from './broadcast.ts'
import type { Web } from './exchange.ts'

/** A heart as a message. */
export function sendLike(web: Web, access: Access, input: SendInput, call: CallOptions): Promise<Outcome> {
  return broadcast(web, access, { ...input, type: 'like', form: {} }, call)
}
