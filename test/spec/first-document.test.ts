import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { InstagramConfig } from '../../src/library/config.ts'
import { parseCommentedJson, readDocument } from './document.ts'
import { hasPythonRequests, PYTHON, PYTHON_SDK, type ServedGateway, serveGateway } from './served-gateway.ts'

const document = readDocument('first')

/** The program that a section prints, if it prints one. */
function program(section: string): string {
  const fence = document.fences.find((one) => one.section.endsWith(section) && one.language === 'python')
  if (fence === undefined) throw new Error(`the document prints no program under ${section}`)
  return fence.code
}

const SESSION_EXAMPLE = program('InstagramSession')
/** What the manager's example leaves out (`create_session(...)`) are the arguments of the example before it. */
const SESSION_ARGUMENTS = SESSION_EXAMPLE.slice(SESSION_EXAMPLE.indexOf('('))
const MANAGER_EXAMPLE = program('InstagramSessionManager').replace('(...)', SESSION_ARGUMENTS)

describe('the first document, executed', () => {
  let gateway: ServedGateway

  beforeAll(async () => {
    gateway = await serveGateway()
  })
  afterAll(() => gateway?.stop())

  const ledger = (kind: string) => gateway.sandbox.ledger('user123', kind)

  /** Runs a Python program with the gateway's clients, and gives the JSON that it prints. */
  async function python(code: string, env: Record<string, string> = {}): Promise<unknown> {
    const options = {
      command: PYTHON,
      env: {
        PYTHONPATH: PYTHON_SDK,
        INSTAGRAM_GATEWAY_URL: gateway.url,
        INSTAGRAM_GATEWAY_TOKEN: gateway.token,
        ...env,
      },
    }
    return JSON.parse(await gateway.runProgram('example.py', `import json\n${code}`, options))
  }

  it('creates a session, performs actions and reads limits with requests as it is printed', async ({ skip }) => {
    if (!(await hasPythonRequests())) skip()
    const [create, act, check] = ['Creating a Session', 'Performing Actions', 'Checking Limits'].map(program)
    // The document leaves out host and token; a session of `requests` puts them before every address.
    const printed = `
import os, requests as library

class Requests(library.Session):
    def request(self, method, url, **options):
        return super().request(method, os.environ["INSTAGRAM_GATEWAY_URL"] + url, **options)

requests = Requests()
requests.headers["Authorization"] = "Bearer " + os.environ["INSTAGRAM_GATEWAY_TOKEN"]
${create}
created = [response.status_code, response.json()]
${act}
acted = [response.status_code, response.json()]
${check}
print(json.dumps([created, acted, limits]))
`
    const [created, acted, limits] = (await python(printed)) as [unknown, unknown, unknown]
    const session = { username: 'user123', session_id: 'xyz789', is_active: true }
    expect(created).toMatchObject([201, { success: true, data: { session }, message: expect.any(String) }])
    expect(acted).toMatchObject([200, { success: true, data: { status: 'succeeded' } }])
    expect(limits).toMatchObject({
      follow: { limit: 200, used: 1, remaining: 199 },
      like: { limit: 1000, used: 1, remaining: 999 },
      comment: { limit: 100, used: 0, remaining: 100 },
    })
    expect([await ledger('follow'), await ledger('like')]).toMatchObject([[{}], [{}]])
  })

  it('runs the session and manager examples with the Python client', async () => {
    const use = `
from instagram_gateway import InstagramSession, InstagramSessionManager
${SESSION_EXAMPLE}
created = [session.username, session.session_id, session.is_valid, session.remaining("follow")]
${MANAGER_EXAMPLE.replaceAll('"username"', '"user123"').replace('# Invalidate', 'found = session is not None\n# Invalidate')}
print(json.dumps([created, found, InstagramSessionManager.get_session("user123")]))
`
    expect(await python(use)).toMatchObject([['user123', 'session_xyz', true, expect.any(Number)], true, null])
  })

  it('runs the client example with the Python client, and every call has an effect', async () => {
    const client = program('2. Instagram Client › Features')
    const calls = client.replaceAll(/^response, status = .*$/gm, '$&\nanswers.append([status, response])')
    const use = `
from instagram_gateway import InstagramClient, InstagramSession
${SESSION_EXAMPLE}
answers = []
${calls}
print(json.dumps(answers))
`
    const done = [200, { success: true, data: { status: 'succeeded' } }]
    expect(await gateway.whileTimePasses(python(use))).toMatchObject([done, done, done])
    expect(await ledger('comment')).toMatchObject([{ text: 'Great post!' }])
  })

  it('has the configuration of its example in both libraries', async () => {
    const use = `
${program('Instagram Config')}
Printed = InstagramConfig
from instagram_gateway import InstagramConfig as Ours
names = [name for name in vars(Printed) if name.isupper()]
print(json.dumps([{name: getattr(one, name) for name in names} for one in (Printed, Ours)]))
`
    const [printed, ours] = (await python(use)) as [unknown, unknown]
    expect(ours).toEqual(printed)
    expect(InstagramConfig).toEqual(printed)
  })

  it('serves every endpoint of its list', async () => {
    const session = {
      username: 'user123',
      session_id: 'xyz789',
      cookies: { sessionid: 'abc123' },
      user_agent: 'Mozilla/5.0...',
    }
    const bodies: Record<string, object> = {
      session,
      follow: { username: 'user123', target_user_id: 'target456', action_type: 'follow' },
      like: { username: 'user123', media_id: 'post789', action_type: 'like' },
      comment: { username: 'user123', media_id: 'media_id', text: 'Great post!', action_type: 'comment' },
    }
    const endpoints = document.fences
      .filter(({ language }) => language === 'http')
      .flatMap(({ code }) => code.trim().split('\n'))
    expect(endpoints).toHaveLength(6)
    // The session is created first and deleted last, whatever the order of the list.
    const order = (endpoint: string) => (endpoint.startsWith('DELETE') ? 2 : endpoint.endsWith('/session') ? 0 : 1)
    for (const endpoint of endpoints.toSorted((left, right) => order(left) - order(right))) {
      const [method, address] = endpoint.split(' ') as [string, string]
      const path = address.replace('{username}', 'user123')
      const body = method === 'POST' ? bodies[path.slice(path.lastIndexOf('/') + 1)] : undefined
      const answer = await gateway.whileTimePasses(gateway.call({ method, path, body }))
      expect([endpoint, answer.status]).toEqual([endpoint, order(endpoint) === 0 ? 201 : 200])
      expect(answer.body).toMatchObject({ success: true, data: expect.any(Object), message: expect.any(String) })
    }
  })

  it('refuses in the printed format, with the keys that it prints and no others', async () => {
    const [fence] = document.fences.filter(({ section }) => section.endsWith('› Response Format'))
    const printed = parseCommentedJson(fence?.code as string) as object
    const body = { username: 'user123', action_type: 'like' }
    const refusal = await gateway.call({ method: 'POST', path: '/api/instagram/like', body })
    expect(refusal.status).toBe(400)
    expect(Object.keys(refusal.body).sort()).toEqual(Object.keys(printed).sort())
    expect(refusal.body).toMatchObject({
      success: false,
      error_code: 'VALIDATION_ERROR',
      message: expect.any(String),
      errors: { media_id: expect.any(Array) },
    })
  })
})
