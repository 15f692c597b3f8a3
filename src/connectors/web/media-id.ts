/** The web interface wants a media's own number, not the `<media>_<owner>` form; ids of other forms are whole. */
export function mediaPk(mediaId: string): string {
  return /^(\d+)_\d+$/.exec(mediaId)?.[1] ?? mediaId
}
