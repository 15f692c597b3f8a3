export type {
  Audit,
  CancelQueue,
  CookieJars,
  ImportedCookies,
  Lanes,
  SessionDeps,
  SessionOptions,
} from './dependencies.ts'
export { createSessionHooks } from './hooks.ts'
export { type KeySource, loadKeys, saveKeys } from './key-file.ts'
export { createVault, type EncryptionKey, type Vault, VaultError } from './vault.ts'
