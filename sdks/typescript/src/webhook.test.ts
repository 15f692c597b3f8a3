import { Webhook } from 'standardwebhooks'
import { expect, test } from 'vitest'
import { signWebhook, verifyWebhook, WebhookVerificationError } from './webhook.ts'

const SECRET = `whsec_${Buffer.from('a secret of tests, 32 bytes long').toString('base64')}`
const OTHER = `whsec_${Buffer.from('another secret of the same size!').toString('base64')}`
const EVENT = { id: 'evt_1', sequence: 1, type: 'message.received', data: { content: 'Grüße 👋' } }
const BODY = JSON.stringify(EVENT)
const NOW = 1_700_000_000_000

const signed = (secret = SECRET, at = NOW) => signWebhook({ secret, id: 'msg_1', body: BODY, at })
const verify = (headers: Record<string, string>, more: object = {}) =>
  verifyWebhook({ secret: SECRET, headers, body: BODY, now: NOW, ...more })

test('an independent implementation of Standard Webhooks agrees, both ways', async () => {
  const theirs = new Webhook(SECRET)
  const now = new Date()
  const headers = await signWebhook({ secret: SECRET, id: 'msg_1', body: BODY, at: now.getTime() })
  expect(theirs.verify(BODY, headers)).toEqual(EVENT)
  const signature = theirs.sign('msg_1', now, BODY)
  const timestamp = String(Math.floor(now.getTime() / 1000))
  const sent = { 'webhook-id': 'msg_1', 'webhook-timestamp': timestamp, 'webhook-signature': signature }
  expect(await verifyWebhook({ secret: SECRET, headers: sent, body: Buffer.from(BODY) })).toEqual(EVENT)
})

test('takes headers as fetch, Node or a proxy hands them over', async () => {
  const headers = await signed()
  expect(await verifyWebhook({ secret: SECRET, headers: new Headers(headers), body: BODY, now: NOW })).toEqual(EVENT)
  const shouted = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value]))
  expect(await verify(shouted)).toEqual(EVENT)
})

test('one of several signatures is enough, and one of several secrets', async () => {
  const [old, current] = await Promise.all([signed(OTHER), signed()])
  const both = `v1a,bm90LW91cnM= ${old['webhook-signature']} ${current['webhook-signature']}`
  expect(await verify({ ...current, 'webhook-signature': both })).toEqual(EVENT)
  expect(await verify(old, { secret: [SECRET, OTHER] })).toEqual(EVENT)
})

test.each([
  ['another secret', () => signed(OTHER), {}],
  ['another body', () => signed(), { body: `${BODY} ` }],
  ['another id', async () => ({ ...(await signed()), 'webhook-id': 'msg_2' }), {}],
  ['an older time than was signed', async () => ({ ...(await signed()), 'webhook-timestamp': '1699999999' }), {}],
  ['a time more than five minutes ago', () => signed(SECRET, NOW - 301_000), {}],
  ['a time more than five minutes ahead', () => signed(SECRET, NOW + 301_000), {}],
  ['no time', async () => ({ ...(await signed()), 'webhook-timestamp': 'soon' }), {}],
  ['a signature of another version', async () => ({ ...(await signed()), 'webhook-signature': 'v2,AAAA' }), {}],
  ['a signature that is no base64', async () => ({ ...(await signed()), 'webhook-signature': 'v1,%%%' }), {}],
  ['no signature', async () => ({ 'webhook-id': 'msg_1', 'webhook-timestamp': '1700000000' }), {}],
])('refuses %s', async (_, headers: () => Promise<Record<string, string>>, more) => {
  await expect(verify(await headers(), more)).rejects.toBeInstanceOf(WebhookVerificationError)
})

test('a secret that is none is the mistake of the caller', async () => {
  await expect(verify(await signed(), { secret: 'whsec_' })).rejects.toBeInstanceOf(TypeError)
})
