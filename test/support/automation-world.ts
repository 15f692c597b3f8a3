import type { AutomationDeps } from '../../src/automation/deps.ts'
import { AutomationEngine, automationRoutes, createSwitchPresets, createWords } from '../../src/automation/index.ts'
import type { Rule } from '../../src/automation/rule.ts'
import { appendEvent, type EventType, type StoredEvent } from '../../src/events/index.ts'
import type { Store } from '../../src/store/store.ts'
import { suppressionRoutes } from '../../src/suppressions/index.ts'
import { engagementWorld } from './engagement-world.ts'

export interface Said {
  from?: string
  text?: string
  type?: EventType
  /** For `data`. */
  more?: Record<string, unknown>
}

/** Rules over a store with an Instagram in memory; people's acts come as the events that inbound writes. */
export async function automationWorld(store: Store, options: { perContactDay?: number } = {}) {
  const more: { deps?: AutomationDeps } = {}
  const words = createWords({ stop: ['stop', 'arrêt'], start: ['start'] })
  const { perContactDay = 10 } = options
  const world = await engagementWorld(store, {
    maxDailyActions: 10_000,
    routes: (deps) => {
      more.deps = { ...deps, words, perContactDay }
      return [...automationRoutes(more.deps), ...suppressionRoutes(deps)]
    },
  })
  const deps = more.deps as AutomationDeps
  const newEngine = () => new AutomationEngine({ ...deps, onError: (error) => world.errors.push(error) })
  const engine = newEngine()
  const token = await world.server.token({ userId: 'user_123', expiresInMs: 365 * 86_400_000 })
  let messages = 0

  const call = async (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: object) => {
    const answer = await world.server.call(method, path, { token, ...(body === undefined ? {} : { body }) })
    return { ...answer, data: answer.body['data'] as never as Record<string, unknown> }
  }

  /** Somebody does something, as it stands in the log; a message also in its conversation. */
  async function happens({ from = 'anna', text = 'hello', type = 'message.received', more: rest = {} }: Said = {}) {
    const at = world.clock.now()
    const common = { type, at, userId: 'user_123', sessionId: world.session.id, username: world.session.username }
    const isMessage = type === 'message.received' || type === 'story_reply.received'
    const messageId = `msg_${++messages}`
    const conversationId = `conv_north.lamp_${from}`
    const timestamp = new Date(at).toISOString()
    const message = { conversationId, messageId, senderId: `p_${from}`, senderUsername: from, content: text, timestamp }
    const fact = { from: { platformId: `p_${from}`, username: from }, occurredAt: timestamp, text }
    return store.write(async (tx): Promise<StoredEvent> => {
      if (isMessage) await addReceived(messageId, { from, text, at, conversationId })
      return appendEvent(tx, deps, { ...common, data: { ...(isMessage ? message : fact), ...rest } })

      async function addReceived(
        id: string,
        received: { from: string; text: string; at: number; conversationId: string },
      ): Promise<void> {
        await tx
          .insertInto('conversations')
          .values({
            ...{ user_id: 'user_123', id: received.conversationId, account_id: world.session.accountId },
            ...{ own_username: 'north.lamp', other_username: received.from, other_platform_id: `p_${received.from}` },
            ...{ other_found_at: at, thread_id: null, last_message_id: id, last_message_at: at, unread: 1 },
          })
          .onConflict((conflict) => conflict.doNothing())
          .execute()
        await tx
          .insertInto('messages')
          .values({
            ...{ id, user_id: 'user_123', session_id: world.session.id, account_id: world.session.accountId },
            ...{ conversation_id: received.conversationId, action_id: null, external_id: `item_${id}` },
            ...{ sender_id: `p_${received.from}`, sender_username: received.from, recipient_id: 'user_123' },
            ...{ recipient_username: 'north.lamp', content: received.text, message_type: 'text', media_url: null },
            ...{ metadata: '{"hashtags":[],"mentions":[]}', direction: 'in', status: 'received', timestamp: at },
          })
          .execute()
      }
    })
  }

  return {
    ...world,
    deps,
    engine,
    newEngine,
    call,
    happens,
    /** Something happens, and what follows from it has happened, too. */
    async hears(said: Said = {}) {
      const event = await happens(said)
      await engine.tick()
      await world.run()
      return event
    },
    async rule(body: object) {
      const { status, data, text } = await call('POST', `/session/${world.session.id}/rules`, body)
      if (status !== 201) throw new Error(`${status}: ${text}`)
      return data as unknown as Pick<Rule, 'id' | 'enabled'>
    },
    async decisions(ruleId: string) {
      const { data } = await call('GET', `/rules/${ruleId}/decisions?limit=100`)
      return (
        data as unknown as { outcome: string; reason: string; eventId: string; actionId: string | null }[]
      ).reverse()
    },
    reasons: async (ruleId: string) => {
      const { data } = await call('GET', `/rules/${ruleId}/decisions?limit=100`)
      return (data as unknown as { outcome: string; reason: string }[])
        .reverse()
        .map(({ outcome, reason }) => (outcome === 'fired' ? 'fired' : `${outcome}: ${reason}`))
    },
    sent: () => world.instagram.effects.map(({ recipientId, text }) => [recipientId, text]),
    /** As `PUT /session/{id}` does. */
    async flag(flags: Partial<Record<'autoReply' | 'autoLike' | 'autoFollow' | 'autoUnfollow', boolean>>) {
      const { settings: before } = await world.reloadSession()
      const after = { ...before, ...flags }
      await store.write(async (tx) => {
        const text = JSON.stringify(after)
        await tx.updateTable('sessions').set({ settings: text }).where('id', '=', world.session.id).execute()
        await createSwitchPresets(deps)(tx, { session: world.session, before, after })
      })
    },
    phone: (to: string) =>
      store.write(async (tx) => {
        await tx
          .insertInto('messages')
          .values({
            ...{ id: `msg_phone_${++messages}`, user_id: 'user_123', session_id: world.session.id },
            ...{ account_id: world.session.accountId, conversation_id: `conv_north.lamp_${to}`, action_id: null },
            ...{
              sender_id: 'user_123',
              sender_username: 'north.lamp',
              recipient_id: `p_${to}`,
              recipient_username: to,
            },
            ...{ content: 'by hand', message_type: 'text', media_url: null, metadata: '{}', direction: 'out' },
            ...{ status: 'succeeded', timestamp: world.clock.now() },
          })
          .execute()
      }),
  }
}

export const REPLY = { on: 'message.received', action: { type: 'message', content: 'Hi {{username}}' } }
