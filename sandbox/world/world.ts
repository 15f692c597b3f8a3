import type {
  Checkpoint,
  Comment,
  EffectKind,
  Follow,
  Item,
  LedgerEntry,
  Like,
  Media,
  Meta,
  Notice,
  PendingLogin,
  Plan,
  Session,
  StoryView,
  Thread,
  Upload,
  User,
} from './records.ts'
import { entryOf, Table } from './table.ts'

/** A change as the journal keeps it: table, key, and the record or null for gone. */
export type Change = [table: string, key: string, record: unknown]

/**
 * Everything the simulated Instagram knows: tables of plain records, and the indexes over them. Loading a journal and
 * acting go through the same `put`, so the indexes cannot drift from the records.
 */
export class World {
  readonly #changes = new Map<string, Set<string>>()
  readonly #onChange: (() => void) | null
  /** Told of every effect as it takes place; never of one that was read back from the journal. */
  onEffect: ((entry: LedgerEntry) => void) | null = null

  readonly #byName = new Map<string, User>()
  readonly #byUserAlias = new Map<string, User>()
  readonly #byMediaAlias = new Map<string, Media>()
  readonly #mediaByOwner = new Map<string, Media[]>()
  readonly #likes = new Map<string, Map<string, Like>>()
  readonly #comments = new Map<string, Comment[]>()
  readonly #commentByToken = new Map<string, Comment>()
  readonly #followers = new Map<string, Map<string, Follow>>()
  readonly #following = new Map<string, Map<string, Follow>>()
  readonly #requests = new Map<string, Map<string, Follow>>()
  readonly #threadsOf = new Map<string, Set<Thread>>()
  readonly #threadByMembers = new Map<string, Thread>()
  readonly #items = new Map<string, Item[]>()
  readonly #itemByToken = new Map<string, Item>()
  readonly #notices = new Map<string, Notice[]>()
  readonly #effects = new Map<string, LedgerEntry[]>()
  readonly #entryByItem = new Map<string, number>()
  readonly #approvals = new Set<string>()

