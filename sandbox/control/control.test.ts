import { describe, expect, it } from 'vitest'
import { benchPerTest } from '../sandbox.fixture.ts'

const bench = benchPerTest()

describe('the control face', () => {
  it.each([
    ['users', [{ username: 'bad name' }], '[0].username'],
    ['users', [{ username: 'a', colour: 'red' }], '[0].colour'],
    ['users', [{ username: 'a', twoFactor: { method: 'sms' } }], '[0].twoFactor.code'],
    ['media', [{ owner: 'nobody_here' }], '[0].owner'],
    ['act', { as: 'user1', do: 'dance' }, 'do'],
    ['act', { as: 'user1', do: 'message', to: 'user2', with: ['nobody_here'] }, 'with'],
    ['act', { as: 'user1', do: 'message', to: 'user2', request: 'yes' }, 'request'],
    ['act', { as: 'user1', do: 'like', mediaId: 'post789', with: ['user2'] }, 'with'],
    ['act', { as: 'user1', do: 'unsend', to: 'user3' }, 'to'],
    ['act', { as: 'user1', do: 'accept', to: 'user3' }, 'to'],
    ['act', { as: 'user1', do: 'like', mediaId: 'none' }, 'mediaId'],
    ['faults', { fault: 'status', code: 'x' }, 'code'],
    ['faults', { fault: 'drop_before', effect: true }, 'effect'],
    ['clock', {}, 'advanceMs'],
    ['clock', { now: 1 }, 'now'],
    ['reset', { seed: -1 }, 'seed'],
    ['seeded-run', {}, 'seed'],
  ])('answers %s %j with the name of the wrong field', async (path, body, field) => {
    const before = bench.now.sandbox.snapshot()
    const answer = await bench.now.control('POST', path, body)
    expect(answer).toMatchObject({ status: 400, body: { field, error: expect.stringContaining(field) } })
    expect(bench.now.sandbox.snapshot()).toBe(before)
  })

  it('adds people and media that can be used at once', async () => {
    const people = [
      { username: 'North.Lamp', id: '70011223344', password: 'pw', followers: 3 },
      { username: 'login_required', id: 'user_77', followers: ['user1'] },
    ]
    expect((await bench.now.control('POST', 'users', people)).body.users).toMatchObject([
      { id: '70011223344', username: 'north.lamp' },
      { id: 'user_77', username: 'login_required' },
    ])
    const media = (await bench.now.control('POST', 'media', [{ owner: 'north.lamp', id: 'post_x', kind: 'reel' }])).body
      .media
    const client = bench.now.client()
    expect((await client.logIn('north.lamp', 'pw')).body.userId).toBe('70011223344')
    const info = (await client.get('/api/v1/media/post_x/info/')).body.items[0]
    expect(info).toMatchObject({ pk: media[0].pk, code: media[0].shortcode, product_type: 'clips' })
  })

  it('writes requests, to groups, and takes messages back, as people do in the app', async () => {
    const act = async (body: Record<string, unknown>) =>
      (await bench.now.control('POST', 'act', body)).body.effects as { threadId: string; itemId: string }[]
    const client = await bench.now.loggedIn()
    const threadsIn = async (folder: string) =>
      (await client.get(`/api/v1/direct_v2/${folder}/`)).body.inbox.threads as {
        thread_title: string
        is_group: boolean
        items: { item_id: string; text: string }[]
      }[]
    const own = 'your_instagram_username'
    await act({ as: 'user1', do: 'message', to: own, request: true, text: 'May I?' })
    expect(await threadsIn('pending_inbox')).toMatchObject([{ items: [{ text: 'May I?' }] }])
    expect(await threadsIn('inbox')).toEqual([])
    await act({ as: own, do: 'accept', to: 'user1' })
    expect(await threadsIn('inbox')).toMatchObject([{ items: [{ text: 'May I?' }] }])

    const group = { with: ['user2'], title: 'Plans' }
    const [first] = await act({ as: 'user1', do: 'message', to: own, ...group, text: 'Hi' })
    await act({ as: own, do: 'message', to: 'user1', with: ['user2'], text: 'Hello' })
    const [plans] = await threadsIn('inbox')
    expect(plans).toMatchObject({ thread_title: 'Plans', is_group: true, items: [{ text: 'Hello' }, { text: 'Hi' }] })

    await act({ as: own, do: 'unsend', to: 'user1', with: ['user2'] })
    await act({ as: 'user1', do: 'unsend', to: own, with: ['user2'], itemId: first?.itemId })
    expect((await threadsIn('inbox'))[0]).toMatchObject({ thread_title: 'Plans', items: [] })
    const again = { as: 'user1', do: 'unsend', to: own, with: ['user2'], itemId: first?.itemId }
    expect(await bench.now.control('POST', 'act', again)).toMatchObject({ status: 400, body: { field: 'itemId' } })
  })

  it('shows the ledger from a number on', async () => {
    await bench.now.control('POST', 'act', { as: 'user1', do: 'message', to: 'user2', times: 3, text: 'hey' })
    const { entries } = (await bench.now.control('GET', 'ledger?account=user1&kind=message&after=1&limit=1')).body
    expect(entries).toMatchObject([{ no: 2, account: 'user1', target: 'user2', text: 'hey (2)' }])
    expect((await bench.now.control('GET', 'ledger?after=x')).body.field).toBe('after')
  })

  it('keeps secrets out of the request log', async () => {
    await bench.now.loggedIn()
    const log = JSON.stringify((await bench.now.control('GET', 'requests')).body)
    expect(log).toContain('your_instagram_username')
    expect(log).not.toContain('your_instagram_password')
  })
})
