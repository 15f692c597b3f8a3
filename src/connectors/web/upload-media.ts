import type { Access, CallOptions, MediaKind, ReadResult, UploadMediaInput } from '../connector.ts'
import { budget, ensureCsrfToken, type Operation, read, segment, type Web } from './exchange.ts'
import { type JsonObject, missing, optionalId, optionalText } from './json.ts'

interface Form {
  /** First part of the path. */
  place: string
  /** What Instagram wants to know of the upload. */
  params: Record<string, string>
}

const RETRY_CONTEXT = JSON.stringify({ num_step_auto_retry: 0, num_reupload: 0, num_step_manual_retry: 0 })

const FORMS: Record<MediaKind, Form> = {
  image: {
    place: 'rupload_igphoto',
    params: { media_type: '1', image_compression: '{"lib_name":"moz","lib_version":"3.1.m","quality":"80"}' },
  },
  video: { place: 'rupload_igvideo', params: { media_type: '2', direct_v2: '1' } },
  voice: { place: 'rupload_igvideo', params: { media_type: '11', is_direct_voice: '1' } },
}

/** Where a video was recorded, in Instagram's numbers; the reference's clients send these for messages. */
const SOURCE_TYPES = { video: '2', voice: '4' } as const

/**
 * Puts bytes where a message can take them from: a picture by one request, anything with a duration by the bytes and then
 * word that they are complete, which Instagram may answer with "still transcoding" (202). The name is made of the upload's
 * id alone, so a repeated upload is the same one.
 */
export async function uploadMedia(
  web: Web,
  access: Access,
  input: UploadMediaInput,
  call: CallOptions,
): Promise<ReadResult<{ uploadId: string }>> {
  const rest = budget(web, call)
  const unready = await ensureCsrfToken(web, access, rest())
  if (unready !== null) return unready
  const put = await read(web, access, putBytes(input), rest())
  if (put.type !== 'ok' || input.kind === 'image') return put
  return read(web, access, finish(input.uploadId, SOURCE_TYPES[input.kind]), rest())
}

function putBytes({ kind, bytes, contentType, uploadId }: UploadMediaInput): Operation<{ uploadId: string }> {
  const { place, params } = FORMS[kind]
  const name = `${uploadId}_0_${uploadId.slice(-10)}`
  const headers = {
    'content-type': contentType,
    offset: '0',
    'x-entity-length': String(bytes.length),
    'x-entity-name': name,
    'x-entity-type': contentType,
    'x-instagram-rupload-params': JSON.stringify({
      upload_id: uploadId,
      ...params,
      xsharing_user_ids: '[]',
      retry_context: RETRY_CONTEXT,
    }),
  }
  return {
    request: { method: 'POST', path: `/${place}/${segment(name)}`, upload: { bytes, headers } },
    missing: null,
    decode: (body) => accepted(body, uploadId),
  }
}

function finish(uploadId: string, sourceType: string): Operation<{ uploadId: string }> {
  return {
    request: {
      method: 'POST',
      path: '/api/v1/media/upload_finish/',
      ...(sourceType === SOURCE_TYPES.video ? { query: { video: '1' } } : {}),
      form: { upload_id: uploadId, source_type: sourceType, timezone_offset: '0' },
    },
    missing: null,
    decode: (body) => accepted(body, uploadId),
  }
}

/** "ok", and where it names an upload, this one. */
function accepted(body: JsonObject, uploadId: string): { uploadId: string } {
  const named = optionalId(body, 'upload_id')
  if (optionalText(body, 'status') !== 'ok' || (named !== null && named !== uploadId)) missing('this upload')
  return { uploadId }
}
