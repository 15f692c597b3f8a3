import { describe, expect, it } from 'vitest'
import { benchPerTest } from './sandbox.fixture.ts'

const bench = benchPerTest()

describe('faults', () => {
  const broadcast = '/api/v1/direct_v2/threads/broadcast/text/'

  async function sendWith(fault: Record<string, unknown>) {
    const client = await bench.now.loggedIn()
    await bench.now.control('POST', 'faults', { account: 'your_instagram_username', kind: 'message', ...fault })
    const pk = bench.now.pkOf('user1')
    return client.raw('POST', broadcast, { recipient_users: `[[${pk}]]`, text: 'hi', client_context: '1' })
  }

  it('close before anything happened, or after it did', async () => {
    expect(await sendWith({ fault: 'drop_before' })).toEqual({ kind: 'closed', tookEffect: false })
    expect(bench.now.ledger('message')).toHaveLength(0)
    expect(await sendWith({ fault: 'drop_after' })).toEqual({ kind: 'closed', tookEffect: true })
    expect(bench.now.ledger('message')).toHaveLength(1)
  })

  it.each([
    ['throttle', { retryAfter: 7 }, { status: 429, headers: { 'retry-after': '7' } }],
    ['feedback_required', {}, { status: 400, body: expect.stringContaining('feedback_required') }],
    ['challenge_required', {}, { status: 400, body: expect.stringContaining('"api_path":"/challenge/') }],
    ['checkpoint_required', {}, { status: 400, body: expect.stringContaining('"checkpoint_url"') }],
    ['login_required', {}, { status: 403, body: expect.stringContaining('login_required') }],
    ['html', {}, { status: 200, body: expect.stringContaining('<html>') }],
    ['status', { code: 503, body: { message: 'x' } }, { status: 503, body: '{"message":"x"}' }],
  ])('say %s without effect', async (fault, more, answer) => {
    expect(await sendWith({ fault, ...more })).toMatchObject({ kind: 'answered', ...answer })
    expect(bench.now.ledger('message')).toHaveLength(0)
  })

  it.each([
    ['truncate', 'truncated'],
    ['empty', 'answered'],
    ['hang', 'delayed'],
  ])('%s after the effect', async (fault, kind) => {
    expect(await sendWith({ fault })).toMatchObject({ kind })
    expect(bench.now.ledger('message')).toHaveLength(1)
  })

  it('let some pass, strike as often as told, and leave others alone', async () => {
    const client = await bench.now.loggedIn()
    const { body } = await bench.now.control('POST', 'faults', {
      fault: 'throttle',
      path: 'likes/*/like',
      skip: 1,
      times: 2,
    })
    const statuses: number[] = []
    for (let time = 0; time < 4; time++) statuses.push((await client.post('/web/likes/media_id/like/', {})).status)
    expect(statuses).toEqual([200, 429, 429, 200])
    expect((await bench.now.control('GET', `faults/${body.id}`)).body).toMatchObject({ applied: 2 })
    expect((await bench.now.control('DELETE', `faults/${body.id}`)).status).toBe(200)
    const { requests } = (await bench.now.control('GET', 'requests?path=likes')).body
    expect(requests.map((entry: { fault: string | null }) => entry.fault)).toEqual([null, 'throttle', 'throttle', null])
  })

  it('rotate the session cookie', async () => {
    const client = await bench.now.loggedIn()
    const before = client.cookies.get('sessionid')
    await bench.now.control('POST', 'faults', { fault: 'rotate_session' })
    expect((await client.get('/api/v1/direct_v2/inbox/')).status).toBe(200)
    expect(client.cookies.get('sessionid')).not.toBe(before)
    expect((await client.get('/api/v1/direct_v2/inbox/')).status).toBe(200)
  })
})
