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
  | 'read_activity'
  | 'read_followers'
  | 'like'
  | 'unlike'
  | 'comment'
  | 'follow'
  | 'unfollow'
  | 'send_image'
  | 'send_video'
  | 'send_voice'
  | 'send_link'
  | 'send_like'
  | 'unsend'
  | 'mark_seen'
  | 'story_view'
  | 'story_reply'
  | 'reel_like'
  | 'reel_comment'

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
  /** The microseconds beyond `at`, which tell items of one millisecond apart; 0 where Instagram does not say. */
  micros: number
  /** Instagram's `item_type`, passed through. */
  itemType: string
  text: string | null
  clientToken: string | null
  /** What it carries besides words; null for words alone and for what cannot be told. */
  media: ItemMedia | null
  /** The story it is about. */
  story: ItemStory | null
}

export interface ItemMedia {
  /** `share`: a post, reel, profile or the like that was passed on; `link`: a web address. */
  kind: MediaKind | 'share' | 'link'
  /** Null once Instagram no longer shows it. */
  url: string | null
}

export interface ItemStory {
  how: 'reply' | 'reaction' | 'mention' | 'share'
  /** Whose story, and who is mentioned in it; null where Instagram does not say. */
  ownerId: string | null
  mentionedId: string | null
  mediaId: string | null
}

export interface Thread {
  threadId: string
  title: string
  isGroup: boolean
  /** A request that the account has not accepted. */
  isPending: boolean
  /** The other members. */
  users: Person[]
  /** Newest first. */
  items: ThreadItem[]
  /** Null on the last page. */
  olderCursor: string | null
  lastActivityAt: number
  isUnread: boolean
  /** Up to when each member has seen it, by platform id, the account among them; epoch milliseconds. */
  seenAt: Readonly<Record<string, number>>
}

export interface Inbox {
  /** The latest first, except those that were pinned to the top. */
  threads: Thread[]
  olderCursor: string | null
  /** Threads with something unread, as Instagram counts them; null where it does not. */
  unreadCount: number | null
  /** Requests that wait, in the other folder. */
  pendingCount: number
  /** Instagram's time of the answer, epoch milliseconds; null where it does not say. */
  snapshotAt: number | null
}

export type InboxFolder = 'accepted' | 'pending'

/** What the account has with another user. */
export interface Friendship {
  following: boolean
  requested: boolean
  /** Whether they follow the account; null where Instagram does not say. */
  followedBy: boolean | null
}

/** Somebody as lists show them. */
export interface Person {
  platformId: string
  username: string
  /** The name beside it; null where there is none. */
  fullName: string | null
}

/** One line of the activity feed. */
export interface Activity {
  /** Stays when the line comes to be about more people; `at` moves on then. */
  activityId: string
  kind: 'follow' | 'follow_request' | 'like' | 'comment' | 'mention' | 'other'
  /** Epoch milliseconds. */
  at: number
  /** Whom the line names, newest first: one or two. */
  actors: { platformId: string; username: string | null }[]
  /** How many more it counts without naming them. */
  othersCount: number
  /** The number of the post or reel it is about. */
  mediaId: string | null
  commentId: string | null
  /** What the line shows of a comment, perhaps shortened. */
  quote: string | null
}

export interface ActivityPage {
  /** Newest first. */
  activities: Activity[]
  /** Null on the last page. */
  olderCursor: string | null
}

export interface FollowerPage {
  /** Usually newest first; some may come twice, or be passed over when the list changes between two pages. */
  users: Person[]
  /** Null when Instagram names no further page. */
  nextCursor: string | null
  /** Instagram shows not all of them: the last page is then no end. */
  isCut: boolean
}

export interface Likers {
  users: Person[]
  isComplete: boolean
}

export interface Comment {
  commentId: string
  authorId: string
  authorUsername: string | null
  authorFullName: string | null
  text: string
  /** Epoch milliseconds. */
  at: number
  /** The comment it answers. */
  parentId: string | null
}

export interface CommentPage {
  /** Newest first. */
  comments: Comment[]
  /** The page reaches the first comment. */
  complete: boolean
  /** Null when Instagram names no further page. */
  olderCursor: string | null
}

/** A post, reel or story as the account sees it now. */
export interface MediaInfo {
  /** Instagram's number for it, in whatever form it was asked for. */
  mediaId: string
  kind: 'post' | 'reel' | 'story'
  isVideo: boolean
  ownerId: string
  /** Null where Instagram does not name the owner. */
  ownerUsername: string | null
  hasLiked: boolean
  commentsDisabled: boolean
  /** Epoch milliseconds; null where Instagram does not say. */
  takenAt: number | null
}

/** The stories that a person shows now, and how far the account has seen them. */
export interface Stories {
  /** Oldest first; Instagram drops each 24 hours after it was taken. */
  stories: { mediaId: string; takenAt: number }[]
  /** Everything taken up to this instant has been seen; epoch milliseconds, 0 for nothing. */
  seenUntil: number
}

