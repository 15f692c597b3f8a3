import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Clock } from '../core/clock.ts'
import { createManualClock } from '../core/clock-manual.ts'
import { type Transport, TransportError, type TransportRequest, type TransportResponse } from '../core/transport.ts'
import type { Access, CallOptions, Connector } from './connector.ts'

/*
 * What every connector must do, whatever it speaks. A case says which operation is called, the exact requests that must
 * leave, the canned replies, and the exact outcome; replies that were not asked for and requests that were not expected
 * both fail. No case may let one of the account's secrets out.
 */

export interface ExpectedRequest {
  method: 'GET' | 'POST'
  /** Path and query. */
  path: string
  headers: Record<string, string>
  /** The decoded form; null for a request without one. */
  form: Record<string, string> | null
  /** Bytes that are no form, as hexadecimal text. */
  bytes?: string
}

export interface CannedReply {
  status?: number
  headers?: TransportResponse['headers']
  /** An object is sent as JSON. */
  body?: string | object
}

export interface ConnectorCase {
  title: string
  run(connector: Connector, access: Access, call: CallOptions): Promise<unknown>
  /** Instead of the suite's own account. */
  access?: () => Access
  exchanges: { request: ExpectedRequest; reply: CannedReply | TransportError }[]
  outcome: unknown
  /** Looks at the account's cookies afterwards. */
  afterwards?(access: Access): void
}

export interface ConnectorSuite {
  name: string
  create(deps: { transport: Transport; clock: Clock; baseUrl: string }): Connector
  baseUrl: string
  access(): Access
  /** Values that no outcome may contain. */
  secrets: readonly string[]
  cases: readonly ConnectorCase[]
}

/** Product time of every case. */
export const NOW = Date.UTC(2026, 2, 1, 12)
const DEADLINE_MS = 15_000

/** Every operation of the contract, for what must hold for all of them. */
const OPERATIONS: Record<string, ConnectorCase['run']> = {
  logIn: (connector, access, call) => connector.logIn(access, { username: 'north.lamp', password: 'pw' }, call),
  submitTwoFactor: (connector, access, call) =>
    connector.submitTwoFactor(access, { username: 'north.lamp', identifier: 'i', code: '123456', method: 'sms' }, call),
  logOut: (connector, access, call) => connector.logOut(access, call),
  checkSession: (connector, access, call) => connector.checkSession(access, call),
  lookUpUser: (connector, access, call) => connector.lookUpUser(access, { username: 'clay.fern' }, call),
  readUser: (connector, access, call) => connector.readUser(access, { userId: '7' }, call),
  readInbox: (connector, access, call) => connector.readInbox(access, { folder: 'accepted', cursor: null }, call),
  readThread: (connector, access, call) => connector.readThread(access, { threadId: '34', cursor: null }, call),
  readThreadWith: (connector, access, call) => connector.readThreadWith(access, { recipientId: '7' }, call),
  readFriendship: (connector, access, call) => connector.readFriendship(access, { userId: '7' }, call),
  readMedia: (connector, access, call) => connector.readMedia(access, { mediaId: '35' }, call),
  readComments: (connector, access, call) => connector.readComments(access, { mediaId: '35', cursor: null }, call),
  readActivity: (connector, access, call) => connector.readActivity(access, { cursor: null }, call),
  readLikers: (connector, access, call) => connector.readLikers(access, { mediaId: '35' }, call),
  readFollowers: (connector, access, call) => connector.readFollowers(access, { userId: '7', cursor: null }, call),
  sendText: (connector, access, call) =>
    connector.sendText(access, { to: { threadId: '34' }, text: 'hello', clientToken: '68' }, call),
  readStories: (connector, access, call) => connector.readStories(access, { ownerId: '7' }, call),
  sendLink: (connector, access, call) =>
    connector.sendLink(access, { to: { threadId: '34' }, text: 'a', urls: ['https://b'], clientToken: '68' }, call),
  sendLike: (connector, access, call) =>
    connector.sendLike(access, { to: { threadId: '34' }, clientToken: '68' }, call),
  uploadMedia: (connector, access, call) =>
    connector.uploadMedia(
      access,
      { kind: 'video', bytes: Buffer.from('x'), contentType: 'video/mp4', uploadId: '17' },
      call,
    ),
  sendMedia: (connector, access, call) =>
    connector.sendMedia(access, { to: { threadId: '34' }, kind: 'image', uploadId: '17', clientToken: '68' }, call),
  unsend: (connector, access, call) => connector.unsend(access, { threadId: '34', itemId: '315' }, call),
  markSeen: (connector, access, call) => connector.markSeen(access, { threadId: '34', itemId: '315' }, call),
  viewStory: (connector, access, call) =>
    connector.viewStory(access, { mediaId: '35', ownerId: '7', takenAt: NOW, seenAt: NOW }, call),
  replyToStory: (connector, access, call) =>
    connector.replyToStory(access, { mediaId: '35', ownerId: '7', isVideo: false, text: 'a', clientToken: '68' }, call),
  like: (connector, access, call) => connector.like(access, { mediaId: '35' }, call),
  unlike: (connector, access, call) => connector.unlike(access, { mediaId: '35' }, call),
  comment: (connector, access, call) =>
    connector.comment(access, { mediaId: '35', text: 'nice', clientToken: '68' }, call),
  follow: (connector, access, call) => connector.follow(access, { userId: '7' }, call),
  unfollow: (connector, access, call) => connector.unfollow(access, { userId: '7' }, call),
}

