import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** What the child does once it owns the directory; see the end of this file. */
export type StoreProcessTask = 'hold' | 'write' | 'migrate'

export interface StoreProcess {
  /** Lines that the child printed so far. */
  readonly lines: readonly string[]
  /** Resolves once `count` lines have been printed, or the process has ended. */
  printed(count: number): Promise<void>
  /** Resolves with the exit code, or the signal's name. */
  readonly ended: Promise<number | string>
  kill(): void
}

/** Runs a real process on a data directory, because only a real one can be killed, or refused. */
export function startStoreProcess(
  task: StoreProcessTask,
  directory: string,
  env: Record<string, string> = {},
): StoreProcess {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), task, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  })
  const lines: string[] = []
  const waiting: { count: number; resolve: () => void }[] = []
  let hasEnded = false
  const wake = () => {
    for (const entry of [...waiting]) {
      if (lines.length < entry.count && !hasEnded) continue
      waiting.splice(waiting.indexOf(entry), 1)
      entry.resolve()
    }
  }
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line)
    wake()
  })
  const ended = new Promise<number | string>((resolve) => {
    child.on('close', (code, signal) => {
      hasEnded = true
      wake()
      resolve(code ?? signal ?? 'unknown')
    })
  })
  return {
    lines,
    printed: (count) =>
      new Promise((resolve) => {
        waiting.push({ count, resolve })
        wake()
      }),
    ended,
    kill: () => child.kill('SIGKILL'),
  }
}

if (import.meta.filename === process.argv[1]) await run(process.argv[2], process.argv[3] as string)

async function run(task: string | undefined, directory: string): Promise<void> {
  const [{ armCrashPoint }, { openDataDir }, { StoreRefusal }, { openStore }] = await Promise.all([
    import('../../src/core/crash-point.ts'),
    import('../../src/store/data-dir.ts'),
    import('../../src/store/faults.ts'),
    import('../../src/store/open-store.ts'),
  ])
  if (process.env['CRASH_POINT'] !== undefined) armCrashPoint(process.env['CRASH_POINT'])
  try {
    // Migrating is safe by itself, without the directory's lock.
    if (task !== 'migrate') openDataDir({ path: directory, sinceWall: Date.now() })
    const store = await openStore({ file: `${directory}/gateway.db`, mode: 'sandbox' })
    console.log('open')
    if (task === 'hold') setInterval(() => {}, 1_000)
    if (task === 'migrate') await store.close()
    if (task === 'write') {
      // Many writers at once, each printing what was acknowledged: groups of every size are under way at any moment.
      let last = 0
      const writeForever = async () => {
        for (;;) {
          last += 1
          const id = `row_${last}`
          await store.write((tx) =>
            tx
              .insertInto('audit')
              .values({ id, at: 1, actor: 'test', what: 'write', target: null, details: null })
              .execute(),
          )
          console.log(id)
        }
      }
      await Promise.all(Array.from({ length: 8 }, writeForever))
    }
  } catch (error) {
    if (!(error instanceof StoreRefusal)) throw error
    console.log(error.message)
    process.exitCode = error.exitCode
  }
}
