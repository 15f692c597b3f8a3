import { pushBack } from '../acts/limits.ts'
import { openThread, send } from '../acts/messages.ts'
import type { Call } from '../call.ts'
import { type Answer, fail, json } from '../exchange.ts'
import { readIds } from '../form.ts'
import type { Item, Thread, Upload, User } from '../world/records.ts'
import { isAnswer, reachable } from './media.ts'
import { threadObject } from './shapes.ts'
import { needsReupload } from './uploads.ts'

const GROUP_MAX = 32

/** What one item type of `broadcast/{type}/` stores; null when the form lacks what it needs. */
interface Content {
  type: string
  text: string | null
  payload: Record<string, unknown> | null
  kind: 'message' | 'story_reply'
  mediaId?: string
  /** What the ledger says of an item without words. */
  caption?: string
}

type ReadContent = (call: Call) => Content | Answer | null

const CONTENTS: Readonly<Record<string, ReadContent>> = {
  text: ({ form }) => ({ ...plain('text'), text: form.get('text') ?? null }),
  like: () => ({ ...plain('like'), payload: null, text: '❤️' }),
  link: linkContent,
  media_share: mediaContent,
  profile: profileContent,
  configure_photo: (call) => uploadContent(call, 'photo'),
  configure_video: (call) => uploadContent(call, 'video'),
  share_voice: (call) => uploadContent(call, 'voice'),
}

/**
 * `direct_v2/threads/broadcast/{type}`: one item to a thread, or to people, whose thread is opened when there is none.
 * A repeated `client_context` of the same account in the same thread answers with the first item.
 */
export function broadcast(call: Call): Answer {
  return deliver(call, CONTENTS[call.param(0)]?.(call) ?? null)
}

/** `broadcast/reel_share`: a message to a story's owner that shows the story. */
export function replyToStory(call: Call): Answer {
  return deliver(call, storyReply(call))
}

function deliver(call: Call, content: Content | Answer | null): Answer {
  if (content !== null && 'status' in content) return content
  const text = content?.text ?? null
  if (content === null || (content.payload === null && (text === null || text.trim() === ''))) return malformed()
  const threads = addressed(call)
  if (threads === 'unknown_thread') return fail(404, 'Thread does not exist')
  if (threads === null) return malformed()
  for (const thread of threads) {
    const refusal = refusalOf(call, thread, content)
    if (refusal !== null) return refusal
  }
  const items = threads.map((thread) => ({ thread, item: sendTo(call, thread, content) }))
  return acknowledged(call, items)
}

export function createGroup(call: Call): Answer {
  const others = people(call, call.form.get('recipient_users'))
  if (others === null || others.length < 2) return malformed()
  const title = call.form.get('thread_title') ?? null
  const thread = openThread(call.world, { by: call.viewer, others, title })
  return json({ ...threadObject(call.world, call.viewer, thread, { items: [], hasOlder: false }), status: 'ok' })
}

function plain(type: string): Content {
  return { type, text: null, payload: null, kind: 'message' }
}

function linkContent({ form }: Call): Content | null {
  const text = form.get('link_text') ?? ''
  const [url] = readIds(form.get('link_urls'))
  if (url === undefined || !URL.canParse(url)) return null
  const context = { link_url: url, link_title: '', link_summary: '', link_image_url: '' }
  return { ...plain('link'), text: null, payload: { text, link_context: context } }
}

function mediaContent({ form, world }: Call): Content | null {
  const media = world.mediaBy(form.get('media_id') ?? '')
  if (media === undefined) return null
  const payload = { pk: media.pk, id: `${media.pk}_${media.ownerPk}`, code: media.code }
  return { ...plain('media_share'), payload, text: form.get('text') ?? null, mediaId: media.pk }
}

function profileContent({ form, world }: Call): Content | null {
  const user = world.user(form.get('profile_user_id') ?? '')
  return user === undefined ? null : { ...plain('profile'), payload: { pk: user.pk, username: user.username } }
}

/** What was uploaded, as the item that shows it. */
function uploadContent({ form, world, viewer }: Call, kind: Upload['kind']): Content | Answer {
  const id = form.get('upload_id') ?? ''
  const upload = world.uploads.get(`${viewer.pk} ${id}`)
  if (upload === undefined || upload.kind !== kind || !upload.isFinished) return needsReupload(id)
  const type = kind === 'voice' ? 'voice_media' : 'media'
  return { ...plain(type), payload: uploadPayload(upload), caption: `[${kind}]` }
}

function uploadPayload({ id, kind, userPk }: Upload): Record<string, unknown> {
  const url = `https://example.com/direct/${id}`
  if (kind === 'voice') {
    const audio = { audio_src: `${url}.m4a`, duration: 1000, waveform_data: [], waveform_sampling_frequency_hz: 10 }
    return { media: { id: `${id}_${userPk}`, media_type: 11, audio }, seen_count: 0, view_mode: 'permanent' }
  }
  return {
    id: `${id}_${userPk}`,
    media_type: kind === 'photo' ? 1 : 2,
    image_versions2: { candidates: [{ url: `${url}.jpg`, width: 1, height: 1 }] },
    ...(kind === 'video' ? { video_versions: [{ url: `${url}.mp4`, width: 1, height: 1 }] } : {}),
    original_width: 1,
    original_height: 1,
  }
}

