import Type from 'typebox'
import { type Route, route } from '../http/route.ts'
import { PendingActionView, type RunDeps } from '../outbox/index.ts'
import { deleteMessage } from './delete-message.ts'
import { markRead } from './mark-read.ts'
import { readConversationMessages, readConversations, readMessage } from './read-messages.ts'
import { readStats } from './read-stats.ts'
import {
  AcceptedMessageView,
  ConversationsQuery,
  ConversationView,
  DeletedView,
  MessagesQuery,
  MessageView,
  SendMessageBody,
  StatsQuery,
  StatsView,
} from './schemas.ts'
import { type SendDeps, sendMessage } from './send-message.ts'

const PAGE = 50

export function messagingRoutes(deps: RunDeps & SendDeps): Route[] {
  return [
    route({
      operation: 'sendMessage',
      method: 'POST',
      path: '/message',
      summary: 'Send a direct message',
      tag: 'Messages',
      scope: 'send',
      limits: ['messages'],
      body: SendMessageBody,
      answers: { 202: AcceptedMessageView },
      errors: ['SESSION_NOT_FOUND', 'SESSION_NOT_ACTIVE', 'SUPPRESSED', 'NOT_SUPPORTED', 'ACTION_LIMIT_EXCEEDED'],
      handler: ({ principal, receipt, body }) => sendMessage(deps, { principal, receipt, input: body }),
    }),
    route({
      operation: 'getMessage',
      method: 'GET',
      path: '/message/:messageId',
      summary: 'Read one message',
      tag: 'Messages',
      scope: 'read',
      params: Type.Object({ messageId: Type.String({ maxLength: 100 }) }),
      answers: { 200: MessageView },
      errors: ['MESSAGE_NOT_FOUND'],
      handler: ({ principal, params }) => readMessage(deps, principal, params.messageId),
    }),
    route({
      operation: 'markMessageRead',
      method: 'PUT',
      path: '/message/:messageId/read',
      summary: 'Mark a received message as read; an own one is read by its recipient',
      tag: 'Messages',
      scope: 'send',
      params: Type.Object({ messageId: Type.String({ maxLength: 100 }) }),
      answers: { 200: MessageView },
      errors: ['MESSAGE_NOT_FOUND'],
      handler: ({ principal, params }) => markRead(deps, principal, params.messageId),
    }),
    route({
      operation: 'deleteMessage',
      method: 'DELETE',
      path: '/message/:messageId',
      summary: 'Cancel a queued message, take back a sent one, hide a received one',
      tag: 'Messages',
      scope: 'send',
      params: Type.Object({ messageId: Type.String({ maxLength: 100 }) }),
      answers: { 200: DeletedView, 202: PendingActionView },
      errors: [
        'MESSAGE_NOT_FOUND',
        'NOT_CANCELABLE',
        'SESSION_NOT_ACTIVE',
        'CHALLENGE_REQUIRED',
        'ACTION_CANCELED',
        'TARGET_NOT_FOUND',
        'REFUSED_BY_INSTAGRAM',
        'NOT_SUPPORTED',
        'ACTION_LIMIT_EXCEEDED',
        'INSTAGRAM_ERROR',
        'PROXY_ERROR',
        'INSTAGRAM_TIMEOUT',
      ],
      handler: ({ principal, receipt, preferredWaitMs, params }) =>
        deleteMessage(deps, { principal, receipt, preferredWaitMs, messageId: params.messageId }),
    }),
    route({
      operation: 'listConversationMessages',
      method: 'GET',
      path: '/conversation/:conversationId/messages',
      summary: 'Read the messages of a conversation, newest first',
      tag: 'Messages',
      scope: 'read',
      params: Type.Object({ conversationId: Type.String({ maxLength: 200 }) }),
      query: MessagesQuery,
      answers: { 200: Type.Array(MessageView) },
      errors: ['CONVERSATION_NOT_FOUND'],
      handler: ({ principal, params, query }) =>
        readConversationMessages(deps, principal, {
          conversationId: params.conversationId,
          limit: query.limit ?? PAGE,
          offset: query.offset ?? 0,
          cursor: query.cursor,
          snapshot: query.snapshot,
        }),
    }),
    route({
      operation: 'getMessageStats',
      method: 'GET',
      path: '/session/:sessionId/messages/stats',
      summary: 'Count the messages of an account in a rolling period',
      tag: 'Messages',
      scope: 'read',
      params: Type.Object({ sessionId: Type.String({ maxLength: 100 }) }),
      query: StatsQuery,
      answers: { 200: StatsView },
      errors: ['SESSION_NOT_FOUND'],
      handler: ({ principal, params, query }) =>
        readStats(deps, principal, { sessionId: params.sessionId, period: query.period ?? 'day' }),
    }),
    route({
      operation: 'listConversations',
      method: 'GET',
      path: '/session/:sessionId/conversations',
      summary: 'Read the conversations of an account, the latest first',
      tag: 'Messages',
      scope: 'read',
      params: Type.Object({ sessionId: Type.String({ maxLength: 100 }) }),
      query: ConversationsQuery,
      answers: { 200: Type.Array(ConversationView) },
      errors: ['SESSION_NOT_FOUND'],
      handler: ({ principal, params, query }) =>
        readConversations(deps, principal, {
          sessionId: params.sessionId,
          limit: query.limit ?? PAGE,
          cursor: query.cursor,
        }),
    }),
  ]
}
