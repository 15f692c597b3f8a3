import type { Clock } from '../src/core/clock.ts'
import { performAct } from './acts/perform.ts'
import { Call } from './call.ts'
import { type ControlFace, controlFace } from './control/control.ts'
import type { Controlled } from './control/parts.ts'
import { destinationOf, refusalOf, touchSession } from './dispatch.ts'
import { type Answer, CONTROL_PREFIX, type SandboxRequest, type SandboxResponse } from './exchange.ts'
import { applyFault, type Fault, Faults } from './faults.ts'
import { FILE_HOST, fileAt } from './files.ts'
import { type LoggedRequest, RequestLog } from './request-log.ts'
import { type Listening, type ListenOptions, listen } from './server.ts'
import { type SettingsInput, settingsFrom } from './settings.ts'
import { Agenda } from './world/agenda.ts'
import { Journal } from './world/journal.ts'
import { seedWorld } from './world/seed.ts'
import { World } from './world/world.ts'

export interface SandboxOptions {
  clock: Clock
  /** Moves product time; without it the control face refuses to. */
  advance?: (ms: number) => Promise<void>
  seed?: number
  /** Where the world is kept; in memory only without it. */
  file?: string
  settings?: SettingsInput
}

export interface Sandbox extends Controlled {
  /** One request, one answer, or what happens to the connection instead. */
  handle(request: SandboxRequest): Promise<SandboxResponse>
  /** Serves `handle` over HTTP: as plain origin, as forward proxy, and the control face on loopback. */
  listen(options?: ListenOptions): Promise<Listening>
  /** The world as text, and back: for simulations that branch. */
  snapshot(): string
  restore(snapshot: string): void
  /** Writes what is not yet in the file. */
  flush(): Promise<void>
  close(): Promise<void>
}

const DEFAULT_SEED = 1

/**
 * A simulated Instagram. It is deterministic: the same seed, clock and requests give the same ids and answers.
 *
 * @throws when `file` exists and cannot be read.
 */
export function createSandbox(options: SandboxOptions): Sandbox {
  const { clock } = options
  const world: World = new World(options.file === undefined ? null : () => journal?.plan())
  const journal = options.file === undefined ? null : new Journal(options.file, world, clock)
  const faults = new Faults()
  const requests = new RequestLog()
  const agenda = new Agenda(world, clock, (act, at) => void performAct(world, act, at))
  let settings = settingsFrom(options.settings ?? {})
  const listeners: Listening[] = []

  world.onEffect = (entry) => agenda.react(entry)
  if (journal?.load() !== true) seedWorld(world, { seed: options.seed ?? DEFAULT_SEED, at: clock.now() })
  journal?.rewrite()
  agenda.arm()

  const sandbox: Sandbox = {
    world,
    faults,
    requests,
    handle: async (request) => handle({ sandbox, clock, control }, request),
    async listen(listenOptions = {}) {
      const listening = await listen({ handle: sandbox.handle, clock }, listenOptions)
      listeners.push(listening)
      return listening
    },
    configure(input) {
      settings = settingsFrom(input, settings)
    },
    settings: () => settings,
    reset(seed = world.meta.seed) {
      seedWorld(world, { seed, at: clock.now() })
      faults.clear()
      requests.clear()
      journal?.rewrite()
      agenda.arm()
    },
    snapshot: () => JSON.stringify(world.dump()),
    restore(snapshot) {
      world.begin(world.meta)
      world.apply(JSON.parse(snapshot))
      journal?.rewrite()
      agenda.arm()
    },
    flush: async () => journal?.flush(),
    async close() {
      agenda.stop()
      await Promise.all(listeners.map((listening) => listening.close()))
      await journal?.close()
    },
  }
  const control = controlFace({ sandbox, agenda, clock, advance: options.advance ?? null })
  return sandbox
}

interface Inside {
  sandbox: Sandbox
  clock: Clock
  control: ControlFace
}

