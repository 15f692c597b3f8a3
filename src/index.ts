/** What the npm package exports: the whole gateway, to be run inside another program. */
export { ConfigError, type ReadConfig, readConfig } from './config/index.ts'
export { createGateway, type Gateway, type Running } from './gateway.ts'
