export { createMessageKind, MESSAGE_KIND } from './message-kind.ts'
export { messagingRoutes } from './routes.ts'
export { sendMessage } from './send-message.ts'
export { createUnsendKind } from './unsend-kind.ts'
