import { expect, it } from 'vitest'
import { automationWorld, REPLY } from '../../test/support/automation-world.ts'
import { describeOnEveryStore } from '../../test/support/stores.ts'
import { sweepEvents } from '../events/index.ts'
import { decideEvent } from './decide-event.ts'
import { leastUnevaluated } from './retention.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

describeOnEveryStore('a rule', (openTestStore) => {
  it('answers a message once, and the log tells cause and effect', async () => {
    const world = await automationWorld(await openTestStore())
    const rule = await world.rule(REPLY)
    const event = await world.hears({ from: 'anna' })
    expect(world.sent()).toEqual([['p_anna', 'Hi anna']])
    const [decision] = await world.decisions(rule.id)
    expect(decision).toMatchObject({ outcome: 'fired', reason: 'matched', eventId: event.id })
    expect(await world.action(decision?.actionId as string)).toMatchObject({ class: 1, acceptedBy: rule.id })
    expect((await world.events()).at(-1)).toMatchObject({
      type: 'message.sent',
      data: { conversationId: 'conv_north.lamp_anna', causedBy: { ruleId: rule.id, eventId: event.id } },
    })
    // Who the contact is was known from the event.
    expect(world.instagram.calls.map(({ operation }) => operation)).toEqual(['sendText'])
  })

  it('still finds events older than the retention that nobody looked at yet; what concerns no rule is not kept for it', async () => {
    const world = await automationWorld(await openTestStore())
    const rule = await world.rule({ ...REPLY, maxAgeHours: 96 })
    const sweep = () => sweepEvents({ ...world.deps, retentionMs: DAY, readers: [leastUnevaluated] })
    await world.happens({ type: 'message.sent' })
    const waiting = await world.happens()
    world.clock.tick(2 * DAY)
    await sweep()
    expect((await world.events()).map(({ sequence }) => sequence)).toEqual([waiting.sequence])
    await world.engine.tick()
    await world.run()
    expect(await world.reasons(rule.id)).toEqual(['fired'])
    await sweep()
    expect((await world.events()).map(({ type }) => type)).not.toContain('message.received')
  })

  it('leaves alone what happened before it, or while it was off', async () => {
    const world = await automationWorld(await openTestStore())
    await world.happens()
    const rule = await world.rule(REPLY)
    await world.engine.tick()
    await world.call('PATCH', `/rules/${rule.id}`, { enabled: false })
    await world.happens({ from: 'berta' })
    await world.call('PATCH', `/rules/${rule.id}`, { enabled: true })
    await world.hears({ from: 'carla' })
    expect(world.sent()).toEqual([['p_carla', 'Hi carla']])
    expect(await world.reasons(rule.id)).toEqual(['fired'])
  })

  it('answers a contact once in its window, and every rule a contact so often a day', async () => {
    const world = await automationWorld(await openTestStore(), { perContactDay: 3 })
    const once = await world.rule(REPLY)
    const always = await world.rule({ ...REPLY, windowHours: 0, action: { type: 'message', content: 'again' } })
    for (let times = 0; times < 4; times += 1) {
      await world.hears()
      world.clock.tick(HOUR)
    }
    expect(await world.reasons(once.id)).toEqual(['fired', ...Array(3).fill('skipped: already answered')])
    const full = 'skipped: enough for this contact today'
    expect(await world.reasons(always.id)).toEqual(['fired', 'fired', full, full])
    world.clock.tick(DAY)
    await world.hears()
    expect((await world.reasons(once.id)).at(-1)).toBe('fired')
  })

  it('acts on what its conditions name, and says what was missing', async () => {
    const world = await automationWorld(await openTestStore())
    const content = '{{keyword}}!'
    const keyword = await world.rule({ ...REPLY, keywords: ['price'], action: { type: 'message', content } })
    const first = await world.rule({ ...REPLY, firstContact: true })
    const story = await world.rule({ ...REPLY, on: 'story_reply.received' })
    await world.hears({ text: 'your prices?' })
    await world.hears({ text: 'The PRICE, please' })
    await world.hears({ from: 'berta', type: 'story_reply.received', more: { mediaId: '9' } })
    expect(await world.reasons(keyword.id)).toEqual(['skipped: keyword not found', 'fired'])
    expect(await world.reasons(first.id)).toEqual(['fired', 'skipped: not the first contact'])
    expect(await world.reasons(story.id)).toEqual(['fired'])
    expect(world.sent()).toEqual([
      ['p_anna', 'Hi anna'],
      ['p_anna', 'price!'],
      ['p_berta', 'Hi berta'],
    ])
  })

  it('is silent for twelve hours where a person wrote, through the API or on the phone', async () => {
    const world = await automationWorld(await openTestStore())
    const rule = await world.rule({ ...REPLY, windowHours: 0 })
    await world.happens({ from: 'berta' })
    await world.send({ recipientUsername: 'anna' })
    await world.phone('berta')
    world.clock.tick(1)
    await world.hears({ from: 'anna' })
    await world.hears({ from: 'berta' })
    await world.hears({ from: 'carla' })
    world.clock.tick(12 * HOUR)
    await world.hears({ from: 'anna' })
    const silent = 'skipped: a person is writing'
    expect(await world.reasons(rule.id)).toEqual([silent, silent, silent, 'fired', 'fired'])
  })

  it('leaves the accounts of the gateway alone, so that two of them never talk for ever', async () => {
    const world = await automationWorld(await openTestStore())
    const rule = await world.rule({ ...REPLY, windowHours: 0 })
    await world.hears({ from: 'itself', more: { senderId: '1001' } })
    expect(await world.reasons(rule.id)).toEqual(['skipped: account of this gateway'])
    expect(world.sent()).toEqual([])
  })

  it('leaves groups alone', async () => {
    const world = await automationWorld(await openTestStore())
    const rule = await world.rule(REPLY)
    await world.hears({ more: { isGroup: true } })
    expect(await world.reasons(rule.id)).toEqual(['skipped: group conversation'])
  })

  it('leaves events alone that have become too old meanwhile', async () => {
    const world = await automationWorld(await openTestStore())
    const rule = await world.rule(REPLY)
    await world.happens()
    world.clock.tick(DAY + 1)
    await world.engine.tick()
    expect(await world.reasons(rule.id)).toEqual(['skipped: too old'])
  })

  it('decides while its session cannot act; what it accepted waits in the lane', async () => {
    const world = await automationWorld(await openTestStore())
    const rule = await world.rule(REPLY)
    const status = (to: string) =>
      world.store.write((tx) =>
        tx.updateTable('sessions').set({ status: to }).where('id', '=', world.session.id).execute(),
      )
    await status('challenge_required')
    await world.hears()
    const [decision] = await world.decisions(rule.id)
    expect(await world.action(decision?.actionId as string)).toMatchObject({ status: 'queued', onLimit: 'queue' })
    expect(world.sent()).toEqual([])
  })

  it('does not send a text that comes out too long', async () => {
    const world = await automationWorld(await openTestStore())
    const content = `${'é'.repeat(490)}{{username}}`
    const rule = await world.rule({ ...REPLY, action: { type: 'message', content } })
    await world.hears({ from: 'a_name_of_thirty_characters_ok' })
    expect(await world.reasons(rule.id)).toEqual(['skipped: text too long'])
  })
})