async function handle({ sandbox, clock, control }: Inside, request: SandboxRequest): Promise<SandboxResponse> {
  const { host, isSecure, path, search } = addressOf(request)
  if (host === FILE_HOST) return fileAt(path)
  if (path === CONTROL_PREFIX || path.startsWith(`${CONTROL_PREFIX}/`)) {
    return control({ request, path: path.slice(CONTROL_PREFIX.length), query: new URLSearchParams(search) })
  }
  const { world } = sandbox
  const call = new Call({
    request,
    world,
    settings: sandbox.settings(),
    now: clock.now(),
    wall: clock.wall(),
    host,
    isSecure,
    path,
    search,
  })
  return perform(sandbox, call)
}

function perform(sandbox: Sandbox, call: Call): SandboxResponse {
  const destination = destinationOf(call)
  const { kind } = destination.route
  const account = call.account ?? claimedAccount(call, kind)
  const target = { path: call.path, method: call.request.method, kind, account }
  const fault = sandbox.faults.size === 0 ? null : sandbox.faults.take(target)
  const answer = fault === null || fault.effect ? answerOf(call, destination) : null
  const response = fault === null ? answer : faulty(call, fault, answer)
  sandbox.requests.add(logged(call, { kind, account: account?.username ?? null, fault, response }))
  return response ?? { kind: 'closed', tookEffect: false }
}

function answerOf(call: Call, destination: ReturnType<typeof destinationOf>): Answer {
  const answer = refusalOf(call, destination) ?? destination.route.run(call)
  return call.settings.numericIds ? withNumericIds(answer) : answer
}

function faulty(call: Call, fault: Fault, answer: Answer | null): SandboxResponse {
  const accountPk = call.account?.pk ?? null
  touchSession(call, fault, answer)
  return applyFault(fault, answer, accountPk)
}

/** Whoever a log-in is about has no session yet. */
function claimedAccount(call: Call, kind: string) {
  if (kind !== 'login' && kind !== 'two_factor') return null
  return call.world.userNamed(call.form.get('username') ?? '') ?? null
}

function logged(
  call: Call,
  outcome: { kind: string; account: string | null; fault: Fault | null; response: SandboxResponse | null },
): Omit<LoggedRequest, 'no'> {
  return {
    at: call.now,
    method: call.request.method,
    path: call.path,
    kind: outcome.kind,
    account: outcome.account,
    status: statusOf(outcome.response),
    remotePort: call.request.remotePort ?? null,
    fault: outcome.fault?.fault ?? null,
  }
}

function statusOf(response: SandboxResponse | null): number | null {
  switch (response?.kind) {
    case 'answered':
      return response.status
    case 'truncated':
      return response.answer.status
    case 'delayed':
      return statusOf(response.response)
    default:
      return null
  }
}

/** Platform ids as JSON numbers, as the service sends them now and then, to catch parsers that round them. */
function withNumericIds(answer: Answer): Answer {
  if (typeof answer.body !== 'string') return answer
  return { ...answer, body: answer.body.replaceAll(/"(pk|pk_id|user_id|timestamp|userId)":"(\d+)"/g, '"$1":$2') }
}

function addressOf(request: SandboxRequest): { host: string | null; isSecure: boolean; path: string; search: string } {
  const { url } = request
  if (!url.startsWith('/')) {
    const parsed = new URL(url)
    return {
      host: parsed.hostname,
      isSecure: parsed.protocol === 'https:',
      path: parsed.pathname,
      search: parsed.search,
    }
  }
  const mark = url.indexOf('?')
  const path = mark < 0 ? url : url.slice(0, mark)
  return { host: hostOf(request), isSecure: false, path, search: mark < 0 ? '' : url.slice(mark) }
}

function hostOf({ headers }: SandboxRequest): string | null {
  const host = headers['host']
  if (typeof host !== 'string') return null
  const colon = host.indexOf(':')
  return colon < 0 ? host : host.slice(0, colon)
}