  readonly users = this.#table<User>('users', (user) => user.pk, {
    added: (user) => {
      this.#byName.set(user.username, user)
      for (const alias of user.aliases) this.#byUserAlias.set(alias, user)
    },
    removed: (user) => {
      this.#byName.delete(user.username)
      for (const alias of user.aliases) this.#byUserAlias.delete(alias)
    },
  })
  readonly sessions = this.#table<Session>('sessions', (session) => session.sessionid)
  readonly pendingLogins = this.#table<PendingLogin>('pendingLogins', (login) => login.identifier)
  readonly checkpoints = this.#table<Checkpoint>('checkpoints', (checkpoint) => checkpoint.token, {
    added: (checkpoint) => {
      if (checkpoint.approvedAt !== null) this.#approvals.add(`${checkpoint.userPk} ${checkpoint.mid}`)
    },
  })
  readonly media = this.#table<Media>('media', (media) => media.pk, {
    added: (media) => {
      for (const alias of [media.code, ...media.aliases]) this.#byMediaAlias.set(alias, media)
      if (media.deletedAt === null) entryOf(this.#mediaByOwner, media.ownerPk, newList<Media>).push(media)
    },
    removed: (media) => removeFrom(this.#mediaByOwner.get(media.ownerPk), media),
  })
  readonly likes = this.#table<Like>('likes', (like) => `${like.mediaPk} ${like.userPk}`, {
    added: (like) => entryOf(this.#likes, like.mediaPk, newMap<Like>).set(like.userPk, like),
    removed: (like) => this.#likes.get(like.mediaPk)?.delete(like.userPk),
  })
  readonly uploads = this.#table<Upload>('uploads', (upload) => `${upload.userPk} ${upload.id}`)
  readonly storyViews = this.#table<StoryView>('storyViews', (view) => `${view.mediaPk} ${view.userPk}`)
  readonly comments = this.#table<Comment>('comments', (comment) => comment.pk, {
    added: (comment) => {
      if (comment.token !== null) this.#commentByToken.set(`${comment.userPk} ${comment.token}`, comment)
      if (comment.deletedAt === null) entryOf(this.#comments, comment.mediaPk, newList<Comment>).push(comment)
    },
    removed: (comment) => removeFrom(this.#comments.get(comment.mediaPk), comment),
  })
  readonly follows = this.#table<Follow>('follows', (follow) => `${follow.fromPk} ${follow.toPk}`, {
    added: (follow) => {
      if (follow.state === 'requested') {
        entryOf(this.#requests, follow.toPk, newMap<Follow>).set(follow.fromPk, follow)
        return
      }
      entryOf(this.#followers, follow.toPk, newMap<Follow>).set(follow.fromPk, follow)
      entryOf(this.#following, follow.fromPk, newMap<Follow>).set(follow.toPk, follow)
    },
    removed: (follow) => {
      this.#requests.get(follow.toPk)?.delete(follow.fromPk)
      this.#followers.get(follow.toPk)?.delete(follow.fromPk)
      this.#following.get(follow.fromPk)?.delete(follow.toPk)
    },
  })
  readonly threads = this.#table<Thread>('threads', (thread) => thread.id, {
    added: (thread) => {
      for (const member of thread.members) entryOf(this.#threadsOf, member, () => new Set<Thread>()).add(thread)
      this.#threadByMembers.set(thread.members.join(), thread)
    },
  })
  readonly items = this.#table<Item>('items', (item) => item.id, {
    added: (item) => {
      if (item.clientContext !== null) {
        this.#itemByToken.set(`${item.senderPk} ${item.threadId} ${item.clientContext}`, item)
      }
      if (item.deletedAt === null) entryOf(this.#items, item.threadId, newList<Item>).push(item)
    },
    removed: (item) => removeFrom(this.#items.get(item.threadId), item),
  })
  readonly notices = this.#table<Notice>('notices', (notice) => notice.pk, {
    added: (notice) => entryOf(this.#notices, notice.toPk, newList<Notice>).push(notice),
    removed: (notice) => removeFrom(this.#notices.get(notice.toPk), notice),
  })
  readonly ledger = this.#table<LedgerEntry>('ledger', (entry) => String(entry.no), {
    added: (entry) => {
      if (entry.duplicateOf !== undefined) return
      entryOf(this.#effects, `${entry.account} ${entry.kind}`, newList<LedgerEntry>).push(entry)
      if (entry.itemId !== undefined && entry.kind !== 'unsend') this.#entryByItem.set(entry.itemId, entry.no)
    },
  })
  readonly plans = this.#table<Plan>('plans', (plan) => plan.id)
  readonly #meta = this.#table<Meta>('meta', () => 'meta')

  readonly #tables: Record<string, Loadable>

  /**
   * `onChange` is called on the first change after `takeChanges`, so that the journal can plan its next write; without
   * it changes are not remembered.
   */
  constructor(onChange: (() => void) | null = null) {
    this.#onChange = onChange
    const tables = [
      this.#meta,
      this.users,
      this.sessions,
      this.pendingLogins,
      this.checkpoints,
      this.media,
      this.likes,
      this.uploads,
      this.storyViews,
      this.comments,
      this.follows,
      this.threads,
      this.items,
      this.notices,
      this.ledger,
      this.plans,
    ]
    // Records come back from our own journal, whose header names the version: their type is the table's.
    this.#tables = Object.fromEntries(tables.map((table) => [table.name, table as unknown as Loadable]))
  }

  get meta(): Meta {
    const meta = this.#meta.get('meta')
    if (meta === undefined) throw new Error('the world has not been seeded')
    return meta
  }

  get isEmpty(): boolean {
    return this.#meta.size === 0
  }

  /** Empties the world and says what it starts from. */
  begin(meta: Meta): void {
    for (const table of Object.values(this.#tables)) table.clear()
    for (const index of this.#indexes()) index.clear()
    this.#meta.put(meta)
  }

  /** The next number of the world's one counter. */
  count(): number {
    const meta = this.meta
    meta.counter++
    this.#meta.touch(meta)
    return meta.counter
  }

  /** Says that product time has come this far, for a clock that starts again with this world. */
  reach(instant: number): void {
    const meta = this.meta
    meta.reachedAt = Math.max(meta.reachedAt, instant)
    this.#meta.touch(meta)
  }

  keepPasswordKey(pem: string): void {
    this.meta.passwordKey = pem
    this.#meta.touch(this.meta)
  }

  // People

  userNamed(username: string): User | undefined {
    return this.#byName.get(username.toLowerCase())
  }

  /** By platform id, or by an id in the documents' form. */
  user(id: string): User | undefined {
    return this.users.get(id) ?? this.#byUserAlias.get(id)
  }

  /** By id, alias or username: for the control face, whose callers write whatever they know. */
  person(reference: string): User | undefined {
    return this.userNamed(reference) ?? this.user(reference)
  }

  userOrThrow(pk: string): User {
    const user = this.users.get(pk)
    if (user === undefined) throw new Error(`the world has no user ${pk}`)
    return user
  }

  follow(fromPk: string, toPk: string): Follow | undefined {
    return this.follows.get(`${fromPk} ${toPk}`)
  }

  isFollowing(fromPk: string, toPk: string): boolean {
    return this.follow(fromPk, toPk)?.state === 'following'
  }

  followersOf(pk: string): ReadonlyMap<string, Follow> {
    return this.#followers.get(pk) ?? EMPTY
  }

  followingOf(pk: string): ReadonlyMap<string, Follow> {
    return this.#following.get(pk) ?? EMPTY
  }

  requestsTo(pk: string): ReadonlyMap<string, Follow> {
    return this.#requests.get(pk) ?? EMPTY
  }

  hasApproved(userPk: string, mid: string): boolean {
    return this.#approvals.has(`${userPk} ${mid}`)
  }

  // Media

  /** By pk, `<pk>_<owner>`, shortcode, or an id in the documents' form. Deleted media are found too. */
  mediaBy(id: string): Media | undefined {
    const found = this.media.get(id) ?? this.#byMediaAlias.get(id)
    if (found !== undefined) return found
    const cut = id.indexOf('_')
    return cut > 0 ? this.media.get(id.slice(0, cut)) : undefined
  }

  /** Oldest first; without the deleted. */
  mediaOf(ownerPk: string): readonly Media[] {
    return this.#mediaByOwner.get(ownerPk) ?? []
  }

  likesOf(mediaPk: string): ReadonlyMap<string, Like> {
    return this.#likes.get(mediaPk) ?? EMPTY
  }

  /** Oldest first; without the deleted. */
  commentsOf(mediaPk: string): readonly Comment[] {
    return this.#comments.get(mediaPk) ?? []
  }

  commentByToken(userPk: string, token: string): Comment | undefined {
    return this.#commentByToken.get(`${userPk} ${token}`)
  }

  // Direct messages

  threadsOf(pk: string): ReadonlySet<Thread> {
    return this.#threadsOf.get(pk) ?? NO_THREADS
  }

  threadBetween(members: string[]): Thread | undefined {
    return this.#threadByMembers.get(membersKey(members))
  }

  /** Oldest first; without the unsent. */
  itemsOf(threadId: string): readonly Item[] {
    return this.#items.get(threadId) ?? []
  }

  itemByToken(senderPk: string, threadId: string, clientContext: string): Item | undefined {
    return this.#itemByToken.get(`${senderPk} ${threadId} ${clientContext}`)
  }

  noticesOf(pk: string): readonly Notice[] {
    return this.#notices.get(pk) ?? []
  }

  // Ledger

  record(entry: Omit<LedgerEntry, 'no'>): LedgerEntry {
    const meta = this.meta
    meta.ledgerNo++
    this.reach(entry.at)
    const recorded = this.ledger.put({ no: meta.ledgerNo, ...entry })
    this.onEffect?.(recorded)
    return recorded
  }

  ledgerNoOfItem(itemId: string): number | undefined {
    return this.#entryByItem.get(itemId)
  }

  /** Effects of one account and kind, oldest first, without recognised repeats. */
  effectsOf(username: string, kind: EffectKind): readonly LedgerEntry[] {
    return this.#effects.get(`${username} ${kind}`) ?? []
  }

  // Journal

  /** Everything, as changes from nothing. */
  dump(): Change[] {
    const changes: Change[] = []
    for (const table of Object.values(this.#tables)) {
      for (const record of table.values()) changes.push([table.name, table.keyFor(record), record])
    }
    return changes
  }

  apply(changes: Iterable<Change>): void {
    for (const [name, key, record] of changes) {
      const table = this.#tables[name]
      if (table === undefined) continue
      if (record === null) table.delete(key)
      else table.put(record)
    }
  }

  /** What changed since the last call, newest state of each record once. */
  takeChanges(): Change[] {
    const changes: Change[] = []
    for (const [name, keys] of this.#changes) {
      const table = this.#tables[name]
      for (const key of keys) changes.push([name, key, table?.get(key) ?? null])
    }
    this.#changes.clear()
    return changes
  }

  /** Puts changes back that could not be written. */
  restoreChanges(changes: Iterable<Change>): void {
    for (const [name, key] of changes) this.#note(name, key)
  }

  #note(table: string, key: string): void {
    if (this.#onChange === null) return
    if (this.#changes.size === 0) this.#onChange()
    entryOf(this.#changes, table, () => new Set<string>()).add(key)
  }

  #table<R>(name: string, keyOf: (record: R) => string, index?: ConstructorParameters<typeof Table<R>>[3]): Table<R> {
    return new Table<R>(name, keyOf, (table, key) => this.#note(table, key), index)
  }

  #indexes(): { clear(): void }[] {
    return [
      this.#byName,
      this.#byUserAlias,
      this.#byMediaAlias,
      this.#mediaByOwner,
      this.#likes,
      this.#comments,
      this.#commentByToken,
      this.#followers,
      this.#following,
      this.#requests,
      this.#threadsOf,
      this.#threadByMembers,
      this.#items,
      this.#itemByToken,
      this.#notices,
      this.#effects,
      this.#entryByItem,
      this.#approvals,
    ]
  }
}

/** One-to-one threads and groups alike are found by exactly who is in them. */
function membersKey(members: string[]): string {
  return sortedMembers(members).join()
}

export function sortedMembers(members: string[]): string[] {
  return [...new Set(members)].sort()
}

interface Loadable {
  name: string
  get(key: string): unknown
  put(record: unknown): unknown
  delete(key: string): void
  values(): IterableIterator<unknown>
  keyFor(record: unknown): string
  clear(): void
}

const EMPTY: ReadonlyMap<string, never> = new Map<string, never>()
const NO_THREADS: ReadonlySet<Thread> = new Set()

function newList<T>(): T[] {
  return []
}

function newMap<T>(): Map<string, T> {
  return new Map()
}

function removeFrom<T>(list: T[] | undefined, entry: T): void {
  const at = list?.lastIndexOf(entry) ?? -1
  if (at >= 0) list?.splice(at, 1)
}
