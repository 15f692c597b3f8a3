import type { Actor } from '../tell.ts'

/** A comment that a line of the feed speaks of. */
export interface WantedComment {
  commentId: string
  at: number
  isMention: boolean
  from: Actor
  /** As the line shows it, for when the comment is gone before it could be read. */
  quote: string | null
}

/**
 * Who of a post's likers, beside the named, is new: all whom nobody wrote down, none, or all if the line counts them all.
 * `nobody` still takes the named for new, `known_before` not even those.
 */
type WhoElse = 'new' | 'by_number' | 'nobody' | 'known_before'

/** What a line of the feed leaves open. Each is one read, or one a page. */
export type Detail =
  /** When a post was taken that nobody has read the likers of. */
  | { type: 'media'; mediaId: string; likes: LikesLine }
  | { type: 'likers'; mediaId: string; likes: LikesLine; whoElse: WhoElse }
  | {
      type: 'comments'
      mediaId: string
      cursor: string | null
      /** Pages in a row without any that is wanted. */
      idlePages: number
      wanted: WantedComment[]
    }

/** What the feed says of the likes on one post. */
export interface LikesLine {
  at: number
  named: Actor[]
  /** All of them, named or not. */
  count: number
}

/** How far the feed was heard; all instants by Instagram's clock. */
export interface ActivityState {
  /** Lines up to here were there before anybody listened. */
  baselineAt: number
  /** The baseline reached the end of the feed: a line that was not in it did not exist. */
  isBaselineWhole: boolean
  /** The newest line of a walk that came to its end. */
  heardUntil: number
  /** The lines near it that were heard, `id@at`: a late one may still come in among them. */
  recent: string[]
  /** The walk back through the pages that is under way. */
  walk: { cursor: string; pages: number; newest: number; isBaseline: boolean } | null
  /** First come, first read; the walk waits for them. */
  details: Detail[]
  suspect: string | null
}