/** Where a direct message goes: the thread when known, otherwise the recipient opens or reuses the one-to-one thread. */
export type Destination = { threadId: string } | { recipientId: string }

export interface SendInput {
  to: Destination
  /** Instagram's own de-duplication token, the same on every retry. */
  clientToken: string
  /** The message of the same thread that this one answers. */
  replyTo?: RepliedTo
}

export interface RepliedTo {
  itemId: string
  /** Of a message that we sent; null where it is not known. */
  clientToken: string | null
}

export interface SendTextInput extends SendInput {
  text: string
}

export interface SendLinkInput extends SendInput {
  /** What the message says; the links in `urls` are part of it. */
  text: string
  /** Absolute URLs, at least one. */
  urls: string[]
}

/** What a message may carry besides words. */
export type MediaKind = 'image' | 'video' | 'voice'

export interface UploadMediaInput {
  kind: MediaKind
  bytes: Uint8Array
  /** Of the bytes themselves: `image/jpeg`, `video/mp4`, `audio/mp4`, … */
  contentType: string
  /** Digits, chosen by the caller and the same on every retry: uploading again replaces what was there. */
  uploadId: string
}

export interface SendMediaInput extends SendInput {
  kind: MediaKind
  /** Of an upload that went through. */
  uploadId: string
}

export interface StoryViewInput {
  mediaId: string
  ownerId: string
  /** Epoch milliseconds, as `readMedia` gave them. */
  takenAt: number
  /** When it was looked at; epoch milliseconds. */
  seenAt: number
}

export interface StoryReplyInput {
  mediaId: string
  ownerId: string
  isVideo: boolean
  text: string
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
  readUser(access: Access, input: { userId: string }, call: CallOptions): Promise<ReadResult<InstagramUser>>
  readInbox(
    access: Access,
    input: { folder: InboxFolder; cursor: string | null },
    call: CallOptions,
  ): Promise<ReadResult<Inbox>>
  readThread(
    access: Access,
    input: { threadId: string; cursor: string | null },
    call: CallOptions,
  ): Promise<ReadResult<Thread>>
  /** The one-to-one thread with a user; null when there is none. */
  readThreadWith(access: Access, input: { recipientId: string }, call: CallOptions): Promise<ReadResult<Thread | null>>
  readFriendship(access: Access, input: { userId: string }, call: CallOptions): Promise<ReadResult<Friendship>>
  /**
   * A post, reel or story. Here and wherever a `mediaId` is taken, it may be anything that names one: the number, the
   * number with its owner's, a shortcode, a URL (`parseMediaReference`).
   */
  readMedia(access: Access, input: { mediaId: string }, call: CallOptions): Promise<ReadResult<MediaInfo>>
  readStories(access: Access, input: { ownerId: string }, call: CallOptions): Promise<ReadResult<Stories>>
  /** The newest comments, or those before the page that gave the cursor. */
  readComments(
    access: Access,
    input: { mediaId: string; cursor: string | null },
    call: CallOptions,
  ): Promise<ReadResult<CommentPage>>
  /** What others did to the account, from the newest or from a cursor on. */
  readActivity(access: Access, input: { cursor: string | null }, call: CallOptions): Promise<ReadResult<ActivityPage>>
  readLikers(access: Access, input: { mediaId: string }, call: CallOptions): Promise<ReadResult<Likers>>
  readFollowers(
    access: Access,
    input: { userId: string; cursor: string | null },
    call: CallOptions,
  ): Promise<ReadResult<FollowerPage>>

  sendText(access: Access, input: SendTextInput, call: CallOptions): Promise<Outcome>
  sendLink(access: Access, input: SendLinkInput, call: CallOptions): Promise<Outcome>
  /** A heart of its own, not on a message. */
  sendLike(access: Access, input: SendInput, call: CallOptions): Promise<Outcome>
  /**
   * Puts the bytes where `sendMedia` finds them. Nobody sees them before that, so it is no write and may be repeated; it
   * is several exchanges within the one deadline.
   */
  uploadMedia(access: Access, input: UploadMediaInput, call: CallOptions): Promise<ReadResult<{ uploadId: string }>>
  sendMedia(access: Access, input: SendMediaInput, call: CallOptions): Promise<Outcome>
  /** Takes an own message back for everybody. */
  unsend(access: Access, input: { threadId: string; itemId: string }, call: CallOptions): Promise<Outcome>
  /** Marks a thread seen up to and with an item; harmless to repeat, so a lost answer is `unreadable`. */
  markSeen(access: Access, input: { threadId: string; itemId: string }, call: CallOptions): Promise<ReadResult<null>>

  viewStory(access: Access, input: StoryViewInput, call: CallOptions): Promise<Outcome>
  /** A direct message to the story's owner that shows the story. */
  replyToStory(access: Access, input: StoryReplyInput, call: CallOptions): Promise<Outcome>

  /** `like`, `unlike` and `comment` are for posts and reels alike. */
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
