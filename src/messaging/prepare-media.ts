import type { CallOptions } from '../connectors/connector.ts'
import type { Clock } from '../core/clock.ts'
import { type FetchMedia, MEDIA_RULES, type Media, MediaFetchError } from '../core/media.ts'
import type { Action, Prepared, TurnContext } from '../outbox/index.ts'
import type { MessagePayload } from './content.ts'

export interface MediaDeps {
  clock: Clock
  fetchMedia: FetchMedia
}

/** The part of the turn that fetching may take; the upload has the rest. */
const FETCH_PART = 0.5

/** What `resolve` finds, and what `prepare` adds. */
export interface MessageRecipient {
  platformId: string
  uploadId?: string
}

export function owesUpload(action: Action): boolean {
  const payload = JSON.parse(action.payload) as MessagePayload
  return (
    'mediaUrl' in payload && (JSON.parse(action.resolved ?? '{}') as Partial<MessageRecipient>).uploadId === undefined
  )
}

/** Fetches the media and puts it with Instagram, where nobody sees it before the message: done once, then kept. */
export async function prepareMedia(deps: MediaDeps, context: TurnContext, call: CallOptions): Promise<Prepared> {
  const { connector, access, action } = context
  const payload = JSON.parse(action.payload) as MessagePayload
  if (!('mediaUrl' in payload) || action.resolved === null)
    throw new Error(`action ${action.id} has nothing to prepare`)
  const begunAt = deps.clock.elapsed()
  const { types, bytesMax } = MEDIA_RULES[payload.type]
  let media: Media
  try {
    const deadlineMs = call.deadlineMs * FETCH_PART
    media = await deps.fetchMedia({ url: payload.mediaUrl, types, bytesMax, deadlineMs })
  } catch (error) {
    if (!(error instanceof MediaFetchError)) throw error
    return { type: error.isPassing ? 'media_unreachable' : 'media_refused', reason: error.message }
  }
  const deadlineMs = Math.max(1, call.deadlineMs - (deps.clock.elapsed() - begunAt))
  // The same on every retry, so an upload that was repeated replaces itself.
  const upload = { kind: payload.type, bytes: media.bytes, contentType: media.type, uploadId: action.clientToken }
  const result = await connector.uploadMedia(access, upload, { ...call, deadlineMs })
  if (result.type !== 'ok') return result
  const recipient = JSON.parse(action.resolved) as MessageRecipient
  return { type: 'ok', value: JSON.stringify({ ...recipient, uploadId: result.value.uploadId }) }
}
