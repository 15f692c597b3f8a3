export { type Answer, ConnectionError, GatewayError, type RequestOptions, type ServerEvent } from './call.ts'
export { Gateway, type GatewayOptions } from './gateway.ts'
export { createInstagramAPI, type Envelope, type InstagramAPI, instagramAPI } from './instagram-api.ts'
export type * from './operations.ts'
export {
  signWebhook,
  verifyWebhook,
  type WebhookDelivery,
  type WebhookEvent,
  type WebhookHeaders,
  WebhookVerificationError,
} from './webhook.ts'