const WRITES = [
  'sendText',
  'sendLink',
  'sendLike',
  'sendMedia',
  'unsend',
  'viewStory',
  'replyToStory',
  'like',
  'unlike',
  'comment',
  'follow',
  'unfollow',
] as const
const OUTCOME_TYPES = {
  login: [
    'logged_in',
    'two_factor',
    'wrong_credentials',
    'wrong_code',
    'challenge',
    'throttled',
    'unreadable',
    'not_sent',
  ],
  read: ['ok', 'unreadable', 'not_sent', 'refused', 'throttled', 'blocked', 'challenge', 'login_required'],
  write: ['done', 'uncertain', 'not_sent', 'refused', 'throttled', 'blocked', 'challenge', 'login_required'],
} as const

/** Registers the contract for one connector. */
export function describeConnector(suite: ConnectorSuite): void {
  const open = (transport: Transport) =>
    suite.create({ transport, clock: createManualClock({ now: NOW }), baseUrl: suite.baseUrl })

  describe(`${suite.name} connector: requests and outcomes`, () => {
    for (const example of suite.cases) {
      it(example.title, async () => {
        const script = scripted(suite.baseUrl, example.exchanges)
        const access = (example.access ?? suite.access)()
        const outcome = await example.run(open(script.transport), access, { deadlineMs: DEADLINE_MS })
        expect(script.seen).toEqual(example.exchanges.map(({ request }) => request))
        expect(outcome).toEqual(example.outcome)
        for (const secret of suite.secrets) expect(JSON.stringify(outcome)).not.toContain(secret)
        example.afterwards?.(access)
      })
    }
  })

  describe.each(Object.keys(OPERATIONS))(`${suite.name} connector: %s`, (name) => {
    const run = OPERATIONS[name] as ConnectorCase['run']
    const types: readonly string[] = OUTCOME_TYPES[groupOf(name)]

    it.each([
      'connect',
      'dns',
      'tls',
      'proxy',
      'address_refused',
      'lease',
    ] as const)('ends as not sent when nothing left us: %s', async (kind) => {
      const connector = open(() => Promise.reject(new TransportError('unsent', kind, 'nothing left')))
      const outcome = await run(connector, suite.access(), { deadlineMs: DEADLINE_MS })
      expect(outcome).toMatchObject({ type: 'not_sent', cause: kind })
    })

    it.each(['timeout', 'reset', 'too_large'] as const)('claims nothing about a request lost to %s', async (kind) => {
      const connector = open(() => Promise.reject(new TransportError('unknown', kind, 'lost')))
      const outcome = await run(connector, suite.access(), { deadlineMs: DEADLINE_MS })
      expect(outcome).toMatchObject(
        groupOf(name) === 'write' ? { type: 'uncertain' } : { type: 'unreadable', timedOut: kind === 'timeout' },
      )
    })

    it('hands the lease check and the deadline to the transport', async () => {
      const mayWrite = () => true
      const seen: TransportRequest[] = []
      const connector = open((request) => {
        seen.push(request)
        return Promise.reject(new TransportError('unsent', 'connect', 'nothing left'))
      })
      await run(connector, suite.access(), { deadlineMs: DEADLINE_MS, mayWrite })
      expect(seen).toHaveLength(1)
      expect(seen[0]).toMatchObject({ mayWrite, deadlineMs: DEADLINE_MS, proxy: suite.access().proxy })
    })

    it('always ends in the closed set, whatever is answered', async () => {
      await fc.assert(
        fc.asyncProperty(arbitraryReply, async (reply) => {
          const outcome = await run(
            open(() => Promise.resolve(reply)),
            suite.access(),
            { deadlineMs: DEADLINE_MS },
          )
          expect(types).toContain((outcome as { type: string }).type)
          expect((outcome as { type: string }).type).not.toBe('done')
        }),
        { numRuns: 60 },
      )
    })

    it('lets a bug of ours through instead of calling it an outcome', async () => {
      const connector = open(() => Promise.reject(new RangeError('a bug')))
      await expect(run(connector, suite.access(), { deadlineMs: DEADLINE_MS })).rejects.toThrow('a bug')
    })
  })
}

