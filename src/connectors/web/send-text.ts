import type { Access, CallOptions, Outcome, SendTextInput } from '../connector.ts'
import { broadcast } from './broadcast.ts'
import type { Web } from './exchange.ts'

/** One message of words. */
export function sendText(
  web: Web,
  access: Access,
  { text, ...input }: SendTextInput,
  call: CallOptions,
): Promise<Outcome> {
  return broadcast(web, access, { ...input, type: 'text', form: { text } }, call)
}
