import Type from 'typebox'
import { MESSAGE_TYPES, SHOWN_TYPES } from './message.ts'
import { PERIODS } from './read-stats.ts'

const Instant = Type.String({ format: 'date-time' })

const MessageTypeSchema = Type.Union(
  MESSAGE_TYPES.map((type) => Type.Literal(type)),
  { default: 'text' },
)

export const SendMessageBody = Type.Object({
  sessionId: Type.String({ minLength: 1, maxLength: 100 }),
  recipientUsername: Type.String({
    minLength: 1,
    maxLength: 31,
    description: 'Instagram username, with or without a leading @.',
  }),
  content: Type.Optional(
    Type.String({ description: '1 to 1000 bytes of UTF-8; required for text, and with a link in it for link.' }),
  ),
  messageType: Type.Optional(MessageTypeSchema),
  mediaUrl: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 2048,
      pattern: '^https?://',
      description: 'Required for image (8 MB), video and voice (25 MB); fetched when its turn comes.',
    }),
  ),
  sendAt: Type.Optional(Type.String({ maxLength: 40, description: 'Not before this instant (RFC 3339).' })),
  expiresAt: Type.Optional(Type.String({ maxLength: 40, description: 'Not after this instant (RFC 3339).' })),
  onLimit: Type.Optional(
    Type.Union([Type.Literal('queue'), Type.Literal('reject')], {
      description: 'Wait when the account has reached a limit (default), or be refused.',
    }),
  ),
  override: Type.Optional(
    Type.Boolean({
      description: 'Send although the recipient is suppressed. Kept with the action, and in the audit trail.',
    }),
  ),
  replyTo: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 100,
      description: 'Id of the message of the same conversation that this one answers.',
    }),
  ),
})

export const MessageView = Type.Object(
  {
    id: Type.String(),
    sessionId: Type.String(),
    conversationId: Type.String(),
    messageId: Type.String(),
    senderId: Type.String(),
    senderUsername: Type.String(),
    recipientId: Type.String(),
    recipientUsername: Type.String(),
    content: Type.String(),
    messageType: Type.Union(SHOWN_TYPES.map((type) => Type.Literal(type))),
    mediaUrl: Type.Optional(Type.String()),
    isRead: Type.Boolean(),
    isFromMe: Type.Boolean(),
    timestamp: Instant,
    metadata: Type.Object({
      hashtags: Type.Array(Type.String()),
      mentions: Type.Array(Type.String()),
      storyId: Type.Optional(Type.String({ description: 'The story that it is about.' })),
      itemType: Type.Optional(Type.String({ description: 'What Instagram calls a message of type other.' })),
    }),
    status: Type.String(),
    origin: Type.Union([Type.Literal('api'), Type.Literal('elsewhere')], {
      description: 'Written through this API, or elsewhere: by the other side, or by the account in an app.',
    }),
    actionId: Type.Optional(Type.String()),
  },
  { title: 'Message' },
)

export const AcceptedMessageView = Type.Object(
  {
    ...MessageView.properties,
    scheduledFor: Type.Union([Instant, Type.Null()], {
      description: 'Forecast of the attempt; null where the session must be mended first.',
    }),
    warnings: Type.Optional(Type.Array(Type.String())),
  },
  { title: 'AcceptedMessage' },
)

export const DeletedView = Type.Object({
  messageId: Type.String(),
  how: Type.Union([Type.Literal('canceled'), Type.Literal('unsent'), Type.Literal('hidden')], {
    description: 'Before it was sent, at Instagram for everybody, or here only.',
  }),
})

export const ConversationView = Type.Object(
  {
    id: Type.String(),
    conversationId: Type.String(),
    sessionId: Type.String(),
    username: Type.String({ description: 'The account.' }),
    participantId: Type.String(),
    participantUsername: Type.String(),
    isGroup: Type.Boolean(),
    isRequest: Type.Boolean({ description: 'Not accepted by the account yet.' }),
    title: Type.Optional(Type.String({ description: 'The name of a group.' })),
    unreadCount: Type.Integer(),
    lastMessage: Type.Union([MessageView, Type.Null()]),
    lastActivity: Instant,
  },
  { title: 'Conversation' },
)

const Limit = Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 50 }))
const Cursor = Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'A nextCursor of this list.' }))

export const MessagesQuery = Type.Object({
  limit: Limit,
  offset: Type.Optional(Type.Integer({ minimum: 0, maximum: 100_000, default: 0 })),
  cursor: Cursor,
  snapshot: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'Of an earlier page: pages by offset then fit together although messages come meanwhile.',
    }),
  ),
})

export const ConversationsQuery = Type.Object({ limit: Limit, cursor: Cursor })

const PeriodSchema = Type.Union(PERIODS.map((period) => Type.Literal(period)))

export const StatsQuery = Type.Object({
  period: Type.Optional(
    Type.Union(
      PERIODS.map((period) => Type.Literal(period)),
      { default: 'day', description: 'Rolling, up to now; a month is thirty days.' },
    ),
  ),
})

const Count = Type.Integer({ minimum: 0 })

export const StatsView = Type.Object(
  {
    total: Count,
    sent: Count,
    received: Count,
    read: Type.Integer({ minimum: 0, description: 'Seen by the account, or own ones that the other side has seen.' }),
    unread: Count,
    byType: Type.Record(Type.String(), Count),
    period: PeriodSchema,
    from: Type.Union([Instant, Type.Null()], { description: 'Null for all.' }),
    to: Instant,
  },
  { title: 'MessageStats' },
)
