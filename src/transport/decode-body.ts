import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate, inflateRaw } from 'node:zlib'
import { TransportError } from '../core/transport.ts'

export const ACCEPTED_ENCODINGS = 'gzip, deflate, br'

/** Layers of encoding beyond which an answer is not worth unpacking. */
const LAYERS_MAX = 2

const DECODERS = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  br: promisify(brotliDecompress),
  deflate: async (body: Uint8Array, options: { maxOutputLength: number }) => {
    // Some servers mean the bare format by the name; RFC 9110 knows them.
    const isWrapped = body[0] !== undefined && (body[0] & 0x0f) === 8
    return promisify(isWrapped ? inflate : inflateRaw)(body, options)
  },
} as const

/**
 * The body without its `Content-Encoding`, at most `bytesMax` long. An unknown encoding is left as it is, for the reader
 * to find undecodable. Rejects with `TransportError`: the answer was there, so what the request did is unknown.
 */
export async function decodeBody(
  body: Uint8Array,
  encoding: string | undefined,
  bytesMax: number,
): Promise<Uint8Array> {
  const layers = (encoding ?? '')
    .toLowerCase()
    .split(',')
    .map((layer) => layer.trim())
    .filter((layer) => layer !== '' && layer !== 'identity')
  if (layers.length > LAYERS_MAX || !layers.every(isKnown) || body.length === 0) return body
  let decoded = body
  for (const layer of layers.reverse()) {
    try {
      decoded = await DECODERS[layer](decoded, { maxOutputLength: bytesMax })
    } catch (cause) {
      if (isTooLarge(cause)) throw new TransportError('unknown', 'too_large', 'The answer is too large.', cause)
      throw new TransportError('unknown', 'reset', 'The answer could not be unpacked.', cause)
    }
  }
  return decoded
}

function isKnown(layer: string): layer is keyof typeof DECODERS {
  return Object.hasOwn(DECODERS, layer)
}

function isTooLarge(error: unknown): boolean {
  return error instanceof RangeError && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
}
