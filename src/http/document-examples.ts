/**
 * The examples of both specification documents, as they are printed there, by operation. What we answer beyond them stands
 * apart, in `added`: a reader of the documents finds every line of theirs again.
 */

type Json = Record<string, unknown>

interface DocumentExample {
  request?: Json
  answer?: { status: number; printed: Json; added?: Json }
}

const AT = '2024-01-01T12:00:00.000Z'
const SESSION_ID = 'instagram_1234567890_abc123'
const MESSAGE_ID = 'msg_1234567890_abc123'

const LISTED_SESSION = {
  id: SESSION_ID,
  userId: 'user_123',
  username: 'your_instagram_username',
  sessionId: SESSION_ID,
  isActive: true,
  lastActivity: AT,
}
const COUNTS = { followersCount: 1000, followingCount: 500, postsCount: 50 }
const KIND_OF_ACCOUNT = { isBusinessAccount: false, isVerified: false }
const SETTINGS = {
  autoReply: false,
  autoLike: false,
  autoFollow: false,
  autoUnfollow: false,
  maxDailyActions: 100,
  actionDelay: 30000,
}
const SESSION_ADDED = {
  status: 'active',
  statusReason: null,
  connector: 'web',
  createdAt: AT,
  expiresAt: '2024-01-02T12:00:00.000Z',
}

const MESSAGE = {
  id: MESSAGE_ID,
  sessionId: SESSION_ID,
  conversationId: 'conv_your_username_target_user',
  messageId: MESSAGE_ID,
  senderId: 'user_123',
  senderUsername: 'your_instagram_username',
  recipientId: 'user_target_user',
  recipientUsername: 'target_user',
  content: 'Hello! How are you?',
  messageType: 'text',
}
const NO_TAGS = { hashtags: [], mentions: [] }

const BULK_ADDED = {
  bulkId: 'bulk_1234567890_abc123',
  sessionId: SESSION_ID,
  kind: 'message',
  status: 'completed',
  total: 3,
  queued: 0,
  unconfirmed: 0,
  canceled: 0,
  skipped: 0,
  duplicates: 0,
  counts: { queued: 0, running: 0, succeeded: 3, failed: 0, unconfirmed: 0, canceled: 0, expired: 0, skipped: 0 },
  delay: 30000,
  createdAt: AT,
  settledAt: '2024-01-01T12:01:00.000Z',
  estimatedCompletion: null,
}

