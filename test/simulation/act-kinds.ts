import type { RequestInput } from './gateway-node.ts'

/** Whom and what an act may be about. Media and strangers are new each time, so that every act leaves a trace of its own. */
export interface Targets {
  person(): string
  /** A person, or somebody nobody wrote to before. */
  anyone(): string
  strangerId(): string
  postId(): string
  reelId(): string
}

/** What somebody asks the gateway to do at Instagram. */
export interface ActKind {
  name: string
  operation: string
  /** What of the request tells the kind from others; session and options are the same for all. */
  body(targets: Targets, text: string): NonNullable<RequestInput['body']>
}

/** Codes with which an act may be refused; any other is a fault. */
export const REFUSALS: readonly (string | null)[] = [
  'ACTION_LIMIT_EXCEEDED',
  'SESSION_NOT_ACTIVE',
  'SESSION_NOT_FOUND',
  'SUPPRESSED',
]

/** A new kind of action takes part in every simulation by its row here, and one in `check-invariants.ts`. */
export const ACT_KINDS: readonly ActKind[] = [
  {
    name: 'message',
    operation: 'sendMessage',
    body: (targets, text) => ({ recipientUsername: targets.person(), content: text }),
  },
  { name: 'like', operation: 'like', body: (targets) => ({ postId: targets.postId() }) },
  { name: 'reel_like', operation: 'reelLike', body: (targets) => ({ reelId: targets.reelId() }) },
  { name: 'follow', operation: 'follow', body: (targets) => ({ userId: targets.strangerId() }) },
  { name: 'comment', operation: 'comment', body: (targets, text) => ({ postId: targets.postId(), content: text }) },
]

/** What is done to many at once: messages of one text, or one act each on new media or people. */
export interface BulkKind extends Omit<ActKind, 'body'> {
  body(targets: Targets, text: string, of: { size: number; delay: number }): NonNullable<RequestInput['body']>
}

export const BULK_KINDS: readonly BulkKind[] = [
  {
    name: 'message',
    operation: 'sendBulkMessages',
    body: (targets, content, { size, delay }) => ({
      recipients: times(size, () => targets.anyone()),
      content,
      delayBetweenMessages: delay,
    }),
  },
  {
    name: 'like',
    operation: 'engageInBulk',
    body: (targets, _, { size, delay }) => ({ kind: 'like', targets: times(size, () => targets.postId()), delay }),
  },
  {
    name: 'comment',
    operation: 'engageInBulk',
    body: (targets, content, { size, delay }) => ({
      kind: 'comment',
      targets: times(size, () => targets.postId()),
      content,
      delay,
    }),
  },
]

function times<T>(count: number, make: () => T): T[] {
  return Array.from({ length: count }, make)
}
