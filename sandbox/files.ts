import type { Answer } from './exchange.ts'

/** One grey pixel. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==',
  'base64',
)
const JPEG = Buffer.from(
  '/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////////////////////////////////////////wgALCAABAAEBAREA/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAAgBAQABPxA=',
  'base64',
)

/** The host that stands for "somewhere on the web" in the documents' examples: any path is a small picture. */
export function pictureAt(path: string): Answer {
  const isJpeg = /\.jpe?g$/i.test(path)
  return {
    kind: 'answered',
    status: 200,
    headers: { 'content-type': isJpeg ? 'image/jpeg' : 'image/png', 'cache-control': 'no-store' },
    body: isJpeg ? JPEG : PNG,
  }
}
