import type { Access, CallOptions, Outcome, SendLinkInput } from '../connector.ts'
import { broadcast } from './broadcast.ts'
import type { Web } from './exchange.ts'

/** One message with links, which Instagram shows with a preview. */
export function sendLink(
  web: Web,
  access: Access,
  { text, urls, ...input }: SendLinkInput,
  call: CallOptions,
): Promise<Outcome> {
  const form = { link_text: text, link_urls: JSON.stringify(urls) }
  return broadcast(web, access, { ...input, type: 'link', form }, call)
}
