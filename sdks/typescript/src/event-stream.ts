import type { ServerEvent } from './call.ts'

const RECONNECT_MS = 3_000

/**
 * The events of a server-sent stream. When the connection ends, `connect` is asked for another one, with the id of the last
 * event, so that none is missed; null from it ends the iteration. Leaving the loop closes the connection.
 */
export async function* followEvents<T>(
  connect: (lastEventId: string | undefined) => Promise<ReadableStream<Uint8Array> | null>,
  sleep: (ms: number) => Promise<void>,
): AsyncGenerator<ServerEvent<T>, void, void> {
  const parser = new EventParser()
  for (;;) {
    const body = await connect(parser.lastEventId)
    if (body === null) return
    yield* readBody<T>(body, parser)
    await sleep(parser.reconnectMs)
  }
}

async function* readBody<T>(
  body: ReadableStream<Uint8Array>,
  parser: EventParser,
): AsyncGenerator<ServerEvent<T>, void, void> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  parser.begin()
  try {
    for (;;) {
      // A broken connection is an end like any other: what is missing comes after the next `connect`.
      const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }))
      if (done || value === undefined) return
      for (const event of parser.push(decoder.decode(value, { stream: true }))) yield event as ServerEvent<T>
    }
  } finally {
    await reader.cancel().catch(() => {})
  }
}

/** The format of https://html.spec.whatwg.org/multipage/server-sent-events.html, over any split into chunks. */
export class EventParser {
  lastEventId: string | undefined
  reconnectMs = RECONNECT_MS
  #rest = ''
  #type = ''
  #data: string[] = []
  #id: string | undefined

  /** A new connection: what was left of the last one never became an event. */
  begin(): void {
    this.#rest = ''
    this.#endEvent()
  }

  push(chunk: string): ServerEvent<unknown>[] {
    this.#rest += chunk
    const events: ServerEvent<unknown>[] = []
    for (;;) {
      const end = /\r\n|\n|\r(?!$)/.exec(this.#rest)
      if (end === null) return events
      const line = this.#rest.slice(0, end.index)
      this.#rest = this.#rest.slice(end.index + end[0].length)
      if (line !== '') this.#field(line)
      else this.#finish(events)
    }
  }

  #field(line: string): void {
    const colon = line.indexOf(':')
    if (colon === 0) return
    const name = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (name === 'event') this.#type = value
    else if (name === 'data') this.#data.push(value)
    else if (name === 'id' && !value.includes('\0')) this.#id = value
    else if (name === 'retry' && /^\d+$/.test(value)) this.reconnectMs = Number(value)
  }

  #finish(events: ServerEvent<unknown>[]): void {
    this.lastEventId = this.#id ?? this.lastEventId
    if (this.#data.length > 0) {
      const data: unknown = JSON.parse(this.#data.join('\n'))
      events.push({ id: this.lastEventId ?? '', type: this.#type === '' ? 'message' : this.#type, data })
    }
    this.#endEvent()
  }

  #endEvent(): void {
    this.#type = ''
    this.#data = []
    this.#id = undefined
  }
}
