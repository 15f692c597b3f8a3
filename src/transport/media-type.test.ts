import { describe, expect, it } from 'vitest'
import { recogniseMedia } from './media-type.ts'

const latin = (text: string) => Buffer.from(text.padEnd(32, '\0'), 'latin1')
const JPEG = latin('\xff\xd8\xff\xe0')
const PNG = latin('\x89PNG\r\n\x1a\n')
const MP4 = latin('\0\0\0\x18ftypisom')

describe('what bytes are', () => {
  it.each([
    [JPEG, 'image/jpeg'],
    [PNG, 'image/png'],
    [latin('GIF89a'), 'image/gif'],
    [latin('RIFF\0\0\0\0WEBPVP8 '), 'image/webp'],
    [MP4, 'video/mp4'],
    [latin('\0\0\0\x18ftypM4A '), 'audio/mp4'],
    [latin('OggS'), 'audio/ogg'],
    [latin('RIFF\0\0\0\0WAVEfmt '), 'audio/wav'],
    [latin('<html>'), null],
    [latin('%PDF-1.7'), null],
    [latin('<svg xmlns='), null],
    [latin('\0\0\0\x18ftypheic'), null],
    [latin('RIFF\0\0\0\0AVI '), null],
    [latin('PK\x03\x04'), null],
    [Buffer.from([0xff]), null],
    [Buffer.alloc(0), null],
  ])('%#: %s', (bytes, type) => {
    expect(recogniseMedia(bytes, null)).toBe(type)
  })

  it.each([
    [JPEG, 'image/jpg', 'image/jpeg'],
    [JPEG, 'IMAGE/PNG; charset=binary', 'image/jpeg'],
    [JPEG, 'application/octet-stream', 'image/jpeg'],
    [JPEG, '', 'image/jpeg'],
    [MP4, 'audio/x-m4a', 'audio/mp4'],
    [MP4, 'application/mp4', 'video/mp4'],
    [latin('OggS'), 'application/ogg', 'audio/ogg'],
  ])('may be called otherwise within their family: %#', (bytes, declared, type) => {
    expect(recogniseMedia(bytes, declared)).toBe(type)
  })

  it.each([
    [JPEG, 'text/html'],
    [JPEG, 'video/mp4'],
    [MP4, 'image/jpeg'],
    [JPEG, 'application/javascript'],
    [latin('<html>'), 'image/jpeg'],
  ])('are nothing when they are called something else: %#', (bytes, declared) => {
    expect(recogniseMedia(bytes, declared)).toBeNull()
  })
})
