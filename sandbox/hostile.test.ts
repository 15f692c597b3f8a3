import fc from 'fast-check'
import { expect, it } from 'vitest'
import { benchPerTest } from './sandbox.fixture.ts'

const bench = benchPerTest()

const words = [
  ...[
    'api',
    'v1',
    'web',
    'accounts',
    'login',
    'ajax',
    'two_factor',
    'users',
    'info',
    'friendships',
    'create',
    'show_many',
  ],
  ...[
    'followers',
    'media',
    'like',
    'comment',
    'comments',
    'direct_v2',
    'threads',
    'broadcast',
    'text',
    'inbox',
    'items',
  ],
  ...[
    'news',
    'challenge',
    'target456',
    'post789',
    '_sandbox',
    'act',
    'faults',
    'ledger',
    '..',
    '%',
    '%00',
    '%F0',
    '-1',
  ],
]
const fields = ['recipient_users', 'thread_ids', 'text', 'client_context', 'comment_text', 'signed_body', 'username']
const values = [
  '',
  '[',
  '[[',
  '[[1]]',
  '{}',
  '["target456"]',
  'SIG.{"a":',
  '#PWD_X:4:1:AAAA',
  '\u0000',
  '\ud800',
  '[[["user1"]]]',
]

const anyRequest = fc.record({
  method: fc.constantFrom('GET', 'POST', 'DELETE'),
  path: fc.array(fc.constantFrom(...words), { maxLength: 7 }),
  isApi: fc.boolean(),
  host: fc.constantFrom('localhost', 'i.instagram.com', 'example.org'),
  type: fc.constantFrom('application/x-www-form-urlencoded', 'application/json', 'multipart/form-data; boundary=x', ''),
  pairs: fc.array(fc.tuple(fc.constantFrom(...fields), fc.constantFrom(...values)), { maxLength: 4 }),
  raw: fc.option(fc.string()),
})

it('answers whatever comes, and is never at a loss', async () => {
  const client = await bench.now.loggedIn()
  const cookie = [...client.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  const check = fc.asyncProperty(anyRequest, async ({ method, path, isApi, host, type, pairs, raw }) => {
    const query = new URLSearchParams(pairs).toString()
    const answer = await bench.now.sandbox.handle({
      method,
      url: `${isApi ? '/api/v1' : ''}/${path.join('/')}?${query}`,
      headers: {
        cookie,
        host,
        'content-type': type,
        'x-csrftoken': client.cookies.get('csrftoken'),
        'x-ig-app-id': '1',
      },
      body: raw ?? query,
    })
    expect(answer.kind === 'answered' && answer.status < 500).toBe(true)
  })
  await fc.assert(check, { numRuns: 1500 })
})

it.each([
  ['direct_v2/inbox/', { cursor: '__' }],
  ['direct_v2/inbox/', { limit: '-5' }],
  ['direct_v2/threads/get_by_participants/', { recipient_users: '[['.repeat(100_000) }],
  ['friendships/target456/followers/', { max_id: 'NaN' }],
  ['media/post789/comments/', { min_id: '{' }],
])('reads %s with nonsense in its query', async (path, query) => {
  const client = await bench.now.loggedIn()
  const { status } = await client.get(`/api/v1/${path}?${new URLSearchParams(query)}`)
  expect(status).toBeLessThan(500)
})
