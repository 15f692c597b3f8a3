export interface ReadEvent {
  id: string
  type: string
  data: Record<string, unknown>
}

/** One open stream of server-sent events. */
export interface EventStreamClient {
  /** Everything that arrived. */
  readonly events: ReadEvent[]
  /** Resolves once `events` holds this many, or the stream has ended. */
  received(count: number): Promise<void>
  /** Breaks the connection as a lost network does. */
  cut(): void
  /** Resolves when the stream is over, by whomever. */
  readonly ended: Promise<void>
}

/** Opens a stream; rejects with the status and the body when it is refused. */
export async function openEventStream(url: string, headers: Record<string, string> = {}): Promise<EventStreamClient> {
  const broken = new AbortController()
  const response = await fetch(url, { headers, signal: broken.signal })
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`)
  const events: ReadEvent[] = []
  let changed = Promise.withResolvers<void>()
  let isOver = false
  const ring = () => {
    changed.resolve()
    changed = Promise.withResolvers()
  }
  const read = async () => {
    let text = ''
    const decoder = new TextDecoder()
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      text += decoder.decode(chunk, { stream: true })
      const blocks = text.split('\n\n')
      text = blocks.pop() as string
      for (const block of blocks) {
        const event = parse(block)
        if (event !== null) events.push(event)
      }
      ring()
    }
  }
  const ended = read()
    .catch(() => {})
    .finally(() => {
      isOver = true
      ring()
    })
  return {
    events,
    ended,
    cut: () => broken.abort(),
    async received(count) {
      while (events.length < count && !isOver) await changed.promise
    },
  }
}

/** Null for comments and for `retry`. */
function parse(block: string): ReadEvent | null {
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1]
  const data = field('data')
  if (data === undefined) return null
  return { id: field('id') ?? '', type: field('event') ?? '', data: JSON.parse(data) as Record<string, unknown> }
}
