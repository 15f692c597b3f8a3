import type { FastifyReply } from 'fastify'
import type { Clock, Timer } from '../core/clock.ts'

/** How long a proxy may believe a silent connection dead. */
const HEARTBEAT_MS = 15_000
/** A reader this far behind is cut off instead of buffered for; it comes back with the id of the last event it got. */
const BEHIND_BYTES_MAX = 1024 * 1024
const BEHIND_MS_MAX = 30_000
/** Until a browser whose connection broke connects again. */
const RECONNECT_MS = 3_000
const STREAMS_PER_USER_MAX = 50

export interface SseEvent {
  /** What `Last-Event-ID` will say after this event; one line. */
  id: string
  /** Of a closed list, so one line. */
  type: string
  data: unknown
}

/** One client's stream of events, as the route that feeds it sees it. */
export interface SseStream {
  /** Aborted when it is over: the client left or was cut off, its token expired, or the server drains. */
  readonly signal: AbortSignal
  /** Does nothing once it is over. */
  send(event: SseEvent): void
  /** Resolves once what was sent has been taken by the connection, or it is over. For feeds that have much to tell. */
  drained(): Promise<void>
}

/** Feeds a stream; it ends when this resolves. `stream.signal` tells it to come to an end. */
export type FeedStream = (stream: SseStream) => Promise<void>

export const SSE_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
}

type Response = FastifyReply['raw']

interface StreamDeps {
  clock: Clock
  drainSignal: AbortSignal
  /** Epoch milliseconds of machine time at which the client's token ends; undefined = it has none. */
  expiresAtWall: number | undefined
}

/**
 * Serves a stream over a response whose head has been written, until the feed ends, the client leaves or falls behind, its
 * token expires, or the server drains. Rejects with what `feed` threw, after the connection was closed.
 */
export async function serveStream(
  { clock, drainSignal, expiresAtWall }: StreamDeps,
  response: Response,
  feed: FeedStream,
): Promise<void> {
  const stream = new ResponseStream({ clock, drainSignal }, response)
  // A stream reaches no further than a request of the same client would.
  const expiry = expiresAtWall === undefined ? null : clock.after(expiresAtWall - clock.wall(), stream.end)
  try {
    await feed(stream)
  } finally {
    expiry?.cancel()
    stream.end()
  }
}

class ResponseStream implements SseStream {
  readonly #clock: Clock
  readonly #drainSignal: AbortSignal
  readonly #response: Response
  readonly #over = new AbortController()
  #heartbeat: Timer | null = null
  #behind: Timer | null = null

  constructor({ clock, drainSignal }: { clock: Clock; drainSignal: AbortSignal }, response: Response) {
    this.#clock = clock
    this.#drainSignal = drainSignal
    this.#response = response
    response.on('close', this.end)
    response.on('error', this.end)
    response.on('drain', this.#caughtUp)
    drainSignal.addEventListener('abort', this.end)
    this.#write(`retry: ${RECONNECT_MS}\n\n`)
    this.#beat()
    if (drainSignal.aborted || response.destroyed) this.end()
  }

  get signal(): AbortSignal {
    return this.#over.signal
  }

  send({ id, type, data }: SseEvent): void {
    this.#write(`id: ${oneLine(id)}\nevent: ${oneLine(type)}\ndata: ${JSON.stringify(data)}\n\n`)
  }

  async drained(): Promise<void> {
    if (this.#over.signal.aborted || !this.#response.writableNeedDrain) return
    await new Promise<void>((resolve) => {
      this.#response.once('drain', resolve)
      this.#over.signal.addEventListener('abort', () => resolve(), { once: true })
    })
  }

  /** Once and for all; also called by whatever happens to the connection. */
  readonly end = (): void => {
    if (this.#over.signal.aborted) return
    this.#heartbeat?.cancel()
    this.#behind?.cancel()
    this.#drainSignal.removeEventListener('abort', this.end)
    this.#over.abort()
    if (!this.#response.destroyed) this.#response.end()
  }

  #write(text: string): void {
    if (this.#over.signal.aborted) return
    const isTaken = this.#response.write(text)
    if (isTaken) return
    if (this.#response.writableLength > BEHIND_BYTES_MAX) this.#cut()
    else this.#behind ??= this.#clock.after(BEHIND_MS_MAX, () => this.#cut())
  }

  readonly #caughtUp = (): void => {
    this.#behind?.cancel()
    this.#behind = null
  }

  /** What is buffered is thrown away: its reader would get it too late. */
  #cut(): void {
    this.#response.destroy()
    this.end()
  }

  #beat(): void {
    this.#heartbeat = this.#clock.after(HEARTBEAT_MS, () => {
      this.#write(': \n\n')
      if (!this.#over.signal.aborted) this.#beat()
    })
  }
}

/** A line break in an id or a type would begin a field of its own. */
function oneLine(text: string): string {
  if (/[\r\n\0]/.test(text)) throw new Error('An event id or type must be one line.')
  return text
}

/** Open streams of each user in this process. */
export class StreamSlots {
  readonly #open = new Map<string, number>()

  /** Returns what frees the slot; null when the user has as many as one may have. */
  take(userId: string): (() => void) | null {
    const count = this.#open.get(userId) ?? 0
    if (count >= STREAMS_PER_USER_MAX) return null
    this.#open.set(userId, count + 1)
    return () => {
      const left = (this.#open.get(userId) ?? 1) - 1
      if (left === 0) this.#open.delete(userId)
      else this.#open.set(userId, left)
    }
  }
}
