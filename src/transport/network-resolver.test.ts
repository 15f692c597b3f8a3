import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { expect, it, onTestFinished } from 'vitest'
import { createNetworkResolve } from './network-resolver.ts'

const TYPE_A = 1
const NO_SUCH_NAME = 3

/** A name server that knows `*.fine.test`, says nothing at all about `*.silent.test`, and knows of no other name. */
async function nameServer() {
  const asked: string[] = []
  const socket = createSocket('udp4')
  socket.on('message', (query, { port }) => {
    const { name, type, end } = readQuestion(query)
    asked.push(name)
    if (name.endsWith('.silent.test')) return
    const isKnown = name.endsWith('.fine.test')
    const answers = isKnown && type === TYPE_A ? 1 : 0
    const header = Buffer.alloc(12)
    query.copy(header, 0, 0, 2)
    header.writeUInt16BE(0x8180 | (isKnown ? 0 : NO_SUCH_NAME), 2)
    header.writeUInt16BE(1, 4)
    header.writeUInt16BE(answers, 6)
    // The name by its place in the question, A, IN, a minute, four bytes.
    const record = Buffer.of(0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 203, 0, 113, 7)
    socket.send(Buffer.concat([header, query.subarray(12, end), ...(answers === 1 ? [record] : [])]), port, '127.0.0.1')
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  onTestFinished(() => void socket.close())
  return { server: `127.0.0.1:${socket.address().port}`, asked }
}

function readQuestion(query: Buffer) {
  const labels: string[] = []
  let at = 12
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 }
}

it('answers for one name while the servers of many others say nothing', async () => {
  const { server, asked } = await nameServer()
  const resolve = createNetworkResolve({ servers: [server], otherwise: async () => ['system'] })
  let ended = 0
  const end = () => (ended += 1)
  for (let no = 0; no < 64; no += 1) void resolve(`no${no}.silent.test`).then(end, end)
  while (asked.length < 64) await new Promise((done) => setImmediate(done))
  for (let no = 0; no < 20; no += 1) expect(await resolve(`no${no}.fine.test`)).toEqual(['203.0.113.7'])
  expect(ended).toBe(0)
})

it('asks the system for names that the name servers do not know, such as those of the hosts file', async () => {
  const { server } = await nameServer()
  const resolve = createNetworkResolve({ servers: [server], otherwise: async (name) => [`system:${name}`] })
  expect(await resolve('app.example.test')).toEqual(['system:app.example.test'])
})
