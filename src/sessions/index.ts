export { type Account, findAccountByName, listLiveAccounts, savePolicy } from './account-store.ts'
export { wasConnected } from './connected.ts'
export { deactivateSession } from './deactivate-session.ts'
export type { Audit, CancelQueue, CookieJars, SessionDeps, SessionOptions, SettingsChanged } from './dependencies.ts'
export { createExpirySweep, type ExpirySweep } from './expiry.ts'
export { findOwnSessionEverNamed, findOwnSessionNamed } from './find-own-session.ts'
export { handoffPages } from './handoff-page.ts'
export { createSessionHooks } from './hooks.ts'
export { type ImportInput, importSession } from './import-session.ts'
export { type KeySource, loadKeys } from './key-file.ts'
export { keyRoutes } from './key-routes.ts'
export { listSessions } from './read-sessions.ts'
export { createRotateKeys, type KeyRotation } from './rotate-keys.ts'
export { sessionRoutes } from './routes.ts'
export { Cookies, UserAgent, Username } from './schemas.ts'
export {
  listProxies,
  SEALED_COLUMNS,
  type SessionProxy,
  verifyVault,
} from './sealed-columns.ts'
export type { Session } from './session.ts'
export { countByStatus } from './store.ts'
export { createValidateSession, type ValidateSession } from './validate-session.ts'
export { createVault, type Vault, VaultError } from './vault.ts'
