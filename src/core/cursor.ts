/** Opaque places in a list: the sort key of the last row seen, so that pages stay right while rows are added. */

/** `key` is what the list is ordered by: an instant, then an id. */
export function encodeCursor(key: { at: number; id: string }): string {
  return Buffer.from(`${key.at}:${key.id}`).toString('base64url')
}

/** Null when the text is no cursor of ours. */
export function decodeCursor(text: string): { at: number; id: string } | null {
  const match = /^(\d{1,15}):([\w.-]{1,200})$/.exec(Buffer.from(text, 'base64url').toString('utf8'))
  return match === null ? null : { at: Number(match[1]), id: match[2] as string }
}