function storyReply(call: Call): Content | Answer | null {
  const text = call.form.get('text') ?? ''
  const media = reachable(call, call.form.get('media_id') ?? '')
  if (isAnswer(media)) return repeatedReply(call) ?? media
  if (media.kind !== 'story' || text.trim() === '') return null
  return {
    type: 'reel_share',
    text: null,
    payload: storyReplyPayload({ text, ownerPk: media.ownerPk, mediaPk: media.pk }),
    kind: 'story_reply',
    mediaId: media.pk,
  }
}

/** A repeat of a reply that was sent while the story was there answers as the first did, though it is gone by now. */
function repeatedReply(call: Call): Content | null {
  const token = call.form.get('client_context')
  if (token === undefined) return null
  const entry = call.world.effectsOf(call.viewer.username, 'story_reply').findLast((found) => found.token === token)
  const item = entry?.itemId === undefined ? undefined : call.world.items.get(entry.itemId)
  if (item === undefined || entry?.mediaId === undefined) return null
  return { type: item.type, text: item.text, payload: item.payload, kind: 'story_reply', mediaId: entry.mediaId }
}

export function storyReplyPayload(story: { text: string; ownerPk: string; mediaPk: string }): Record<string, unknown> {
  return {
    text: story.text,
    type: 'reply',
    reel_owner_id: story.ownerPk,
    is_reel_persisted: false,
    reel_type: 'user_reel',
    media: { pk: story.mediaPk, id: `${story.mediaPk}_${story.ownerPk}`, user: { pk: story.ownerPk } },
  }
}

export function storyMentionPayload(story: {
  ownerPk: string
  mediaPk: string
  mentionedPk: string
}): Record<string, unknown> {
  return { ...storyReplyPayload({ ...story, text: '' }), type: 'mention', mentioned_user_id: story.mentionedPk }
}

/** The threads a form names, opened where needed; null when it names none that could be. */
function addressed(call: Call): Thread[] | 'unknown_thread' | null {
  const { world, viewer, form } = call
  const ids = readIds(form.get('thread_ids') ?? form.get('thread_id'))
  if (ids.length > 0) {
    const threads = ids.flatMap((id) => world.threads.get(id) ?? [])
    const isMember = threads.length === ids.length && threads.every((thread) => thread.members.includes(viewer.pk))
    return isMember ? threads : 'unknown_thread'
  }
  const others = people(call, form.get('recipient_users'))
  return others === null ? null : [openThread(world, { by: viewer, others })]
}

function people({ world, viewer }: Call, encoded: string | undefined): User[] | null {
  const ids = readIds(encoded)
  const found = ids.flatMap((id) => world.user(id) ?? []).filter((user) => user.pk !== viewer.pk)
  return ids.length > 0 && found.length === ids.length && found.length <= GROUP_MAX ? found : null
}

function refusalOf(call: Call, thread: Thread, { kind }: Content): Answer | null {
  const { world, viewer, form } = call
  const clientContext = form.get('client_context')
  // A repeat changes nothing, so nothing can stand against it.
  if (clientContext !== undefined && world.itemByToken(viewer.pk, thread.id, clientContext) !== undefined) return null
  const others = thread.members.filter((pk) => pk !== viewer.pk).map((pk) => world.userOrThrow(pk))
  if (others.some((user) => user.blocksMessages)) return notAllowed(clientContext ?? null)
  return pushBack(call, { account: viewer, kind })
}

function sendTo(call: Call, thread: Thread, content: Content): Item {
  const repliedTo = call.world.items.get(call.form.get('replied_to_item_id') ?? '')
  return send(call.world, {
    ...content,
    ...(repliedTo?.threadId === thread.id ? { repliedToId: repliedTo.id } : {}),
    by: call.viewer,
    thread,
    at: call.now,
    clientContext: call.form.get('client_context') ?? null,
  })
}

function acknowledged(call: Call, sent: { thread: Thread; item: Item }[]): Answer {
  const [first] = sent
  if (sent.length === 1 && first !== undefined) {
    const payload = ack(first.thread, first.item)
    return json({ action: 'item_ack', status_code: '200', payload, status: 'ok' })
  }
  const metadata = sent.map(({ thread, item }) => ({
    ...ack(thread, item),
    participant_ids: thread.members.filter((pk) => pk !== call.viewer.pk),
  }))
  return json({ action: 'item_ack', status_code: '200', message_metadata: metadata, status: 'ok' })
}

function ack(thread: Thread, item: Item): Record<string, unknown> {
  return {
    client_context: item.clientContext,
    item_id: item.id,
    timestamp: String(item.timestampUs),
    thread_id: thread.id,
  }
}

/** A form that lacks what it needs. */
function malformed(): Answer {
  return fail(403, "We're sorry, but something went wrong. Please try again.", {
    action: 'item_ack',
    payload: { client_context: null, error_code: 1404006 },
    status_code: '403',
  })
}

/** This recipient takes no messages; it says nothing about the account. */
function notAllowed(clientContext: string | null): Answer {
  const message = "You can't send messages to this account. This may be due to their app version or other settings."
  return json(
    { action: 'item_ack', status_code: '403', payload: { client_context: clientContext, message }, status: 'fail' },
    403,
  )
}
