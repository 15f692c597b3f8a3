import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface ReceivedWebhook {
  headers: IncomingHttpHeaders
  body: string
}

/** Somebody's server on loopback, which remembers what it said yes to. */
export interface WebhookReceiver {
  readonly url: string
  readonly accepted: ReceivedWebhook[]
  /** Everything that came, accepted or not. */
  readonly asked: number
  /** Answers with a status, or as it likes; 204 by default. */
  answer: number | ((response: ServerResponse) => void)
  close(): Promise<void>
}

export async function startWebhookReceiver(): Promise<WebhookReceiver> {
  const accepted: ReceivedWebhook[] = []
  let asked = 0
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      asked += 1
      const { answer } = receiver
      if (typeof answer === 'function') return answer(response)
      if (answer < 300) accepted.push({ headers: request.headers, body: Buffer.concat(chunks).toString() })
      response.writeHead(answer).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const receiver: WebhookReceiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    accepted,
    get asked() {
      return asked
    },
    answer: 204,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return receiver
}
