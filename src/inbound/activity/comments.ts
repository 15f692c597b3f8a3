import type { Comment, CommentPage } from '../../connectors/connector.ts'
import type { ActingSession } from '../../outbox/index.ts'
import type { News } from '../tell.ts'
import type { Detail, WantedComment } from './state.ts'

/** A comment and a mention in a comment are one fact, told once. */
export const COMMENT_FACT = 'comment'
/** Pages that show none of the wanted ones; then they count as gone. */
const IDLE_PAGES_MAX = 2

type CommentsDetail = Extract<Detail, { type: 'comments' }>

/** Which of the wanted comments a page of a post shows, word for word, and what is left to look for. */
export function hearComments(
  session: ActingSession,
  detail: CommentsDetail,
  { comments, olderCursor }: CommentPage,
): { news: News[]; detail: CommentsDetail | null } {
  const shown = new Map(comments.map((comment) => [comment.commentId, comment]))
  const found = detail.wanted.filter(({ commentId }) => shown.has(commentId))
  const wanted = detail.wanted.filter(({ commentId }) => !shown.has(commentId))
  const news = found.map((comment) => commentNews(session, detail.mediaId, comment, shown.get(comment.commentId)))
  if (wanted.length === 0) return { news, detail: null }
  const idlePages = found.length > 0 ? 0 : detail.idlePages + 1
  if (olderCursor === null || olderCursor === detail.cursor || idlePages >= IDLE_PAGES_MAX) {
    return { news: [...news, ...quotedNews(session, { ...detail, wanted })], detail: null }
  }
  return { news, detail: { ...detail, wanted, idlePages, cursor: olderCursor } }
}

/** What the feed itself said, of comments that cannot be read. */
export function quotedNews(session: ActingSession, { mediaId, wanted }: CommentsDetail): News[] {
  return wanted.map((comment) => commentNews(session, mediaId, comment, undefined))
}

function commentNews(
  session: ActingSession,
  mediaId: string,
  { commentId, at, isMention, from, quote }: WantedComment,
  shown: Comment | undefined,
): News {
  const text = shown?.text ?? quote
  const common = {
    externalId: commentId,
    kind: COMMENT_FACT,
    from:
      shown === undefined
        ? from
        : {
            platformId: shown.authorId,
            username: shown.authorUsername ?? from.username,
            fullName: shown.authorFullName,
          },
    occurredAt: at,
  }
  const details = { mediaId, commentId, parentCommentId: shown?.parentId ?? null, text }
  if (!isMention && !namesAccount(text ?? '', session.username)) return { ...common, type: 'comment.received', details }
  return { ...common, type: 'mention.received', details: { ...details, mentionedIn: 'comment' } }
}

/** Whether a text names the account with an @; a longer name that begins with it is somebody else's. */
function namesAccount(text: string, username: string): boolean {
  const name = username.toLowerCase()
  for (const [, found = ''] of text.toLowerCase().matchAll(/@([a-z0-9._]+)/g)) {
    // A dot at the end belongs to the sentence.
    if (found === name || found.replace(/\.+$/, '') === name) return true
  }
  return false
}
