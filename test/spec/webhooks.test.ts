import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { Webhook } from 'svix'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readDocument } from './document.ts'
import { type ServedGateway, serveGateway } from './served-gateway.ts'

const BASE = '/api/v2/instagram'
const OWNER = 'user123'
/** Enough of them for the slowest reading of an account that nothing happens to. */
const HOURS_MAX = 48

interface Delivered {
  type: string
  username: string
  sequence: number
}

let gateway: ServedGateway
let receiver: Server
let secret = ''
const events: Delivered[] = []

beforeAll(async () => {
  gateway = await serveGateway()
  receiver = createServer(async (request, response) => {
    const body = await text(request)
    new Webhook(secret).verify(body, request.headers as Record<string, string>)
    events.push(JSON.parse(body) as Delivered)
    response.writeHead(204).end()
  })
  receiver.listen(0, '127.0.0.1')
  await once(receiver, 'listening')
})
afterAll(async () => {
  receiver?.close()
  await gateway?.stop()
})

/** `Story reply received` → `story_reply.received`. */
const printedTypes = readDocument('second')
  .statements.filter(({ section, text: said }) => section.endsWith('› Webhooks') && said.endsWith(' received'))
  .map(
    ({ text: said }) =>
      `${said
        .replace(/ received$/, '')
        .toLowerCase()
        .replace(' ', '_')}.received`,
  )

it('tells every kind of notification of its list, signed, and each once', async () => {
  expect(printedTypes).toHaveLength(7)
  const post = (path: string, body: unknown) => gateway.call({ method: 'POST', path: BASE + path, body })
  await post('/login', { username: OWNER, password: `${OWNER}_password` })
  const address = receiver.address() as AddressInfo
  const made = await post('/webhooks', { url: `http://127.0.0.1:${address.port}/hook`, events: printedTypes })
  secret = (made.body['data'] as { secret: string }).secret
  // What is there when the account is first read is no news.
  for (let hour = 0; hour < 2; hour++) await gateway.advance(3_600_000)

  const { sandbox } = gateway
  const { media } = (await sandbox.call('POST', '/media', [
    { owner: OWNER, kind: 'post' },
    { owner: OWNER, kind: 'story' },
  ])) as { media: { id: string }[] }
  const [postId, storyId] = media.map(({ id }) => id)
  const act = (what: Record<string, unknown>) => sandbox.call('POST', '/act', { as: 'target_user', ...what })
  await act({ do: 'message', to: OWNER, text: 'Hello!' })
  await act({ do: 'story_reply', mediaId: storyId, text: 'Nice story' })
  await act({ do: 'comment', mediaId: postId, text: 'Nice post' })
  await act({ do: 'like', mediaId: postId })
  await act({ do: 'follow', to: OWNER })
  await act({ do: 'mention', to: OWNER, text: `Look, @${OWNER}` })
  const told = () => events.map(({ type }) => type).sort()
  const until = async (types: readonly string[]) => {
    for (let hour = 0; hour < HOURS_MAX && types.some((type) => !told().includes(type)); hour++) {
      await gateway.advance(3_600_000)
    }
  }
  await until(printedTypes.filter((type) => type !== 'unfollow.received'))
  await act({ do: 'unfollow', to: OWNER })
  await until(printedTypes)
  expect(told()).toEqual(printedTypes.toSorted())
  expect(new Set(events.map(({ username }) => username))).toEqual(new Set([OWNER]))
})
