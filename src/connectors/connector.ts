import type { Proxy } from '../core/transport.ts'

/**
 * What the gateway may ask of one of Instagram's interfaces, and the closed set of ways it can end.
 * A connector imports this and `core` only, keeps no state of its own, never retries, and never throws for anything
 * that Instagram or the network did.
 */

/** What a connector can do; asked before anything is queued, so "not supported" is never discovered in a lane. */
export type Capability =
  | 'log_in'
  | 'import_cookies'
  | 'log_out'
  | 'check_session'
  | 'look_up_user'
  | 'send_text'
  | 'read_inbox'
  | 'read_thread'
  | 'like'
  | 'unlike'
  | 'comment'
  | 'follow'
  | 'unfollow'

/** One account's way to Instagram. The jar is changed in place by every answer; its owner stores it afterwards. */
export interface Access {
  cookies: CookieStore
  proxy: Proxy | null
  userAgent: string | null
  /** The account's platform id once known. */
  platformId: string | null
}

/** A persistent cookie jar; `serialize` gives text that `parseCookieStore` reads back. */
export interface CookieStore {
  /** The `Cookie` header for a request to `url`. */
  header(url: string): string
  /** Applies one `Set-Cookie` line received from `url`. */
  store(url: string, line: string): void
  /** Value of the named cookie for `url`, or null. */
  get(url: string, name: string): string | null
  /** What Instagram last said in `x-ig-set-www-claim`; the web interface repeats it, and `0` until then. */
  wwwClaim?: string
  serialize(): string
}

export interface CallOptions {
  /** Milliseconds of machine time for the one exchange. */
  deadlineMs: number
  /** Asked immediately before the request is written; false ends as `not_sent` with cause `lease`. */
  mayWrite?: () => boolean
}

/** Push-back and loss of the session: the same for reads and writes. */
export type PushBack =
  | { type: 'throttled'; retryAfterMs: number | null; reason: string }
  | { type: 'blocked'; until: number | null; reason: string }
  | {
      type: 'challenge'
      kind: 'challenge' | 'checkpoint' | 'consent' | 'suspended'
      url: string | null
      reason: string
    }
  | { type: 'login_required'; reason: string }

/** Nothing left us. */
export interface NotSent {
  type: 'not_sent'
  cause: 'connect' | 'dns' | 'tls' | 'proxy' | 'address_refused' | 'lease'
  reason: string
}

/** No for this target only. */
export interface Refused {
  type: 'refused'
  code: 'UNKNOWN_RECIPIENT' | 'TARGET_NOT_FOUND' | 'REFUSED_BY_INSTAGRAM'
  /** Instagram's sentence or ours, fit for the user. */
  reason: string
}

/** How one write ended. */
export type Outcome =
  | { type: 'done'; externalId: string | null; at: number | null; threadId: string | null }
  | { type: 'uncertain'; reason: string }
  | NotSent
  | Refused
  | PushBack

/** How one read ended. `unreadable`: 5xx, timeout or something that could not be decoded. */
export type ReadResult<T> =
  | { type: 'ok'; value: T }
  | { type: 'unreadable'; timedOut: boolean; reason: string }
  | NotSent
  | Refused
  | PushBack

export interface InstagramUser {
  platformId: string
  username: string
  fullName: string
  isPrivate: boolean
  isVerified: boolean
  isBusiness: boolean
  followersCount: number | null
  followingCount: number | null
  postsCount: number | null
}

export type TwoFactorMethod = 'totp' | 'sms' | 'whatsapp' | 'push'

export type LoginResult =
  | { type: 'logged_in'; platformId: string }
  | { type: 'two_factor'; method: TwoFactorMethod; identifier: string; obfuscatedContact: string | null }
  | { type: 'wrong_credentials'; reason: string }
  /** `expired`: Instagram no longer accepts codes for this attempt; start with the password again. */
  | { type: 'wrong_code'; expired: boolean; reason: string }
  | {
      type: 'challenge'
      kind: 'challenge' | 'checkpoint' | 'consent' | 'suspended'
      url: string | null
      platformId: string | null
      reason: string
    }
  | { type: 'throttled'; retryAfterMs: number | null; reason: string }
  /** The request may have arrived; the password is not sent again. */
  | { type: 'unreadable'; timedOut: boolean; reason: string }
  | NotSent

