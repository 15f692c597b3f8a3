import { seenUs } from '../acts/messages.ts'
import type { Comment, Item, Media, Thread, User } from '../world/records.ts'
import type { World } from '../world/world.ts'

/** The objects that several answers share, as the interface spells them. Ids are text, DM timestamps microseconds. */

const MEDIA_TYPE_PHOTO = 1
const MEDIA_TYPE_VIDEO = 2

export function shortUser(user: User): Record<string, unknown> {
  return {
    pk: user.pk,
    pk_id: user.pk,
    id: user.pk,
    username: user.username,
    full_name: user.fullName,
    is_private: user.isPrivate,
    is_verified: user.isVerified,
    profile_pic_url: pictureOf(user),
    has_anonymous_profile_picture: false,
  }
}

export function fullUser(world: World, user: User): Record<string, unknown> {
  return {
    ...shortUser(user),
    is_business: user.isBusiness,
    account_type: user.isBusiness ? 2 : 1,
    profile_pic_id: `${user.pk}_1`,
    hd_profile_pic_url_info: { url: pictureOf(user), width: 320, height: 320 },
    hd_profile_pic_versions: [],
    biography: user.biography,
    external_url: '',
    bio_links: [],
    follower_count: world.followersOf(user.pk).size,
    following_count: world.followingOf(user.pk).size,
    media_count: postsOf(world, user).length,
    category: null,
    public_email: '',
    contact_phone_number: '',
    usertags_count: 0,
  }
}

export function friendship(world: World, viewer: User, other: User): Record<string, unknown> {
  const mine = world.follow(viewer.pk, other.pk)?.state
  const theirs = world.follow(other.pk, viewer.pk)?.state
  return {
    following: mine === 'following',
    followed_by: theirs === 'following',
    blocking: false,
    muting: false,
    is_private: other.isPrivate,
    incoming_request: theirs === 'requested',
    outgoing_request: mine === 'requested',
    is_bestie: false,
    is_restricted: false,
    is_feed_favorite: false,
    subscribed: false,
    is_muting_reel: false,
    is_blocking_reel: false,
    is_eligible_to_subscribe: false,
  }
}

export function mediaObject(world: World, viewer: User | null, media: Media): Record<string, unknown> {
  const owner = world.userOrThrow(media.ownerPk)
  const takenAt = Math.floor(media.takenAt / 1000)
  const isVideo = media.kind === 'reel'
  return {
    pk: media.pk,
    id: `${media.pk}_${owner.pk}`,
    code: media.code,
    taken_at: takenAt,
    media_type: isVideo ? MEDIA_TYPE_VIDEO : MEDIA_TYPE_PHOTO,
    product_type: { post: 'feed', reel: 'clips', story: 'story' }[media.kind],
    user: shortUser(owner),
    caption: media.caption === '' ? null : caption(media, owner, takenAt),
    like_count: world.likesOf(media.pk).size,
    comment_count: world.commentsOf(media.pk).length,
    has_liked: viewer !== null && world.likesOf(media.pk).has(viewer.pk),
    like_and_view_counts_disabled: false,
    image_versions2: { candidates: [{ url: `https://example.com/media/${media.pk}.png`, width: 1, height: 1 }] },
    ...(isVideo ? { video_versions: [], video_duration: 0 } : {}),
    ...(media.kind === 'story' ? { expiring_at: Math.floor((media.expiresAt ?? 0) / 1000) } : {}),
    ...(media.commentsDisabled ? { comments_disabled: true } : {}),
    can_viewer_reshare: true,
  }
}

export function commentObject(world: World, viewer: User | null, comment: Comment): Record<string, unknown> {
  const createdAt = Math.floor(comment.at / 1000)
  return {
    pk: comment.pk,
    user_id: comment.userPk,
    user: shortUser(world.userOrThrow(comment.userPk)),
    text: comment.text,
    type: 0,
    created_at: createdAt,
    created_at_utc: createdAt,
    content_type: 'comment',
    status: 'Active',
    bit_flags: 0,
    did_report_as_spam: false,
    share_enabled: false,
    media_id: comment.mediaPk,
    has_liked_comment: viewer !== null && comment.likedBy.includes(viewer.pk),
    comment_like_count: comment.likedBy.length,
    child_comment_count: 0,
    preview_child_comments: [],
    parent_comment_id: comment.repliedTo,
  }
}

