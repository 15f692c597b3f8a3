export * from './connector.ts'
export { createCookieStore, type ImportedCookies, importedCookies, parseCookieStore } from './cookie-store.ts'
export { createWebConnector, type WebConnectorDeps } from './web/web-connector.ts'
