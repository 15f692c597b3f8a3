import { type TypeBoxTypeProvider, TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox'
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify'
import { jwtVerify } from 'jose'
import Type from 'typebox'

// What the ratios are measured against: Fastify with the body, schema and token check of the two measured routes and
// nothing behind them. Tokens are verified once and remembered until they expire, as the gateway does.

const port = Number(process.env['PORT'])
const secret = new TextEncoder().encode(process.env['JWT_SECRET'])
const verified = new Map<string, { sub: string; expiresAt: number }>()

const app = Fastify({ logger: false })
  .setValidatorCompiler(TypeBoxValidatorCompiler)
  .withTypeProvider<TypeBoxTypeProvider>()

async function authenticate(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const token = request.headers.authorization?.replace(/^Bearer /, '') ?? ''
  const known = verified.get(token)
  if (known !== undefined && known.expiresAt > Date.now()) return
  try {
    const { payload } = await jwtVerify(token, secret, { algorithms: ['HS256'] })
    verified.set(token, { sub: payload.sub ?? '', expiresAt: (payload.exp ?? 0) * 1000 })
  } catch {
    await reply.code(401).send({ success: false })
  }
}

const Message = Type.Object(
  {
    sessionId: Type.String({ minLength: 1, maxLength: 200 }),
    recipientUsername: Type.String({ minLength: 1, maxLength: 64 }),
    content: Type.Optional(Type.String({ maxLength: 1000 })),
    messageType: Type.Optional(Type.Enum(['text', 'image', 'video', 'voice', 'link', 'like'])),
    mediaUrl: Type.Optional(Type.String({ maxLength: 2048 })),
  },
  { additionalProperties: false },
)

app.post(
  '/api/v2/instagram/message',
  { schema: { body: Message }, onRequest: authenticate },
  async (request, reply) => {
    const { sessionId, recipientUsername, content } = request.body
    const timestamp = new Date().toISOString()
    reply.code(202)
    return {
      success: true,
      data: {
        id: 'msg_1234567890_abc123',
        sessionId,
        conversationId: `conv_your_username_${recipientUsername}`,
        messageId: 'msg_1234567890_abc123',
        senderId: 'user_123',
        senderUsername: 'your_instagram_username',
        recipientId: `user_${recipientUsername}`,
        recipientUsername,
        content,
        messageType: 'text',
        isRead: false,
        isFromMe: true,
        timestamp,
        metadata: { hashtags: [], mentions: [] },
      },
      message: 'Message queued for sending',
      timestamp,
    }
  },
)

const SessionParams = Type.Object({ sessionId: Type.String({ minLength: 1, maxLength: 200 }) })

app.get(
  '/api/v2/instagram/session/:sessionId',
  { schema: { params: SessionParams }, onRequest: authenticate },
  async (request) => {
    const { sessionId } = request.params
    const timestamp = new Date().toISOString()
    return {
      success: true,
      data: {
        id: sessionId,
        userId: 'user_123',
        username: 'your_instagram_username',
        sessionId,
        isActive: true,
        lastActivity: timestamp,
        metadata: { followersCount: 1000, followingCount: 500, postsCount: 50 },
        settings: {
          autoReply: false,
          autoLike: false,
          autoFollow: false,
          autoUnfollow: false,
          maxDailyActions: 100,
          actionDelay: 30_000,
        },
      },
      timestamp,
    }
  },
)

app.get('/readyz', async () => ({ status: 'ready' }))

process.on('SIGTERM', () => void app.close())
await app.listen({ host: '127.0.0.1', port })
