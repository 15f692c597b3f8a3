import { newItemId, newThreadId, newThreadV2Id } from '../world/ids.ts'
import type { Item, Thread, User } from '../world/records.ts'
import { sortedMembers, type World } from '../world/world.ts'

/** The thread of exactly these people; opened when there is none. */
export function openThread(
  world: World,
  { by, others, title = null }: { by: User; others: User[]; title?: string | null },
): Thread {
  const members = sortedMembers([by.pk, ...others.map((user) => user.pk)])
  const found = world.threadBetween(members)
  if (found !== undefined) return found
  return world.threads.put({
    id: newThreadId(world),
    v2Id: newThreadV2Id(world),
    members,
    openedBy: by.pk,
    title,
    isGroup: members.length > 2,
    pendingFor: [],
    lastUs: 0,
    seen: {},
  })
}

export interface SendAct {
  by: User
  thread: Thread
  at: number
  type: string
  text: string | null
  payload?: Record<string, unknown> | null
  /** Repeating it in the same thread returns the first item. */
  clientContext: string | null
  repliedToId?: string
  /** How the ledger calls it. */
  kind?: 'message' | 'story_reply'
  mediaId?: string
  /** What the ledger says of an item without words. */
  caption?: string
}

/** Adds an item to a thread, once per `clientContext`. */
export function send(world: World, input: SendAct): Item {
  const { by, thread, at, text, clientContext } = input
  const repeated = clientContext === null ? undefined : world.itemByToken(by.pk, thread.id, clientContext)
  const item = repeated ?? addItem(world, input)
  const first = repeated === undefined ? undefined : world.ledgerNoOfItem(repeated.id)
  world.record({
    at,
    account: by.username,
    kind: input.kind ?? 'message',
    target: targetOf(world, by, thread),
    text: text ?? captionOf(input),
    ...(input.type === 'text' ? {} : { itemType: input.type }),
    ...(input.mediaId === undefined ? {} : { mediaId: input.mediaId }),
    ...(clientContext === null ? {} : { token: clientContext }),
    threadId: thread.id,
    itemId: item.id,
    ...(first === undefined ? {} : { duplicateOf: first }),
  })
  return item
}

/** Takes an own item back, for everybody; false when it is not there or not theirs. */
export function unsend(
  world: World,
  { by, thread, itemId, at }: { by: User; thread: Thread; itemId: string; at: number },
) {
  const item = world.items.get(itemId)
  if (item === undefined || item.threadId !== thread.id || item.senderPk !== by.pk) return false
  if (item.deletedAt !== null) return true
  world.items.put({ ...item, deletedAt: at })
  world.record({
    at,
    account: by.username,
    kind: 'unsend',
    target: targetOf(world, by, thread),
    threadId: thread.id,
    itemId,
    ...(item.clientContext === null ? {} : { token: item.clientContext }),
  })
  return true
}

/** Moves a thread from somebody's requests to their inbox. */
export function acceptRequest(world: World, { by, thread }: { by: User; thread: Thread }): void {
  thread.pendingFor = thread.pendingFor.filter((pk) => pk !== by.pk)
  world.threads.touch(thread)
}

/** Marks a thread read up to an item; going back changes nothing. */
export function markSeen(
  world: World,
  { by, thread, item, at }: { by: User; thread: Thread; item: Item; at: number },
): void {
  if (seenUs(thread, by.pk) >= item.timestampUs) return
  setSeen(world, by.pk, thread, item)
  world.record({
    at,
    account: by.username,
    kind: 'seen',
    target: targetOf(world, by, thread),
    threadId: thread.id,
    itemId: item.id,
  })
}

export function seenUs(thread: Thread, userPk: string): number {
  return thread.seen[userPk]?.timestampUs ?? 0
}

function addItem(world: World, input: SendAct): Item {
  const { by, thread, at } = input
  thread.lastUs = Math.max(at * 1000, thread.lastUs + 1)
  thread.pendingFor = thread.pendingFor.filter((pk) => pk !== by.pk)
  const item = world.items.put({
    id: newItemId(world, thread.lastUs),
    threadId: thread.id,
    senderPk: by.pk,
    timestampUs: thread.lastUs,
    type: input.type,
    text: input.text,
    payload: input.payload ?? null,
    clientContext: input.clientContext,
    deletedAt: null,
    ...(input.repliedToId === undefined ? {} : { repliedToId: input.repliedToId }),
  })
  setSeen(world, by.pk, thread, item)
  return item
}

function setSeen(world: World, userPk: string, thread: Thread, item: Item): void {
  thread.seen[userPk] = { itemId: item.id, timestampUs: item.timestampUs }
  world.threads.touch(thread)
}

/** What the ledger says of an item whose words are inside its payload, or which has none. */
function captionOf({ type, payload, caption }: SendAct): string {
  const text = payload?.['text']
  return typeof text === 'string' && text !== '' ? text : (caption ?? `[${type}]`)
}

function targetOf(world: World, by: User, thread: Thread): string {
  if (thread.isGroup) return thread.id
  const other = thread.members.find((pk) => pk !== by.pk) ?? by.pk
  return world.userOrThrow(other).username
}
