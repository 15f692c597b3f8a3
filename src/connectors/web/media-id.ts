import { parseMediaReference } from '../../core/media-reference.ts'

/** What a URL or a code stands for; every other id as it is. */
export function mediaReference(mediaId: string): string {
  const reference = parseMediaReference(mediaId)
  return reference.type === 'media' ? reference.mediaId : mediaId
}

/** The web interface wants a media's own number, not the `<media>_<owner>` form; ids of other forms are whole. */
export function mediaPk(mediaId: string): string {
  const id = mediaReference(mediaId)
  return /^(\d+)_\d+$/.exec(id)?.[1] ?? id
}
