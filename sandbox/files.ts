import type { Answer } from './exchange.ts'

/** The host that the documents' examples fetch media from. */
export const FILE_HOST = 'example.com'

/** One grey pixel. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==',
  'base64',
)
const JPEG = Buffer.from(
  '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABALDA4MChAODQ4SERATGCgaGBYWGDEjJR0oOjM9PDkzODdASFxOQERXRTc4UG1RV19iZ2hnPk1xeXBkeFxlZ2P/wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAAP/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AP//Z',
  'base64',
)

/** An MP4 that holds nothing: its type, the brands that say so, and an empty body. */
function emptyMp4(brand: 'isom' | 'M4A '): Buffer {
  const type = box('ftyp', Buffer.concat([Buffer.from(brand), Buffer.alloc(4), Buffer.from(`${brand}mp42`)]))
  return Buffer.concat([type, box('free', Buffer.alloc(0)), box('mdat', Buffer.alloc(0))])
}

function box(name: string, content: Buffer): Buffer {
  const head = Buffer.alloc(8)
  head.writeUInt32BE(content.length + 8)
  head.write(name, 4, 'latin1')
  return Buffer.concat([head, content])
}

/** A hundredth of a second of silence, in 8 bits at 8 kHz. */
function silence(): Buffer {
  const samples = Buffer.alloc(80, 0x80)
  const head = Buffer.alloc(44)
  head.write('RIFF', 0, 'latin1')
  head.writeUInt32LE(36 + samples.length, 4)
  head.write('WAVEfmt ', 8, 'latin1')
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(1, 20)
  head.writeUInt16LE(1, 22)
  head.writeUInt32LE(8000, 24)
  head.writeUInt32LE(8000, 28)
  head.writeUInt16LE(1, 32)
  head.writeUInt16LE(8, 34)
  head.write('data', 36, 'latin1')
  head.writeUInt32LE(samples.length, 40)
  return Buffer.concat([head, samples])
}

interface File {
  type: string
  body: Buffer
}

const JPEG_FILE: File = { type: 'image/jpeg', body: JPEG }
const FILES: ReadonlyMap<string, File> = new Map([
  ['jpg', JPEG_FILE],
  ['jpeg', JPEG_FILE],
  ['mp4', { type: 'video/mp4', body: emptyMp4('isom') }],
  ['m4a', { type: 'audio/mp4', body: emptyMp4('M4A ') }],
  ['wav', { type: 'audio/wav', body: silence() }],
  ['txt', { type: 'text/plain; charset=utf-8', body: Buffer.from('No picture, no sound.\n') }],
])
const PNG_FILE: File = { type: 'image/png', body: PNG }

/** Any path is a small file of the type that its ending names; without one, a picture. */
export function fileAt(path: string): Answer {
  const ending = /\.([a-z0-9]+)$/i.exec(path)?.[1]?.toLowerCase() ?? ''
  const { type, body } = FILES.get(ending) ?? PNG_FILE
  return { kind: 'answered', status: 200, headers: { 'content-type': type, 'cache-control': 'no-store' }, body }
}
