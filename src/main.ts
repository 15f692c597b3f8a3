import { existsSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

if (existsSync('.env')) process.loadEnvFile()

// Whatever this process writes (messages, credentials, compiled code) is for its own user only.
process.umask(0o077)

// What is imported after this line is compiled once and read back at the next start.
if (process.argv[2] === 'start') {
  const { makeDirectory } = await import('./store/make-directory.ts')
  const cache = join(process.env.DATA_DIR ?? join('data', process.env.INSTAGRAM_MODE ?? 'sandbox'), 'cache')
  try {
    makeDirectory(cache)
    enableCompileCache(cache)
  } catch {
    // The start itself will say what is wrong with the data directory.
  }
}

const { armCrashPoint } = await import('./core/crash-point.ts')
if (process.env.CRASH_POINT !== undefined) armCrashPoint(process.env.CRASH_POINT)

const { runCli } = await import('./cli/index.ts')
process.exitCode = await runCli(process.argv.slice(2), process.env)
