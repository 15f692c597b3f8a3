import { connect } from 'node:net'
import { ProxyAgent, request } from 'undici'
import { describe, expect, it } from 'vitest'
import { benchPerTest } from './sandbox.fixture.ts'

const bench = benchPerTest()

describe('over HTTP', () => {
  it('is a forward proxy to itself, with the documents’ credentials', async () => {
    const { url } = await bench.now.sandbox.listen()
    const through = async (token: string | null, proxyTunnel: boolean) => {
      const dispatcher = new ProxyAgent({ uri: url, proxyTunnel, ...(token === null ? {} : { token }) })
      return request(`${url}/accounts/login/`, { dispatcher })
        .then(async ({ statusCode, body }) => [statusCode, (await body.text()).includes('loginForm')])
        .catch((error: Error) => error.message)
        .finally(() => dispatcher.close())
    }
    const right = `Basic ${Buffer.from('proxy_user:proxy_pass').toString('base64')}`
    expect(await through(right, true)).toEqual([200, true])
    expect(await through(right, false)).toEqual([200, true])
    expect(await through('Basic d3Jvbmc6d3Jvbmc=', true)).toMatch(/407/)
    expect(await through('Basic d3Jvbmc6d3Jvbmc=', false)).toMatch(/407/)
    expect(await through(null, true)).toMatch(/407/)
  })

  it('is no relay to anywhere else', async () => {
    const { port } = await bench.now.sandbox.listen()
    const right = Buffer.from('proxy_user:proxy_pass').toString('base64')
    const head = (line: string) => `${line} HTTP/1.1\r\nHost: x\r\nProxy-Authorization: Basic ${right}\r\n\r\n`
    expect(await rawly(port, head('CONNECT 127.0.0.1:22'))).toMatch(/^HTTP\/1.1 403/)
    expect(await rawly(port, head('GET http://example.org/'))).toMatch(/^HTTP\/1.1 403/)
    expect(await rawly(port, head(`GET http://127.0.0.1:${port}/_sandbox/state`))).toMatch(/^HTTP\/1.1 403/)
  })

  it('keeps the control face to this machine’s names', async () => {
    const { port } = await bench.now.sandbox.listen()
    expect(await rawly(port, 'GET /_sandbox/state HTTP/1.1\r\nHost: evil.test\r\n\r\n')).toMatch(/^HTTP\/1.1 403/)
    expect(await rawly(port, 'GET /_sandbox/state HTTP/1.1\r\nHost: localhost\r\n\r\n')).toMatch(/^HTTP\/1.1 200/)
  })

  it('serves a picture as example.com', async () => {
    const { port } = await bench.now.sandbox.listen()
    const answer = await rawly(port, 'GET http://example.com/image.jpg HTTP/1.1\r\nHost: example.com\r\n\r\n')
    expect(answer).toMatch(/content-type: image\/jpeg/)
  })

  it('dies in the middle when told to', async () => {
    const { url } = await bench.now.sandbox.listen()
    await bench.now.control('POST', 'faults', { fault: 'truncate', path: '/' })
    await bench.now.control('POST', 'faults', { fault: 'drop_before', path: '/' })
    await expect(request(`${url}/`).then(({ body }) => body.text())).rejects.toThrow()
    await expect(request(`${url}/`)).rejects.toThrow()
    const { statusCode, body } = await request(`${url}/`)
    await body.dump()
    expect(statusCode).toBe(200)
  })
})

/** Sends bytes and gives what comes back until the answer's end or a moment of silence. */
function rawly(port: number, head: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(head))
    socket.once('data', (data) => {
      socket.destroy()
      resolve(data.toString('latin1'))
    })
    socket.once('error', reject)
  })
}
