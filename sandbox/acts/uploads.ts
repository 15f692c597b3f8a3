import type { Upload } from '../world/records.ts'

/** What bytes begin with; the service looks at them and not at what they are called. */
const SIGNATURES: Record<Upload['kind'], readonly { at: number; bytes: Buffer }[]> = {
  photo: [
    { at: 0, bytes: Buffer.from([0xff, 0xd8, 0xff]) },
    { at: 0, bytes: Buffer.from([0x89, 0x50, 0x4e, 0x47]) },
    { at: 0, bytes: Buffer.from('GIF8') },
    { at: 8, bytes: Buffer.from('WEBP') },
  ],
  video: [{ at: 4, bytes: Buffer.from('ftyp') }],
  voice: [
    { at: 4, bytes: Buffer.from('ftyp') },
    { at: 0, bytes: Buffer.from('OggS') },
    { at: 8, bytes: Buffer.from('WAVE') },
  ],
}

/** Whether the bytes can be what they were uploaded as. */
export function isOfKind(body: Uint8Array, kind: Upload['kind']): boolean {
  const head = Buffer.from(body.subarray(0, 16))
  return SIGNATURES[kind].some(({ at, bytes }) => head.subarray(at, at + bytes.length).equals(bytes))
}