function groupOf(name: string): keyof typeof OUTCOME_TYPES {
  if (name === 'logIn' || name === 'submitTwoFactor') return 'login'
  return WRITES.some((write) => write === name) ? 'write' : 'read'
}

const messages = fc.constantFrom(
  'feedback_required',
  'challenge_required',
  'checkpoint_required',
  'consent_required',
  'login_required',
  'Please wait a few minutes before you try again.',
  'useragent mismatch',
  '',
)

/** Bodies that look almost right are worth more than noise, so half of them are objects with the real member names. */
const arbitraryBody = fc.oneof(
  fc.uint8Array({ maxLength: 64 }),
  fc.json().map((text) => Buffer.from(text)),
  fc
    .record(
      {
        status: fc.constantFrom<unknown>('fail', 1, null, []),
        message: fc.oneof(messages, fc.jsonValue()),
        error_type: fc.oneof(fc.constantFrom('sentry_block', 'inactive user', 'invalid_nonce'), fc.jsonValue()),
        challenge: fc.jsonValue(),
        checkpoint_url: fc.oneof(fc.webUrl(), fc.string()),
        payload: fc.jsonValue(),
        spam: fc.boolean(),
        user: fc.jsonValue(),
        two_factor_info: fc.jsonValue(),
        authenticated: fc.constantFrom<unknown>('true', 1, null),
      },
      { requiredKeys: [] },
    )
    .map((body) => Buffer.from(JSON.stringify(body))),
)

const arbitraryReply: fc.Arbitrary<TransportResponse> = fc.record({
  status: fc.oneof(
    fc.constantFrom(200, 201, 301, 302, 400, 401, 403, 404, 429, 500, 503),
    fc.integer({ min: 200, max: 599 }),
  ),
  headers: fc.dictionary(
    fc.constantFrom('location', 'set-cookie', 'retry-after', 'content-type', 'x-ig-set-www-claim'),
    fc.oneof(
      fc.string(),
      fc.array(fc.string(), { maxLength: 3 }),
      fc.constantFrom('/challenge/', '/accounts/login/', '//x'),
    ),
  ),
  body: arbitraryBody,
})

function scripted(baseUrl: string, exchanges: ConnectorCase['exchanges']) {
  const seen: ExpectedRequest[] = []
  const transport: Transport = async (request) => {
    const reply = exchanges[seen.length]?.reply
    seen.push(describeRequest(baseUrl, request))
    if (reply === undefined) throw new Error(`unexpected request: ${request.method} ${request.url}`)
    if (reply instanceof TransportError) throw reply
    const isText = typeof reply.body === 'string'
    return {
      status: reply.status ?? 200,
      headers: { 'content-type': isText ? 'text/html; charset="utf-8"' : 'application/json', ...reply.headers },
      body: Buffer.from(isText ? (reply.body as string) : JSON.stringify(reply.body ?? {})),
    }
  }
  return { transport, seen }
}

function describeRequest(baseUrl: string, { method, url, headers, body }: TransportRequest): ExpectedRequest {
  expect(url.startsWith(baseUrl)).toBe(true)
  const sorted = Object.fromEntries(Object.entries(headers).sort(([one], [other]) => (one < other ? -1 : 1)))
  const path = url.slice(baseUrl.length)
  if (body instanceof Uint8Array) {
    return { method, path, headers: sorted, form: null, bytes: Buffer.from(body).toString('hex') }
  }
  const form = body === undefined ? null : Object.fromEntries(new URLSearchParams(body))
  return { method, path, headers: sorted, form }
}