describeOnEveryStore('a contact who writes STOP', (openTestStore) => {
  it('is written to no more, neither by rules nor by what waits, until START', async () => {
    const world = await automationWorld(await openTestStore())
    const rule = await world.rule({ ...REPLY, windowHours: 0 })
    const waiting = await world.send({ recipientUsername: 'anna' })
    world.clock.tick(13 * HOUR)
    await world.happens({ text: 'Arrêt!' })
    await world.engine.tick()
    await world.run()
    await world.hears({ text: 'really' })
    expect(world.sent()).toEqual([])
    expect(await world.action(waiting.actionId)).toMatchObject({ status: 'skipped', code: 'SUPPRESSED' })
    const { data } = await world.call('GET', '/suppressions')
    expect(data).toMatchObject([
      { platformId: 'p_anna', username: 'anna', reason: 'stop', sessionId: world.session.id },
    ])
    await expect(world.send({ recipientUsername: 'anna' })).rejects.toMatchObject({ code: 'SUPPRESSED' })
    world.clock.tick(1)
    await world.hears({ text: 'start' })
    expect(await world.reasons(rule.id)).toEqual(['skipped: suppressed', 'skipped: suppressed', 'fired'])
  })

  it('is heard without any rule, and however late', async () => {
    const world = await automationWorld(await openTestStore())
    await world.happens({ text: 'stop' })
    world.clock.tick(30 * DAY)
    await world.engine.tick()
    await expect(world.send({ recipientUsername: 'anna' })).rejects.toMatchObject({ code: 'SUPPRESSED' })
  })

  it('gets one confirmation from a rule that is made for it, and none by default', async () => {
    const world = await automationWorld(await openTestStore())
    const action = { type: 'message', content: 'You will hear no more from us.', confirmStop: true }
    const rule = await world.rule({ ...REPLY, keywords: ['stop'], keywordMatch: 'exact', windowHours: 0, action })
    await world.hears({ text: 'STOP' })
    await world.hears({ text: 'STOP' })
    expect(world.sent()).toEqual([['p_anna', 'You will hear no more from us.']])
    expect(await world.reasons(rule.id)).toEqual(['fired', 'skipped: not the first stop'])
  })

  it('is that person: whoever has the same name now is answered', async () => {
    const world = await automationWorld(await openTestStore())
    const rule = await world.rule(REPLY)
    await world.call('POST', '/suppressions', { username: 'anna', platformId: 'p_former_anna' })
    await world.hears({ from: 'anna' })
    expect(await world.reasons(rule.id)).toEqual(['fired'])
    expect(world.sent()).toEqual([['p_anna', 'Hi anna']])
  })

  it('does not undo with START what the user decided', async () => {
    const world = await automationWorld(await openTestStore())
    await world.call('POST', '/suppressions', { username: 'anna' })
    await world.hears({ text: 'start' })
    await expect(world.send({ recipientUsername: 'anna' })).rejects.toMatchObject({ code: 'SUPPRESSED' })
  })
})