export interface ThreadItem {
  itemId: string
  senderId: string
  isFromMe: boolean
  /** Epoch milliseconds. */
  at: number
  /** Instagram's `item_type`, passed through. */
  itemType: string
  text: string | null
  clientToken: string | null
}

export interface Thread {
  threadId: string
  title: string
  isGroup: boolean
  users: { platformId: string; username: string }[]
  /** Newest first. */
  items: ThreadItem[]
  /** Null on the last page. */
  olderCursor: string | null
  lastActivityAt: number
  isUnread: boolean
}

export interface Inbox {
  threads: Thread[]
  olderCursor: string | null
}

/** What the account has with another user. */
export interface Friendship {
  following: boolean
  requested: boolean
}

export interface Comment {
  commentId: string
  authorId: string
  text: string
  /** Epoch milliseconds. */
  at: number
}

export interface SendTextInput {
  /** The thread when known, otherwise the recipient opens or reuses the one-to-one thread. */
  to: { threadId: string } | { recipientId: string }
  text: string
  /** Instagram's own de-duplication token, the same on every retry. */
  clientToken: string
}

/** A connector has the methods of the capabilities it declares; calling another is our bug. */
export interface Connector {
  readonly name: 'web' | 'graph'
  readonly capabilities: ReadonlySet<Capability>

  /** Sends the password once. Opens nothing else; cookies land in the jar. */
  logIn(access: Access, input: { username: string; password: string }, call: CallOptions): Promise<LoginResult>
  submitTwoFactor(
    access: Access,
    input: { username: string; identifier: string; code: string; method: TwoFactorMethod },
    call: CallOptions,
  ): Promise<LoginResult>
  logOut(access: Access, call: CallOptions): Promise<ReadResult<null>>
  /** Whether Instagram still sees the account as logged in, and who it says it is. */
  checkSession(access: Access, call: CallOptions): Promise<ReadResult<{ platformId: string; username: string }>>

  lookUpUser(access: Access, input: { username: string }, call: CallOptions): Promise<ReadResult<InstagramUser>>
  readInbox(access: Access, input: { cursor: string | null }, call: CallOptions): Promise<ReadResult<Inbox>>
  readThread(
    access: Access,
    input: { threadId: string; cursor: string | null },
    call: CallOptions,
  ): Promise<ReadResult<Thread>>
  /** The one-to-one thread with a user; null when there is none. */
  readThreadWith(access: Access, input: { recipientId: string }, call: CallOptions): Promise<ReadResult<Thread | null>>
  readFriendship(access: Access, input: { userId: string }, call: CallOptions): Promise<ReadResult<Friendship>>
  readMedia(
    access: Access,
    input: { mediaId: string },
    call: CallOptions,
  ): Promise<ReadResult<{ mediaId: string; ownerId: string; hasLiked: boolean }>>
  /** Newest comments first; `complete` when the page reaches the first comment. */
  readComments(
    access: Access,
    input: { mediaId: string },
    call: CallOptions,
  ): Promise<ReadResult<{ comments: Comment[]; complete: boolean }>>

  sendText(access: Access, input: SendTextInput, call: CallOptions): Promise<Outcome>
  like(access: Access, input: { mediaId: string }, call: CallOptions): Promise<Outcome>
  unlike(access: Access, input: { mediaId: string }, call: CallOptions): Promise<Outcome>
  comment(
    access: Access,
    input: { mediaId: string; text: string; clientToken: string },
    call: CallOptions,
  ): Promise<Outcome>
  follow(access: Access, input: { userId: string }, call: CallOptions): Promise<Outcome>
  unfollow(access: Access, input: { userId: string }, call: CallOptions): Promise<Outcome>
}
