import { acceptRequest, markSeen, seenUs, unsend } from '../acts/messages.ts'
import type { Call } from '../call.ts'
import { type Answer, fail, json, ok } from '../exchange.ts'
import { readIds } from '../form.ts'
import type { Route } from '../router.ts'
import type { Thread, User } from '../world/records.ts'
import { broadcast, createGroup, replyToStory } from './broadcast.ts'
import { type ItemPage, isUnread, shortUser, threadObject } from './shapes.ts'

const THREADS_PAGE = 20
const INBOX_ITEMS = 10
const ITEMS_PAGE = 20
const PAGE_MAX = 100

/** Direct messages; the same on both interfaces. */
export function directRoutes(): Route[] {
  const read = { method: 'GET', access: 'account' } as const
  const write = { method: 'POST', access: 'account' } as const
  return [
    { ...read, path: 'direct_v2/inbox', kind: 'inbox', run: (call) => inbox(call, false) },
    { ...read, path: 'direct_v2/pending_inbox', kind: 'inbox', run: (call) => inbox(call, true) },
    { ...read, path: 'direct_v2/async_get_pending_requests_preview', kind: 'inbox', run: pendingPreview },
    { ...read, path: 'direct_v2/threads/get_by_participants', kind: 'thread', run: byParticipants },
    { ...read, path: 'direct_v2/threads/:id', kind: 'thread', run: thread },
    { ...read, path: 'direct_v2/ranked_recipients', kind: 'search', run: rankedRecipients },
    { ...read, path: 'direct_v2/get_presence', kind: 'other', run: () => json({ user_presence: {}, status: 'ok' }) },
    { ...write, path: 'direct_v2/create_group_thread', kind: 'other', run: createGroup },
    { ...write, path: 'direct_v2/threads/broadcast/:type', kind: 'message', run: broadcast },
    { ...write, path: 'direct_v2/threads/broadcast/reel_share', kind: 'story_reply', run: replyToStory },
    { ...write, path: 'direct_v2/threads/:id/items/:item/seen', kind: 'seen', run: seen },
    { ...write, path: 'direct_v2/threads/:id/seen', kind: 'seen', run: seen },
    { ...write, path: 'direct_v2/threads/:id/items/:item/delete', kind: 'unsend', limited: 'unsend', run: remove },
    { ...write, path: 'direct_v2/threads/:id/approve', kind: 'other', run: approve },
    ...['decline', 'hide', 'mute', 'unmute', 'mark_unread'].map(
      (verb): Route => ({ ...write, path: `direct_v2/threads/:id/${verb}`, kind: 'other', run: untouched }),
    ),
  ]
}

/** The thread of the path, if the viewer is in it. */
function ownThread(call: Call): Thread | null {
  const found = call.world.threads.get(call.param(0))
  return found?.members.includes(call.viewer.pk) === true ? found : null
}

function noSuchThread(): Answer {
  return fail(404, 'Thread does not exist')
}

function inbox(call: Call, isPending: boolean): Answer {
  const { world, viewer, query, now } = call
  // One whose messages were all taken back stays where it was.
  const all = [...world.threadsOf(viewer.pk)].filter((found) => found.lastUs > 0)
  const wanted = all
    .filter((found) => found.pendingFor.includes(viewer.pk) === isPending)
    .sort((one, other) => other.lastUs - one.lastUs || (one.id < other.id ? 1 : -1))
  const size = sizeOf(query.get('limit'), THREADS_PAGE)
  const older = olderThan(wanted, query.get('cursor'))
  const page = older.slice(0, size)
  const last = page.at(-1)
  const hasOlder = older.length > page.length && last !== undefined
  const itemsMax = sizeOf(query.get('thread_message_limit'), INBOX_ITEMS)
  const pendingCount = all.filter((found) => found.pendingFor.includes(viewer.pk)).length
  const unseen = wanted.filter((found) => isUnread(world, viewer, found)).length
  return json({
    viewer: shortUser(viewer),
    inbox: {
      threads: page.map((found) => threadObject(world, viewer, found, newest(call, found, itemsMax))),
      has_older: hasOlder,
      oldest_cursor: hasOlder ? cursorOf(last) : null,
      unseen_count: unseen,
      unseen_count_ts: String(now * 1000),
      blended_inbox_enabled: true,
    },
    seq_id: world.meta.counter,
    snapshot_at_ms: now,
    pending_requests_total: pendingCount,
    has_pending_top_requests: false,
    most_recent_inviter: null,
    status: 'ok',
  })
}

