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

/** Any path is a small picture. */
export function pictureAt(path: string): Answer {
  const isJpeg = /\.jpe?g$/i.test(path)
  return {
    kind: 'answered',
    status: 200,
    headers: { 'content-type': isJpeg ? 'image/jpeg' : 'image/png', 'cache-control': 'no-store' },
    body: isJpeg ? JPEG : PNG,
  }
}