const V2_EXAMPLES: Readonly<Record<string, DocumentExample>> = {
  logIn: {
    request: {
      username: 'your_instagram_username',
      password: 'your_instagram_password',
      twoFactorCode: '123456',
      config: {
        headless: true,
        userAgent: 'Custom User Agent',
        proxy: { host: 'proxy.example.com', port: 8080, username: 'proxy_user', password: 'proxy_pass' },
        timeout: 30000,
        retryAttempts: 3,
      },
    },
    answer: {
      status: 200,
      printed: {
        success: true,
        data: { ...LISTED_SESSION, metadata: { ...COUNTS, ...KIND_OF_ACCOUNT }, settings: SETTINGS },
        message: 'Login successful',
        timestamp: AT,
      },
      added: { data: SESSION_ADDED },
    },
  },
  logOut: { answer: { status: 200, printed: { success: true, message: 'Logout successful', timestamp: AT } } },
  getSession: {
    answer: {
      status: 200,
      printed: { success: true, data: { ...LISTED_SESSION, metadata: COUNTS, settings: SETTINGS }, timestamp: AT },
      added: { data: { metadata: KIND_OF_ACCOUNT, ...SESSION_ADDED } },
    },
  },
  listSessions: {
    answer: {
      status: 200,
      printed: { success: true, data: [LISTED_SESSION], message: 'Found 1 sessions', timestamp: AT },
      added: { data: [{ metadata: { ...COUNTS, ...KIND_OF_ACCOUNT }, settings: SETTINGS, ...SESSION_ADDED }] },
    },
  },
  updateSession: {
    request: {
      settings: {
        autoReply: true,
        autoLike: false,
        autoFollow: true,
        autoUnfollow: false,
        maxDailyActions: 150,
        actionDelay: 45000,
      },
      metadata: { followersCount: 1100, followingCount: 550, postsCount: 55 },
    },
  },
  sendMessage: {
    request: {
      sessionId: SESSION_ID,
      recipientUsername: 'target_user',
      content: 'Hello! How are you?',
      messageType: 'text',
      mediaUrl: 'https://example.com/image.jpg',
    },
    answer: {
      status: 202,
      printed: {
        success: true,
        data: { ...MESSAGE, isRead: false, isFromMe: true, timestamp: AT, metadata: NO_TAGS },
        message: 'Message queued for sending',
        timestamp: AT,
      },
      added: { data: { status: 'queued', origin: 'api', scheduledFor: AT } },
    },
  },
  sendBulkMessages: {
    request: {
      sessionId: SESSION_ID,
      recipients: ['user1', 'user2', 'user3'],
      content: 'Hello everyone!',
      messageType: 'text',
      delayBetweenMessages: 30000,
    },
    answer: {
      status: 200,
      printed: {
        success: true,
        data: {
          sent: 3,
          failed: 0,
          messages: [{ id: MESSAGE_ID, recipientUsername: 'user1', content: 'Hello everyone!' }],
        },
        message: 'Bulk message completed: 3 sent, 0 failed',
        timestamp: AT,
      },
      added: { data: { ...BULK_ADDED, messages: [{ status: 'succeeded', actionId: 'act_1234567890_abc123' }] } },
    },
  },
  listConversationMessages: {
    answer: {
      status: 200,
      printed: {
        success: true,
        data: [{ ...MESSAGE, isRead: true, isFromMe: true, timestamp: AT }],
        message: 'Retrieved 1 messages',
        timestamp: AT,
      },
      added: {
        data: [{ metadata: NO_TAGS, status: 'succeeded', origin: 'api' }],
        pagination: { limit: 50, offset: 0, hasMore: false },
      },
    },
  },
  getMessageStats: {
    answer: {
      status: 200,
      printed: {
        success: true,
        data: {
          total: 150,
          sent: 100,
          received: 50,
          read: 140,
          unread: 10,
          byType: { text: 120, image: 20, video: 10 },
        },
        message: 'Retrieved message statistics for day',
        timestamp: AT,
      },
      added: { data: { period: 'day', from: '2023-12-31T12:00:00.000Z', to: AT } },
    },
  },
  like: { request: { sessionId: SESSION_ID, postId: 'post_1234567890' } },
  comment: { request: { sessionId: SESSION_ID, postId: 'post_1234567890', content: 'Great post! üëç' } },
  follow: { request: { sessionId: SESSION_ID, userId: 'user_1234567890' } },
  getSessionStats: {
    answer: {
      status: 200,
      printed: {
        success: true,
        data: { total: 10, active: 8, expired: 2, byUser: { user_123: 3, user_456: 2, user_789: 5 } },
        timestamp: AT,
      },
    },
  },
  canCreateSession: {
    answer: {
      status: 200,
      printed: { success: true, data: { canCreate: true }, timestamp: AT },
      added: { data: { limit: 100, active: 8 } },
    },
  },
}

const V1_EXAMPLES: Readonly<Record<string, DocumentExample>> = {
  v1CreateSession: {
    request: {
      username: 'user123',
      session_id: 'xyz789',
      cookies: { sessionid: 'abc123' },
      user_agent: 'Mozilla/5.0...',
    },
  },
  v1Follow: { request: { username: 'user123', target_user_id: 'target456', action_type: 'follow' } },
  v1Like: { request: { username: 'user123', media_id: 'post789', action_type: 'like' } },
}

const EXAMPLES = { ...V2_EXAMPLES, ...V1_EXAMPLES }

/** The body that a document shows for the operation. */
export function requestExample(operation: string): Json | undefined {
  return EXAMPLES[operation]?.request
}

/** The answer that a document shows for the operation, if it has this status, with what we add to it. */
export function answerExample(operation: string, status: number): Json | undefined {
  const answer = EXAMPLES[operation]?.answer
  if (answer === undefined || answer.status !== status) return undefined
  return extend(answer.printed, answer.added) as Json
}

function extend(printed: unknown, added: unknown): unknown {
  if (Array.isArray(printed) && Array.isArray(added)) return printed.map((item, index) => extend(item, added[index]))
  if (!isObject(printed) || !isObject(added)) return printed === undefined ? added : printed
  const names = [...new Set([...Object.keys(printed), ...Object.keys(added)])]
  return Object.fromEntries(names.map((name) => [name, extend(printed[name], added[name])]))
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
