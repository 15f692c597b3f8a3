/**
 * What the npm package exports: the whole gateway, run inside another program, and the first document's names over it.
 * Nothing listens for HTTP unless it is asked to.
 */
export { ConfigError } from './config/index.ts'
export { type ActionAnswer, InstagramClient } from './library/client.ts'
export { type GatewayOptions, InstagramConfig, type OptionValue } from './library/config.ts'
export { InstagramError } from './library/instagram-error.ts'
export { createGateway, type LibraryGateway } from './library/instance.ts'
export { InstagramSession, InstagramSessionManager, type Limit, type NewInstagramSession } from './library/session.ts'
