import type { MediaType } from '../core/media.ts'

interface Signature {
  type: MediaType
  at: number
  text: string
}

/** Bytes in Latin-1, where every byte is one character. */
const SIGNATURES: readonly Signature[] = [
  { type: 'image/jpeg', at: 0, text: '\xff\xd8\xff' },
  { type: 'image/png', at: 0, text: '\x89PNG\r\n\x1a\n' },
  { type: 'image/gif', at: 0, text: 'GIF87a' },
  { type: 'image/gif', at: 0, text: 'GIF89a' },
  { type: 'audio/ogg', at: 0, text: 'OggS' },
]
const RIFF: readonly Signature[] = [
  { type: 'image/webp', at: 8, text: 'WEBP' },
  { type: 'audio/wav', at: 8, text: 'WAVE' },
]
/** Brands of MP4 files that hold sound alone; others may hold either. */
const AUDIO_BRANDS: ReadonlySet<string> = new Set(['M4A ', 'M4B '])
/** MP4's name is shared by still pictures, which Instagram does not take. */
const PICTURE_BRANDS: ReadonlySet<string> = new Set(['avif', 'avis', 'heic', 'heix', 'hevc', 'mif1', 'msf1'])
const HEAD_BYTES = 16

/**
 * What a file is, by its first bytes. `declared` (a content type, or null) only decides what bytes leave open, and refutes:
 * a file that is called text or another family of media than it is has no type. Null for anything unknown.
 */
export function recogniseMedia(bytes: Uint8Array, declared: string | null): MediaType | null {
  const name = (declared ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  const found = byBytes(Buffer.from(bytes.subarray(0, HEAD_BYTES)).toString('latin1'), name)
  if (found === null || name === '' || name === 'application/octet-stream' || name === 'binary/octet-stream')
    return found
  // Ogg and MP4 hold sound or pictures, and `application/…` is what older servers call both.
  const isContainer = found === 'audio/ogg' || found.endsWith('/mp4')
  if (isContainer && (name === 'application/ogg' || name === 'application/mp4')) return found
  return familyOf(name) === familyOf(found) ? found : null
}

function byBytes(head: string, declared: string): MediaType | null {
  const matches = ({ at, text }: Signature) => head.startsWith(text, at)
  if (head.startsWith('ftyp', 4)) return mp4(head.slice(8, 12), declared)
  return (head.startsWith('RIFF') ? RIFF : SIGNATURES).find(matches)?.type ?? null
}

function mp4(brand: string, declared: string): MediaType | null {
  if (PICTURE_BRANDS.has(brand)) return null
  return AUDIO_BRANDS.has(brand) || familyOf(declared) === 'audio' ? 'audio/mp4' : 'video/mp4'
}

function familyOf(type: string): string {
  return type.slice(0, type.indexOf('/'))
}
