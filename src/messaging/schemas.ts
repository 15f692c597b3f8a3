import Type from 'typebox'
import { MESSAGE_TYPES } from './message.ts'

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
  override: Type.Optional(Type.Boolean({ description: 'Send although the recipient asked not to be messaged.' })),
  replyTo: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
})

export const MessageView = Type.Object({
  id: Type.String(),
  sessionId: Type.String(),
  conversationId: Type.String(),
  messageId: Type.String(),
  senderId: Type.String(),
  senderUsername: Type.String(),
  recipientId: Type.String(),
  recipientUsername: Type.String(),
  content: Type.String(),
  messageType: MessageTypeSchema,
  mediaUrl: Type.Optional(Type.String()),
  isRead: Type.Boolean(),
  isFromMe: Type.Boolean(),
  timestamp: Instant,
  metadata: Type.Object({ hashtags: Type.Array(Type.String()), mentions: Type.Array(Type.String()) }),
  status: Type.String(),
  actionId: Type.Optional(Type.String()),
})

export const AcceptedMessageView = Type.Object({
  ...MessageView.properties,
  scheduledFor: Type.Union([Instant, Type.Null()], {
    description: 'Forecast of the attempt; null where the session must be mended first.',
  }),
  warnings: Type.Optional(Type.Array(Type.String())),
})

export const DeletedView = Type.Object({
  messageId: Type.String(),
  how: Type.Union([Type.Literal('canceled'), Type.Literal('unsent'), Type.Literal('hidden')], {
    description: 'Before it was sent, at Instagram for everybody, or here only.',
  }),
})

export const ConversationView = Type.Object({
  id: Type.String(),
  conversationId: Type.String(),
  sessionId: Type.String(),
  username: Type.String({ description: 'The account.' }),
  participantId: Type.String(),
  participantUsername: Type.String(),
  unreadCount: Type.Integer(),
  lastMessage: Type.Union([MessageView, Type.Null()]),
  lastActivity: Instant,
})

const Limit = Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 50 }))
const Cursor = Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'A nextCursor of this list.' }))

export const MessagesQuery = Type.Object({
  limit: Limit,
  offset: Type.Optional(Type.Integer({ minimum: 0, maximum: 100_000, default: 0 })),
  cursor: Cursor,
})

export const ConversationsQuery = Type.Object({ limit: Limit, cursor: Cursor })