function cursorOf(thread: Thread): string {
  return `${thread.lastUs}_${thread.id}`
}

/** A thread that moved up meanwhile is not shown twice: the cursor is an instant, not a position. */
function olderThan(newestFirst: Thread[], cursor: string | null): Thread[] {
  if (cursor === null || cursor === '') return newestFirst
  const [lastUs, id] = cursor.split('_')
  const limit = Number(lastUs)
  return newestFirst.filter((found) => found.lastUs < limit || (found.lastUs === limit && found.id < (id ?? '')))
}

function newest(call: Call, { id }: Thread, count: number): ItemPage {
  const items = call.world.itemsOf(id)
  return { items: items.slice(-count).reverse(), hasOlder: items.length > count }
}

function thread(call: Call): Answer {
  const found = ownThread(call)
  if (found === null) return noSuchThread()
  return json({ thread: threadPage(call, found), status: 'ok' })
}

function threadPage(call: Call, found: Thread): Record<string, unknown> {
  const { world, viewer, query } = call
  const items = world.itemsOf(found.id)
  const cursor = query.get('cursor')
  const end = cursor === null || cursor === '' ? items.length : items.findIndex((item) => item.id >= cursor)
  const start = Math.max((end < 0 ? items.length : end) - sizeOf(query.get('limit'), ITEMS_PAGE), 0)
  const page = items.slice(start, end < 0 ? items.length : end).reverse()
  return threadObject(world, viewer, found, { items: page, hasOlder: start > 0 })
}

function byParticipants(call: Call): Answer {
  const { world, viewer } = call
  const people = readIds(call.query.get('recipient_users') ?? '').map((id) => world.user(id))
  if (people.length === 0) return fail(400, 'invalid request')
  const pks = people.flatMap((user) => user?.pk ?? [])
  const found = pks.length === people.length ? world.threadBetween([viewer.pk, ...pks]) : undefined
  return json({ thread: found === undefined ? null : threadPage(call, found), status: 'ok' })
}

function pendingPreview({ world, viewer }: Call): Answer {
  const pending = [...world.threadsOf(viewer.pk)].filter((found) => found.pendingFor.includes(viewer.pk))
  const unread = pending.filter((found) => isUnread(world, viewer, found))
  return json({ pending_requests_total: pending.length, unread_pending_requests: unread.length, status: 'ok' })
}

function rankedRecipients(call: Call): Answer {
  const { world, viewer } = call
  const query = (call.query.get('query') ?? '').toLowerCase()
  const known = new Set<User>()
  for (const found of world.threadsOf(viewer.pk)) for (const pk of found.members) known.add(world.userOrThrow(pk))
  if (query !== '') for (const user of world.users.values()) if (user.username.includes(query)) known.add(user)
  const users = [...known].filter((user) => user.pk !== viewer.pk && user.username.includes(query))
  return json({
    ranked_recipients: users.slice(0, PAGE_MAX).map((user) => ({ user: shortUser(user) })),
    expires: 3600,
    filtered: false,
    rank_token: viewer.pk,
    status: 'ok',
  })
}

function seen(call: Call): Answer {
  const found = ownThread(call)
  if (found === null) return noSuchThread()
  const { world, viewer, now } = call
  const wanted = call.param(1)
  const item = wanted === '' ? world.itemsOf(found.id).at(-1) : world.items.get(wanted)
  if (item === undefined || item.threadId !== found.id) return fail(400, 'Item does not exist')
  markSeen(world, { by: viewer, thread: found, item, at: now })
  return json({ unseen_count: 0, unseen_count_ts: String(seenUs(found, viewer.pk)), status: 'ok' })
}

function remove(call: Call): Answer {
  const found = ownThread(call)
  if (found === null) return noSuchThread()
  const isDone = unsend(call.world, { by: call.viewer, thread: found, itemId: call.param(1), at: call.now })
  return isDone ? ok() : fail(400, 'Item does not exist')
}

function approve(call: Call): Answer {
  const found = ownThread(call)
  if (found === null) return noSuchThread()
  acceptRequest(call.world, { by: call.viewer, thread: found })
  return ok()
}

/** Settings of a thread that change nothing anybody reads here. */
function untouched(call: Call): Answer {
  return ownThread(call) === null ? noSuchThread() : ok()
}

function sizeOf(text: string | null, size: number): number {
  const asked = Number(text ?? size)
  return Number.isInteger(asked) && asked > 0 ? Math.min(asked, PAGE_MAX) : size
}
