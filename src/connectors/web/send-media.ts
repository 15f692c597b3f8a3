import type { Access, CallOptions, MediaKind, Outcome, SendMediaInput } from '../connector.ts'
import { type Broadcast, broadcast } from './broadcast.ts'
import type { Web } from './exchange.ts'

/** A waveform is asked for and only drawn, so any will do: twenty bars of the same height. */
const WAVEFORM = { waveform: JSON.stringify(Array<number>(20).fill(0.5)), waveform_sampling_frequency_hz: '10' }

const TYPES: Record<MediaKind, Pick<Broadcast, 'type' | 'form'>> = {
  image: { type: 'configure_photo', form: { allow_full_aspect_ratio: 'true' } },
  video: { type: 'configure_video', form: { video_result: '', sampled: 'true' } },
  voice: { type: 'share_voice', form: WAVEFORM },
}

/** One message with what was uploaded before. */
export function sendMedia(
  web: Web,
  access: Access,
  { kind, uploadId, ...input }: SendMediaInput,
  call: CallOptions,
): Promise<Outcome> {
  const { type, form } = TYPES[kind]
  return broadcast(web, access, { ...input, type, form: { ...form, upload_id: uploadId } }, call)
}
