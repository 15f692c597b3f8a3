import type { Access, CallOptions, Outcome, RepliedTo, SendInput } from '../connector.ts'
import { type Web, type WebRequest, write } from './exchange.ts'
import { idOf, instantOf, type JsonObject, listOf, missing, optionalId, optionalObject } from './json.ts'
import { listedId } from './thread.ts'

export interface Broadcast extends SendInput {
  /** The item type that the path names. */
  type: string
  /** What this type needs besides where it goes and its token. */
  form: Record<string, string>
  query?: Record<string, string>
}

/**
 * One item to one thread. The client token is Instagram's own key against duplicates, goes into its three fields, and
 * comes back in the acknowledgement.
 */
export function broadcast(web: Web, access: Access, input: Broadcast, call: CallOptions): Promise<Outcome> {
  const { type, to, clientToken, replyTo, form, query } = input
  const request: WebRequest = {
    method: 'POST',
    path: `/api/v1/direct_v2/threads/broadcast/${type}/`,
    ...(query === undefined ? {} : { query }),
    form: {
      action: 'send_item',
      ...('threadId' in to
        ? { thread_ids: `[${listedId(to.threadId)}]` }
        : { recipient_users: `[[${listedId(to.recipientId)}]]` }),
      client_context: clientToken,
      mutation_token: clientToken,
      offline_threading_id: clientToken,
      ...(replyTo === undefined ? {} : replyForm(replyTo)),
      ...form,
    },
  }
  return write(
    web,
    access,
    {
      request,
      missing: 'TARGET_NOT_FOUND',
      decode(body) {
        const ack = acknowledgement(body)
        const echoed = optionalId(ack, 'client_context')
        if (echoed !== null && echoed !== clientToken) missing('acknowledgement of this message')
        return {
          type: 'done',
          externalId: idOf(ack, 'item_id'),
          at: optionalId(ack, 'timestamp') === null ? null : instantOf(ack, 'timestamp'),
          threadId: optionalId(ack, 'thread_id'),
        }
      },
    },
    call,
  )
}

function replyForm({ itemId, clientToken }: RepliedTo): Record<string, string> {
  return {
    replied_to_action_source: 'swipe',
    replied_to_item_id: itemId,
    ...(clientToken === null ? {} : { replied_to_client_context: clientToken }),
  }
}

/** One target answers in `payload`, several in a list of which ours is the only entry. */
function acknowledgement(body: JsonObject): JsonObject {
  const payload = optionalObject(body, 'payload')
  if (payload !== null && optionalId(payload, 'item_id') !== null) return payload
  return listOf(body, 'message_metadata')[0] ?? missing('acknowledgement')
}