describeOnEveryStore('the presets of a session', (openTestStore) => {
  it('are listed, switched by its flags only, and changed but not deleted', async () => {
    const world = await automationWorld(await openTestStore())
    const list = async () => (await world.call('GET', `/session/${world.session.id}/rules`)).data as unknown as Listed[]
    type Listed = { id: string; preset: string; enabled: boolean }
    expect((await list()).map(({ preset, enabled }) => [preset, enabled])).toEqual([
      ['autoReply', false],
      ['autoLike', false],
      ['autoFollow', false],
      ['autoUnfollow', false],
    ])
    await world.flag({ autoReply: true })
    const [reply] = (await list()).filter(({ enabled }) => enabled)
    expect(reply?.preset).toBe('autoReply')
    const refused = await world.call('PATCH', `/rules/${reply?.id}`, { enabled: false })
    expect(refused.body).toMatchObject({ code: 'VALIDATION_ERROR', details: { fields: [{ path: 'enabled' }] } })
    expect((await world.call('DELETE', `/rules/${reply?.id}`)).status).toBe(422)
    await world.call('PATCH', `/rules/${reply?.id}`, { content: 'Ahoy {{username}}' })
    await world.hears()
    await world.flag({ autoReply: false })
    await world.hears({ from: 'berta' })
    expect(world.sent()).toEqual([['p_anna', 'Ahoy anna']])
  })

  it('autoLike likes posts that mention the account, not stories or comments', async () => {
    const world = await automationWorld(await openTestStore())
    await world.flag({ autoLike: true })
    const mention = (mediaId: string, mentionedIn?: string) =>
      world.hears({ type: 'mention.received', from: mediaId, more: { mediaId, mentionedIn } })
    await mention('post_7')
    await mention('post_8', 'comment')
    await mention('story_9', 'story')
    expect(world.society.effects.map(({ kind, target }) => [kind, target])).toEqual([['like', 'post_7']])
  })

  it('autoFollow follows back, autoUnfollow unfollows whom it followed and who left', async () => {
    const world = await automationWorld(await openTestStore())
    await world.flag({ autoFollow: true, autoUnfollow: true })
    await world.hears({ type: 'follow.received', from: 'anna' })
    await world.hears({ type: 'unfollow.received', from: 'stranger' })
    await world.hears({ type: 'unfollow.received', from: 'anna' })
    await world.hears({ type: 'unfollow.received', from: 'anna' })
    expect(world.society.effects.map(({ kind, target }) => [kind, target])).toEqual([
      ['follow', 'p_anna'],
      ['unfollow', 'p_anna'],
    ])
  })

  it('autoUnfollow cancels a follow that still waits', async () => {
    const world = await automationWorld(await openTestStore())
    await world.flag({ autoFollow: true, autoUnfollow: true })
    await world.happens({ type: 'follow.received' })
    await world.happens({ type: 'unfollow.received' })
    await world.engine.tick()
    await world.run()
    expect(world.society.effects).toEqual([])
    const actions = await world.store.read.selectFrom('actions').select(['kind', 'status']).execute()
    expect(actions).toEqual([{ kind: 'follow', status: 'canceled' }])
  })
})

