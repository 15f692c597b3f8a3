export { type Account, findAccountByName, listLiveAccounts, savePolicy } from './account-store.ts'
export type { Audit, CancelQueue, CookieJars, SessionDeps, SessionOptions } from './dependencies.ts'
export { createExpirySweep, type ExpirySweep } from './expiry.ts'
export { handoffPages } from './handoff-page.ts'
export { createSessionHooks } from './hooks.ts'
export { type KeySource, loadKeys } from './key-file.ts'
export { keyRoutes } from './key-routes.ts'
export { createRotateKeys, type KeyRotation } from './rotate-keys.ts'
export { sessionRoutes } from './routes.ts'
export {
  listProxies,
  SEALED_COLUMNS,
  type SessionProxy,
  verifyVault,
} from './sealed-columns.ts'
export { createValidateSession, type ValidateSession } from './validate-session.ts'
export { createVault, type Vault, VaultError } from './vault.ts'