function itemObject(viewer: User, item: Item): Record<string, unknown> {
  return {
    item_id: item.id,
    user_id: item.senderPk,
    timestamp: String(item.timestampUs),
    item_type: item.type,
    ...(item.payload === null ? {} : { [item.type]: item.payload }),
    ...(item.text === null ? {} : { [item.type === 'like' ? 'like' : 'text']: item.text }),
    ...(item.clientContext === null ? {} : { client_context: item.clientContext }),
    ...(item.repliedToId === undefined ? {} : { replied_to_message: { item_id: item.repliedToId } }),
    is_sent_by_viewer: item.senderPk === viewer.pk,
    show_forward_attribution: false,
    is_shh_mode: false,
  }
}

export interface ItemPage {
  /** Newest first. */
  items: readonly Item[]
  hasOlder: boolean
}

export function threadObject(world: World, viewer: User, thread: Thread, page: ItemPage): Record<string, unknown> {
  const others = thread.members.filter((pk) => pk !== viewer.pk).map((pk) => world.userOrThrow(pk))
  const newest = page.items[0]
  const oldest = page.items.at(-1)
  return {
    thread_id: thread.id,
    thread_v2_id: thread.v2Id,
    users: others.map((user) => ({ ...shortUser(user), friendship_status: friendship(world, viewer, user) })),
    left_users: [],
    admin_user_ids: [],
    items: page.items.map((item) => itemObject(viewer, item)),
    last_activity_at: String(thread.lastUs),
    muted: false,
    is_pin: false,
    named: thread.title !== null,
    canonical: !thread.isGroup,
    pending: thread.pendingFor.includes(viewer.pk),
    archived: false,
    valued_request: false,
    thread_type: 'private',
    viewer_id: viewer.pk,
    thread_title: thread.title ?? others.map((user) => user.username).join(', '),
    pending_score: '0',
    folder: 0,
    vc_muted: false,
    is_group: thread.isGroup,
    mentions_muted: false,
    approval_required_for_new_members: false,
    input_mode: 0,
    business_thread_folder: 0,
    read_state: isUnread(world, viewer, thread) ? 1 : 0,
    marked_as_unread: false,
    shh_mode_enabled: false,
    is_close_friend_thread: false,
    assigned_admin_id: 0,
    inviter: shortUser(world.userOrThrow(thread.openedBy)),
    has_older: page.hasOlder,
    has_newer: false,
    last_seen_at: lastSeen(thread),
    newest_cursor: newest?.id ?? null,
    // Some clients go on as long as there is a cursor, whatever `has_older` says.
    oldest_cursor: page.hasOlder ? (oldest?.id ?? null) : null,
    next_cursor: page.hasOlder ? (oldest?.id ?? 'MINCURSOR') : 'MINCURSOR',
    prev_cursor: 'MAXCURSOR',
    ...lastPermanentItem(viewer, world.itemsOf(thread.id).at(-1)),
  }
}

export function isUnread(world: World, viewer: User, thread: Thread): boolean {
  const newest = world.itemsOf(thread.id).findLast((item) => item.senderPk !== viewer.pk)
  return newest !== undefined && newest.timestampUs > seenUs(thread, viewer.pk)
}

export function pictureOf(user: User): string {
  return `https://example.com/profile/${user.pk}.png`
}

/** Stories are no posts. */
export function postsOf(world: World, user: User): Media[] {
  return world.mediaOf(user.pk).filter((media) => media.kind !== 'story')
}

function caption(media: Media, owner: User, createdAt: number): Record<string, unknown> {
  return { pk: `1${media.pk.slice(2)}`, text: media.caption, user_id: owner.pk, created_at: createdAt }
}

function lastSeen(thread: Thread): Record<string, unknown> {
  const seen = Object.entries(thread.seen).map(([pk, { itemId, timestampUs }]) => [
    pk,
    { timestamp: String(timestampUs), item_id: itemId, shh_seen_state: {} },
  ])
  return Object.fromEntries(seen)
}

function lastPermanentItem(viewer: User, item: Item | undefined): Record<string, unknown> {
  return item === undefined ? {} : { last_permanent_item: itemObject(viewer, item) }
}
