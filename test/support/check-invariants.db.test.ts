import { expect, test } from 'vitest'
import type { LedgerEntry } from '../../sandbox/index.ts'
import type { Db } from '../../src/store/store.ts'
import { checkInvariants, type Evidence, type Flight } from './check-invariants.ts'
import { type OutboxWorld, outboxWorld } from './outbox-world.ts'
import { describeOnEveryStore } from './stores.ts'

/** Three messages: one arrives, one arrives and its answer is lost, one is refused. */
async function happened(world: OutboxWorld): Promise<Evidence & { ids: [string, string, string] }> {
  world.instagram.sends = [
    (_input, _call, arrive) => arrive(),
    'lost_after',
    { type: 'refused', code: 'REFUSED_BY_INSTAGRAM', reason: 'Closed.' },
  ]
  const ids: string[] = []
  for (let no = 1; no <= 3; no += 1) ids.push((await world.send({ content: `text ${no}` })).actionId)
  await world.run()
  await world.advance(60_000)
  const ledger = world.instagram.effects.map(
    (effect, index): LedgerEntry => ({
      no: index + 1,
      at: effect.at,
      account: 'north.lamp',
      kind: 'message',
      target: effect.recipientId.replace(/^p_/, ''),
      text: effect.text,
      token: effect.token,
    }),
  )
  const limitAt = () => 50
  return { db: world.store.read, ledger, limitAt, accepted: ids, isOver: true, ids: ids as [string, string, string] }
}

const FLIGHT: Flight = { platformId: '1001', isTurn: true, request: 'POST /', token: null, from: 0, until: 10 }
const HELD: Flight = { ...FLIGHT, sender: 1, holder: 'node_1' }

/** Before everything else that happened, and never lifted. */
function suppressed(tx: Db, contact: { username?: string; platform_id?: string }): Promise<unknown> {
  const row = { id: 'sup_1', user_id: 'user_123', scope: '*', reason: 'stop', created_by: 'user_123', created_at: 0 }
  return tx
    .insertInto('suppressions')
    .values({ ...NO_CONTACT, ...row, ...contact })
    .execute()
}

const NO_CONTACT = {
  ...{ session_id: null, platform_id: null, username: null, event_id: null },
  ...{ lifted_by: null, lifted_at: null },
}

type Mutation = [
  title: string,
  invariant: string,
  mutate: (evidence: Awaited<ReturnType<typeof happened>>, tx: Db) => Partial<Evidence> | Promise<unknown>,
]

const first = (ledger: readonly LedgerEntry[]) => ledger[0] as LedgerEntry

const MUTATIONS: readonly Mutation[] = [
  ['an effect that is missing', 'true_status', ({ ledger }) => ({ ledger: ledger.slice(1) })],
  [
    'an effect that happened twice',
    'true_status',
    ({ ledger }) => ({ ledger: [...ledger, { ...first(ledger), no: 9 }] }),
  ],
  ['another text', 'true_status', ({ ledger }) => ({ ledger: [{ ...first(ledger), text: 'x' }, ...ledger.slice(1)] })],
  [
    'another target',
    'true_status',
    ({ ledger }) => ({ ledger: [{ ...first(ledger), target: 'x' }, ...ledger.slice(1)] }),
  ],
  [
    'a failure that had an effect',
    'true_status',
    ({ ids }, tx) => tx.updateTable('actions').set({ status: 'failed' }).where('id', '=', ids[0]).execute(),
  ],
  [
    'a kind that nobody knows',
    'true_status',
    ({ ids }, tx) => tx.updateTable('actions').set({ kind: 'wave' }).where('id', '=', ids[0]).execute(),
  ],
  ['a message to somebody who was suppressed', 'suppressed', (_, tx) => suppressed(tx, { username: 'target_user' })],
  ['a message to a person suppressed by id', 'suppressed', (_, tx) => suppressed(tx, { platform_id: 'p_target_user' })],
  ['an accepted action that is gone', 'one_end', () => ({ accepted: ['act_gone'] })],
  [
    'an action that never ends',
    'one_end',
    ({ ids }, tx) =>
      tx.updateTable('actions').set({ status: 'queued', settled_at: null }).where('id', '=', ids[2]).execute(),
  ],
  [
    'a timeline with a hole',
    'one_end',
    ({ ids }, tx) => tx.deleteFrom('timeline').where('action_id', '=', ids[0]).where('no', '=', 1).execute(),
  ],
  [
    'a second end',
    'one_end',
    ({ ids }, tx) =>
      tx
        .insertInto('timeline')
        .values({
          ...{ action_id: ids[0], no: 3, at: 0, from_status: 'succeeded', to_status: 'succeeded', cause: 'x' },
          waiting_for: null,
        })
        .execute(),
  ],
  ['a window that holds too many', 'windows', () => ({ limitAt: () => 1 })],
  ['two turns at once', 'one_turn', () => ({ flights: [FLIGHT, { ...FLIGHT, from: 9, until: 12 }] })],
  ['a turn of a process that lost its lane', 'one_turn', () => ({ flights: [HELD, { ...HELD, sender: 2, from: 10 }] })],
  ['a turn of a lane that nobody holds', 'one_turn', () => ({ flights: [{ ...HELD, holder: null }] })],
  [
    'a number that nobody took',
    'usage',
    ({ ids }, tx) =>
      tx.insertInto('usage').values({ subject: 'acct_x', kind: 'message', no: 7, at: 0, ref: ids[2] }).execute(),
  ],
  [
    'numbers with a gap',
    'usage',
    (_, tx) => tx.deleteFrom('usage').where('kind', '=', 'message').where('no', '=', 2).execute(),
  ],
]

describeOnEveryStore('the check of what must always hold', (openTestStore) => {
  test('finds nothing wrong where all is well', async () => {
    const world = await outboxWorld(await openTestStore())
    const evidence = await happened(world)
    const flights = [FLIGHT, { ...FLIGHT, from: 10, until: 12 }, { ...FLIGHT, platformId: '2', from: 11 }]
    expect(await checkInvariants({ ...evidence, flights })).toEqual([])
  })

  test.each(MUTATIONS)('finds %s', async (_, invariant, mutate) => {
    const world = await outboxWorld(await openTestStore())
    const evidence = await happened(world)
    const changed = await world.store.write(async (tx) => mutate(evidence, tx))
    const mutated = Array.isArray(changed) ? evidence : { ...evidence, ...(changed as Partial<Evidence>) }
    expect((await checkInvariants(mutated)).map((violation) => violation.invariant)).toContain(invariant)
  })
})