describeOnEveryStore('the engine', (openTestStore) => {
  it('evaluates each event once, however many nodes look at the same time', async () => {
    const world = await automationWorld(await openTestStore())
    const rule = await world.rule(REPLY)
    for (let no = 0; no < 12; no += 1) await world.happens({ from: `contact_${no}` })
    await Promise.all([world.engine, world.newEngine(), world.newEngine()].map((engine) => engine.tick()))
    await world.run()
    expect(world.sent()).toHaveLength(12)
    expect(await world.reasons(rule.id)).toEqual(Array(12).fill('fired'))
    expect(world.errors).toEqual([])
  })

  it('keeps nothing of an evaluation that was interrupted, and repeats it whole', async () => {
    const world = await automationWorld(await openTestStore())
    const rule = await world.rule(REPLY)
    const event = await world.happens()
    const interrupted = world.store.write(async (tx) => {
      await decideEvent(tx, world.deps, event)
      throw new Error('killed before the commit')
    })
    await expect(interrupted).rejects.toThrow('killed')
    expect(await world.reasons(rule.id)).toEqual([])
    await world.newEngine().tick()
    await world.newEngine().tick()
    await world.store.write((tx) => decideEvent(tx, world.deps, event))
    await world.run()
    expect(world.sent()).toHaveLength(1)
  })

  it('is woken by the log, in product time', async () => {
    const world = await automationWorld(await openTestStore())
    await world.rule(REPLY)
    world.engine.start()
    await world.happens()
    for (let turn = 0; turn < 200 && world.sent().length === 0; turn += 1) {
      await world.clock.advance(1)
      await world.run()
    }
    await world.engine.stop()
    expect(world.sent()).toHaveLength(1)
  })

  it('passes over an event that it cannot evaluate, saying so, and goes on with the next', async () => {
    const world = await automationWorld(await openTestStore())
    const rule = await world.rule(REPLY)
    const engine = world.newEngine()
    await world.happens({ from: 'anna' })
    await world.happens({ from: 'berta' })
    const { findByAccount } = world.deps.sessions
    world.deps.sessions.findByAccount = async (db, id) => {
      // As often as the first event is tried: a store may run a failed transaction once more.
      const decided = await db.selectFrom('decisions').select('rule_id').execute()
      if (decided.length === 0) throw new Error('a bug')
      return findByAccount(db, id)
    }
    await engine.tick()
    world.deps.sessions.findByAccount = findByAccount
    await world.run()
    expect(await world.reasons(rule.id)).toEqual(['skipped: internal error', 'fired'])
    expect(world.errors).toHaveLength(1)
  })
})

