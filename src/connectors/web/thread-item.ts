import type { ItemMedia, ItemStory, ThreadItem } from '../connector.ts'
import {
  idOf,
  instantOf,
  type JsonObject,
  microsOf,
  optionalCount,
  optionalFlag,
  optionalId,
  optionalList,
  optionalObject,
  optionalText,
} from './json.ts'

/**
 * One item of a thread. Instagram renames item types every few months, so each is read by what it holds, and one that
 * nobody knows passes through with its type and without content.
 */
export function readItem(item: JsonObject, viewerId: string | null): ThreadItem {
  const senderId = idOf(item, 'user_id')
  return {
    itemId: idOf(item, 'item_id'),
    senderId,
    isFromMe: optionalFlag(item, 'is_sent_by_viewer') ?? senderId === viewerId,
    at: instantOf(item, 'timestamp'),
    micros: microsOf(item, 'timestamp'),
    itemType: optionalText(item, 'item_type') ?? 'unknown',
    text: textIn(item),
    clientToken: optionalId(item, 'client_context'),
    media: mediaIn(item),
    story: storyIn(item),
  }
}

/** Which member of an item holds what was written. */
const TEXT_HOLDERS = ['link', 'reel_share', 'story_share', 'direct_media_share'] as const

function textIn(item: JsonObject): string | null {
  const own = optionalText(item, 'text') ?? optionalText(item, 'like')
  if (own !== null) return own
  for (const key of TEXT_HOLDERS) {
    const holder = optionalObject(item, key)
    if (holder !== null) return optionalText(holder, 'text')
  }
  return null
}

function mediaIn(item: JsonObject): ItemMedia | null {
  const shown = optionalObject(item, 'media') ?? within(item, 'visual_media', 'media')
  if (shown !== null) return { kind: optionalCount(shown, 'media_type') === 2 ? 'video' : 'image', url: urlOf(shown) }
  const audio = within(item, 'voice_media', 'media', 'audio')
  if (audio !== null) return { kind: 'voice', url: optionalText(audio, 'audio_src') }
  if (optionalObject(item, 'voice_media') !== null) return { kind: 'voice', url: null }
  const animated = within(item, 'animated_media', 'images', 'fixed_height')
  if (animated !== null) return { kind: 'image', url: optionalText(animated, 'url') }
  const link = within(item, 'link', 'link_context')
  if (link !== null) return { kind: 'link', url: optionalText(link, 'link_url') }
  return sharedIn(item)
}

/** Where a shared post stands in the item, older and newer names. */
const SHARES: readonly (readonly string[])[] = [
  ['media_share'],
  ['direct_media_share', 'media'],
  ['clip', 'clip'],
  ['felix_share', 'video'],
  ['story_share', 'media'],
  ['profile'],
  ['location'],
  ['hashtag'],
]

function sharedIn(item: JsonObject): ItemMedia | null {
  for (const path of SHARES) {
    const shared = within(item, ...path)
    if (shared !== null) return { kind: 'share', url: pageOf(shared) }
  }
  const [card] = cardsIn(item)
  if (card === undefined) return null
  return { kind: card.name === 'xma_link' ? 'link' : 'share', url: optionalText(card.value, 'target_url') }
}

/** The first card of an item of the newer kind: a list under the item's own type. */
function cardsIn(item: JsonObject): { name: string; value: JsonObject }[] {
  const name = optionalText(item, 'item_type') ?? ''
  if (!name.startsWith('xma_') && name !== 'generic_xma') return []
  return (optionalList(item, name) ?? []).flatMap((value) =>
    typeof value === 'object' && value !== null && !Array.isArray(value) ? [{ name, value }] : [],
  )
}

function pageOf(shared: JsonObject): string | null {
  const code = optionalText(shared, 'code')
  if (code !== null) return `https://www.instagram.com/p/${encodeURIComponent(code)}/`
  const username = optionalText(shared, 'username')
  return username === null ? null : `https://www.instagram.com/${encodeURIComponent(username)}/`
}

function urlOf(media: JsonObject): string | null {
  const [video] = optionalList(media, 'video_versions') ?? []
  const [image] = optionalList(optionalObject(media, 'image_versions2') ?? {}, 'candidates') ?? []
  for (const version of [video, image]) {
    if (typeof version !== 'object' || version === null || Array.isArray(version)) continue
    const url = optionalText(version, 'url')
    if (url !== null) return url
  }
  return null
}

const STORY_WAYS: Readonly<Record<string, ItemStory['how']>> = {
  reply: 'reply',
  reply_gif: 'reply',
  reaction: 'reaction',
  mention: 'mention',
}
/** The newer kinds say by their name what they are about. */
const STORY_CARDS: Readonly<Record<string, ItemStory['how']>> = {
  xma_reel_share: 'reply',
  xma_reel_mention: 'mention',
  xma_story_share: 'share',
}

function storyIn(item: JsonObject): ItemStory | null {
  const reel = optionalObject(item, 'reel_share')
  if (reel !== null) {
    const media = optionalObject(reel, 'media') ?? {}
    return {
      how: STORY_WAYS[optionalText(reel, 'type') ?? ''] ?? 'share',
      ownerId: optionalId(reel, 'reel_owner_id'),
      mentionedId: optionalId(reel, 'mentioned_user_id'),
      mediaId: optionalId(media, 'pk', 'id'),
    }
  }
  const [card] = cardsIn(item)
  const how = card === undefined ? undefined : STORY_CARDS[card.name]
  if (card === undefined || how === undefined) return null
  const [, mediaId] = /\/stories\/[^/]+\/(\d+)/.exec(optionalText(card.value, 'target_url') ?? '') ?? []
  return { how, ownerId: null, mentionedId: null, mediaId: mediaId ?? null }
}

function within(object: JsonObject, ...path: string[]): JsonObject | null {
  let found: JsonObject | null = object
  for (const key of path) {
    if (found === null) return null
    found = optionalObject(found, key)
  }
  return found
}
