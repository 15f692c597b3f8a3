/*
 * Media that a user names by URL. The user chose the address, so whoever implements `FetchMedia` judges every address it
 * is led to, and believes the bytes, not what the server calls them.
 */

/** What bytes were recognised as. */
export type MediaType =
  | 'image/jpeg'
  | 'image/png'
  | 'image/gif'
  | 'image/webp'
  | 'video/mp4'
  | 'audio/mp4'
  | 'audio/ogg'
  | 'audio/wav'

export interface MediaRequest {
  /** Absolute http(s) URL. */
  url: string
  bytesMax: number
  /** The types that will do; bytes of any other are refused. */
  types: readonly MediaType[]
  /** Milliseconds of machine time for everything, redirects included. */
  deadlineMs: number
}

export interface Media {
  bytes: Uint8Array
  type: MediaType
}

/** Fetches what a URL names. Rejects only with `MediaFetchError`. */
export type FetchMedia = (request: MediaRequest) => Promise<Media>

/**
 * - `url`: no absolute http(s) URL, or one with credentials in it.
 * - `address`: it leads, itself or by a redirect, where users may not send us.
 * - `redirect`: more than three, to nowhere, or to another protocol.
 * - `missing`: the server says that there is nothing (4xx).
 * - `size`, `type`: too many bytes, none, or of a type that is not accepted.
 * - `unreachable`, `timeout`: the server did not answer completely; the same URL may work later.
 */
export type MediaFault = 'url' | 'address' | 'redirect' | 'missing' | 'size' | 'type' | 'unreachable' | 'timeout'

/** Why media cannot be used; the message is the sentence for `MEDIA_NOT_ALLOWED`, and never names a resolved address. */
export class MediaFetchError extends Error {
  override readonly name = 'MediaFetchError'
  readonly fault: MediaFault

  constructor(fault: MediaFault, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.fault = fault
  }

  /** Whether the same request may succeed later. */
  get isPassing(): boolean {
    return this.fault === 'unreachable' || this.fault === 'timeout'
  }
}

const MEBIBYTE = 1024 * 1024

/** What each kind of message takes, and how much of it (`http-contract.md`, Messages). */
export const MEDIA_RULES = {
  image: { types: ['image/jpeg', 'image/png', 'image/gif', 'image/webp'], bytesMax: 8 * MEBIBYTE },
  video: { types: ['video/mp4'], bytesMax: 25 * MEBIBYTE },
  voice: { types: ['audio/mp4', 'audio/ogg', 'audio/wav'], bytesMax: 25 * MEBIBYTE },
} as const satisfies Record<string, { types: readonly MediaType[]; bytesMax: number }>