describeOnEveryStore('simulating a rule', (openTestStore) => {
  it('predicts exactly what then fires, and sends nothing', async () => {
    const world = await automationWorld(await openTestStore(), { perContactDay: 4 })
    const since = new Date(world.clock.now()).toISOString()
    const other = await world.rule({ ...REPLY, keywords: ['hello'], action: { type: 'message', content: 'x' } })
    const rule = await world.rule({ ...REPLY, keywords: ['price', 'hello'], windowHours: 5, maxAgeHours: 1 })
    const said = ['hello', 'price?', 'nothing', 'STOP', 'price', 'start', 'price hello', 'hello']
    for (const [round, text] of [...said, ...said].entries()) {
      for (const from of ['anna', 'berta']) {
        await world.hears({ from, text, more: from === 'berta' && round === 4 ? { isGroup: true } : {} })
        world.clock.tick(HOUR / 2)
      }
      if (round === 5) await world.send({ recipientUsername: 'berta' })
      if (round === 9) await world.call('POST', '/suppressions', { username: 'anna', sessionId: world.session.id })
      if (round === 12) await world.call('DELETE', '/suppressions?username=anna')
      world.clock.tick(HOUR)
    }
    for (const { id } of [rule, other]) {
      const before = world.sent().length
      const { data } = await world.call('POST', `/rules/${id}/simulate`, { since })
      const predicted = data['decisions'] as { eventId: string; outcome: string; reason: string }[]
      const happened = await world.decisions(id)
      const brief = ({ eventId, outcome, reason }: (typeof predicted)[number]) => `${eventId} ${outcome} ${reason}`
      expect(predicted.map(brief)).toEqual(happened.map(brief))
      expect(data['wouldFire']).toBe(happened.filter(({ outcome }) => outcome === 'fired').length)
      await world.run()
      expect(world.sent()).toHaveLength(before)
    }
    const reasons = new Set((await world.decisions(rule.id)).map(({ reason }) => reason))
    expect(reasons).toEqual(
      new Set([
        'matched',
        'already answered',
        'keyword not found',
        'suppressed',
        'a person is writing',
        'group conversation',
      ]),
    )
  })
})

describeOnEveryStore('a rule over HTTP', (openTestStore) => {
  it.each([
    [{ ...REPLY, action: { type: 'message', content: 'Hi {{name}}' } }, 'action.content'],
    [{ ...REPLY, action: { type: 'message' } }, 'action.content'],
    [{ ...REPLY, action: { type: 'message', content: 'é'.repeat(501) } }, 'action.content'],
    [{ ...REPLY, action: { type: 'like' } }, 'action.type'],
    [{ ...REPLY, action: { type: 'follow', content: 'x' } }, 'action.content'],
    [{ ...REPLY, on: 'follow.received', keywords: ['x'] }, 'keywords'],
    [{ ...REPLY, keywords: ['́'] }, 'keywords[0]'],
    [{ ...REPLY, on: 'comment.received', firstContact: true }, 'firstContact'],
    [{ ...REPLY, mentionedIn: 'story' }, 'mentionedIn'],
    [{ ...REPLY, regex: '(a+)+$' }, 'regex'],
    [{ ...REPLY, windowHours: -1 }, 'windowHours'],
  ])('is refused as %j, naming %s', async (body, path) => {
    const world = await automationWorld(await openTestStore())
    const { status, body: said } = await world.call('POST', `/session/${world.session.id}/rules`, body)
    expect(status).toBe(400)
    expect(JSON.stringify(said['details'])).toContain(`"${path}"`)
    expect(await world.store.read.selectFrom('rules').select('id').execute()).toEqual([])
  })

  it('is nobody else’s: not to see, change, simulate or delete', async () => {
    const world = await automationWorld(await openTestStore())
    const { id } = await world.rule(REPLY)
    const token = await world.server.token({ userId: 'user_456', expiresInMs: DAY })
    const since = new Date(world.clock.now()).toISOString()
    for (const [method, path, body] of [
      ['GET', `/rules/${id}/decisions`, undefined],
      ['PATCH', `/rules/${id}`, { enabled: false }],
      ['POST', `/rules/${id}/simulate`, { since }],
      ['DELETE', `/rules/${id}`, undefined],
    ] as const) {
      const answer = await world.server.call(method, path, { token, ...(body === undefined ? {} : { body }) })
      expect([answer.status, answer.body['code']]).toEqual([404, 'RULE_NOT_FOUND'])
    }
    const deleted = await world.call('DELETE', `/rules/${id}`)
    expect(deleted.status).toBe(200)
    expect((await world.call('POST', `/rules/${id}/simulate`, { since })).status).toBe(404)
  })
})
