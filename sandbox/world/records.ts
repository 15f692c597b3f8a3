/**
 * The records the simulated Instagram is made of. Each is plain JSON, lives in one table of the world under one key,
 * and is what `sandbox.jsonl` holds. Ids are decimal text; instants are epoch milliseconds unless named `Us`.
 */

export type EffectKind =
  | 'message'
  | 'story_reply'
  | 'unsend'
  | 'seen'
  | 'like'
  | 'unlike'
  | 'comment'
  | 'comment_delete'
  | 'comment_like'
  | 'comment_unlike'
  | 'reel_like'
  | 'reel_comment'
  | 'story_view'
  | 'follow'
  | 'unfollow'
  | 'login'
  | 'logout'

/** How often an account may do something before the sandbox pushes back; null is no limit. */
export interface RateLimit {
  hour: number | null
  day: number | null
}

export type RateLimits = Partial<Record<EffectKind, RateLimit>>

export interface TwoFactor {
  /** `push` has no code: the owner approves on another device. */
  method: 'sms' | 'totp' | 'whatsapp' | 'push'
  /** A code that is always right; for SMS it is the code in every message. */
  code: string | null
  /** Base32 secret of RFC 6238. */
  secret: string | null
  backupCodes: string[]
}

/** What a seeded person does by themselves. */
export type Script = 'echo' | 'unfollows_next_day'

export interface User {
  pk: string
  /** Ids in the form of the product's documents (`target456`), accepted wherever a numeric id is. */
  aliases: string[]
  username: string
  fullName: string
  /** Null: nobody can log in as this person. */
  password: string | null
  twoFactor: TwoFactor | null
  /** Logging in from a jar that its owner has not approved meets a checkpoint. */
  checkpoint: boolean
  /** `soft_blocked`: right credentials are refused with a generic error; `suspended`: every call is sent away. */
  state: 'ok' | 'soft_blocked' | 'suspended'
  isPrivate: boolean
  isVerified: boolean
  isBusiness: boolean
  biography: string
  blocksMessages: boolean
  script: Script | null
  /** Instead of the sandbox's own limits, per kind. */
  limits: RateLimits | null
  newsSeenAt: number
}

export interface Session {
  sessionid: string
  userPk: string
  mid: string | null
  createdAt: number
}

/** A jar is known by its `mid`; an approval belongs to the jar that met the checkpoint. */
export interface Checkpoint {
  token: string
  userPk: string
  mid: string
  createdAt: number
  approvedAt: number | null
}

/** A log-in that waits for its second factor. */
export interface PendingLogin {
  identifier: string
  userPk: string
  mid: string | null
  expiresAt: number
  /** Set once the owner has approved it on another device. */
  approvedAt?: number
}

export interface Media {
  pk: string
  aliases: string[]
  ownerPk: string
  code: string
  kind: 'post' | 'reel' | 'story'
  caption: string
  takenAt: number
  /** When a story goes away; absent for what stays (posts, reels, stories kept as a highlight). */
  expiresAt?: number
  commentsDisabled: boolean
  deletedAt: number | null
}

/** Bytes that somebody put where a message may take them from; only what they are is kept. */
export interface Upload {
  id: string
  userPk: string
  kind: 'photo' | 'video' | 'voice'
  contentType: string
  bytes: number
  at: number
  /** Photos are complete at once; the rest when the client says so. */
  isFinished: boolean
}

/** Somebody saw a story. */
export interface StoryView {
  mediaPk: string
  userPk: string
  at: number
}

export interface Like {
  mediaPk: string
  userPk: string
  at: number
}

export interface Comment {
  pk: string
  mediaPk: string
  userPk: string
  text: string
  at: number
  token: string | null
  repliedTo: string | null
  deletedAt: number | null
  likedBy: string[]
}

export interface Follow {
  fromPk: string
  toPk: string
  at: number
  state: 'following' | 'requested'
}

export interface Seen {
  itemId: string
  timestampUs: number
}

export interface Thread {
  id: string
  v2Id: string
  /** Sorted; includes whoever opened it. */
  members: string[]
  openedBy: string
  title: string | null
  isGroup: boolean
  /** Members for whom the thread still is a request. */
  pendingFor: string[]
  /** Timestamps of a thread strictly increase. */
  lastUs: number
  seen: Record<string, Seen>
}

export interface Item {
  id: string
  threadId: string
  senderPk: string
  timestampUs: number
  type: string
  text: string | null
  /** The part named after the item type, when it is more than text. */
  payload: Record<string, unknown> | null
  clientContext: string | null
  deletedAt: number | null
  /** The item of the same thread that this one answers. */
  repliedToId?: string
}

export interface Notice {
  pk: string
  toPk: string
  fromPk: string
  kind: 'follow' | 'follow_request' | 'like' | 'comment' | 'comment_like' | 'mention'
  at: number
  mediaPk: string | null
  commentPk: string | null
  text: string | null
}

/** One effect that really took place. `duplicateOf` marks a repeat that was recognised and changed nothing. */
export interface LedgerEntry {
  no: number
  at: number
  /** Username of whoever did it. */
  account: string
  kind: EffectKind
  /** Username of whom it was done to; a group's thread id. */
  target: string | null
  text?: string
  /** Of a message that is more than words: `link`, `like`, `media`, `voice_media`, … */
  itemType?: string
  mediaId?: string
  token?: string
  threadId?: string
  itemId?: string
  duplicateOf?: number
}

/** Something a person will do by themselves once product time has come. */
export interface Plan {
  id: string
  at: number
  act: PlannedAct
}

export interface PlannedAct {
  as: string
  do: 'message' | 'unsend' | 'accept' | 'story_reply' | 'comment' | 'like' | 'follow' | 'unfollow' | 'mention' | 'read'
  to?: string
  /** The other members of a group. */
  with?: string[]
  /** Of a group that this opens. */
  title?: string
  /** A conversation that this opens waits as a request for the others. */
  isRequest?: boolean
  itemId?: string
  mediaId?: string
  text?: string
}

/** The one record that says where the world stands; ids, cookies and items come from `seed` and `counter`. */
export interface Meta {
  seed: number
  counter: number
  ledgerNo: number
  startedAt: number
  /** The newest instant of product time that the world has seen. */
  reachedAt: number
  /** Private key (PEM) of the mobile password envelope, made when first asked for. */
  passwordKey: string | null
}
