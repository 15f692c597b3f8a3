import type { Finding } from './trouble.ts'

/** `owner` is who holds the data directory, or null. */
export function checkLock(owner: string | null): Finding {
  const troubles =
    owner === null
      ? []
      : [
          {
            what: `the data directory is in use by ${owner}`,
            remedy: 'if that is the gateway you mean, all is well; a second one needs another DATA_DIR',
          },
        ]
  return { subject: 'lock', troubles, detail: 'free' }
}
