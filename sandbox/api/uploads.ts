import { isOfKind } from '../acts/uploads.ts'
import type { Call } from '../call.ts'
import { type Answer, fail, json, ok } from '../exchange.ts'
import type { Route } from '../router.ts'
import type { Upload } from '../world/records.ts'

/**
 * The upload plane: bytes under `rupload_igphoto` and `rupload_igvideo`, then word that they are complete. The headers say
 * what comes, and what they say must be so.
 */

const BYTES_MAX = { photo: 8 * 1024 * 1024, video: 60 * 1024 * 1024, voice: 25 * 1024 * 1024 } as const
const VOICE = '11'

export function uploadPages(): Route[] {
  const route = { kind: 'upload', access: 'account' } as const
  return [
    { ...route, method: 'POST', path: 'rupload_igphoto/:name', run: (call) => put(call, 'photo') },
    { ...route, method: 'POST', path: 'rupload_igvideo/:name', run: (call) => put(call, 'video') },
    { ...route, method: 'GET', path: 'rupload_igvideo/:name', run: () => json({ offset: 0 }) },
  ]
}

export function finishRoutes(): Route[] {
  return [{ method: 'POST', path: 'media/upload_finish', kind: 'upload', access: 'account', run: finish }]
}

function put(call: Call, place: 'photo' | 'video'): Answer {
  const params = paramsOf(call)
  const { body } = call.request
  const bytes = typeof body === 'string' ? Buffer.from(body) : (body ?? Buffer.alloc(0))
  const isComplete =
    call.header('x-entity-length') === String(bytes.length) &&
    call.header('offset') === '0' &&
    call.header('x-entity-name') === call.param(0)
  if (params === null || !isComplete || bytes.length === 0) return fail(400, 'invalid request')
  const kind = place === 'video' && params.mediaType === VOICE ? 'voice' : place
  if (bytes.length > BYTES_MAX[kind]) return fail(400, 'Uploaded file is too large')
  if (!isOfKind(bytes, kind)) return needsReupload(params.uploadId)
  call.world.uploads.put({
    id: params.uploadId,
    userPk: call.viewer.pk,
    kind,
    contentType: call.header('x-entity-type') ?? '',
    bytes: bytes.length,
    at: call.now,
    isFinished: kind === 'photo',
  })
  return json({ upload_id: params.uploadId, xsharing_nonces: {}, status: 'ok' })
}

function finish(call: Call): Answer {
  const upload: Upload | undefined = call.world.uploads.get(`${call.viewer.pk} ${call.form.get('upload_id') ?? ''}`)
  if (upload === undefined) return needsReupload(call.form.get('upload_id') ?? '')
  call.world.uploads.put({ ...upload, isFinished: true })
  return ok()
}

/** A refusal of bytes says "ok", as the service's does. */
export function needsReupload(id: string): Answer {
  const title = 'staged_position_not_found'
  return json({ message: 'media_needs_reupload', error_title: title, upload_id: id, status: 'ok' })
}

function paramsOf(call: Call): { uploadId: string; mediaType: string } | null {
  try {
    const params: unknown = JSON.parse(call.header('x-instagram-rupload-params') ?? '')
    if (typeof params !== 'object' || params === null || !('upload_id' in params)) return null
    const mediaType = 'media_type' in params ? String(params.media_type) : ''
    return /^\d{1,24}$/.test(String(params.upload_id)) ? { uploadId: String(params.upload_id), mediaType } : null
  } catch {
    return null
  }
}
