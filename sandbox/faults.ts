import { feedbackRequired, throttled } from './acts/limits.ts'
import { type Answer, fail, html, type SandboxResponse } from './exchange.ts'

/** What the control face can make happen to a request instead of, or after, what would have happened. */
export type FaultKind =
  | 'drop_before'
  | 'drop_after'
  | 'hang'
  | 'status'
  | 'throttle'
  | 'feedback_required'
  | 'challenge_required'
  | 'checkpoint_required'
  | 'login_required'
  | 'html'
  | 'truncate'
  | 'empty'
  | 'rotate_session'
  | 'end_session'

export const FAULT_KINDS: readonly FaultKind[] = [
  'drop_before',
  'drop_after',
  'hang',
  'status',
  'throttle',
  'feedback_required',
  'challenge_required',
  'checkpoint_required',
  'login_required',
  'html',
  'truncate',
  'empty',
  'rotate_session',
  'end_session',
]

/** By default these let the request take effect first. */
const AFTER_EFFECT: ReadonlySet<FaultKind> = new Set(['drop_after', 'hang', 'truncate', 'empty', 'rotate_session'])

export interface FaultRule {
  fault: FaultKind
  /** Username or platform id of whoever asks. */
  account?: string
  /** Part of the request's path; `*` stands for anything. */
  path?: string
  /** What the request is about: `message`, `like`, `login`, `inbox`, … */
  kind?: string
  method?: string
  /** Lets that many matching requests pass first. */
  skip: number
  /** Null: until deleted. */
  times: number | null
  /** Whether the request takes effect all the same. */
  effect: boolean
  /** `hang`: milliseconds of machine time, or null for ever. */
  ms: number | null
  /** `status`. */
  code: number
  body: string | null
  headers: Record<string, string>
  /** `throttle`: seconds. */
  retryAfter: number | null
  /** `feedback_required`: epoch milliseconds that the text names. */
  until: number | null
  /** `challenge_required`, `checkpoint_required`: where to send the owner. */
  url: string | null
}

export interface Fault extends FaultRule {
  id: string
  /** Matching requests so far, those that were let pass included. */
  matched: number
  applied: number
}

export interface FaultTarget {
  path: string
  method: string
  kind: string
  account: { username: string; pk: string; aliases: string[] } | null
}

/** The faults in force, oldest first; the first that matches and is due takes the request. */
export class Faults {
  readonly #faults = new Map<string, Fault>()
  #count = 0

  get size(): number {
    return this.#faults.size
  }

  add(rule: FaultRule): Fault {
    this.#count++
    const fault = { ...rule, id: `fault_${this.#count}`, matched: 0, applied: 0 }
    this.#faults.set(fault.id, fault)
    return fault
  }

  list(): Fault[] {
    return [...this.#faults.values()]
  }

  get(id: string): Fault | undefined {
    return this.#faults.get(id)
  }

  remove(id: string): boolean {
    return this.#faults.delete(id)
  }

  clear(): void {
    this.#faults.clear()
  }

  /** The fault for this request, if any; counts it. */
  take(target: FaultTarget): Fault | null {
    for (const fault of this.#faults.values()) {
      if (!matches(fault, target)) continue
      if (fault.times !== null && fault.applied >= fault.times) continue
      fault.matched++
      if (fault.matched <= fault.skip) continue
      fault.applied++
      return fault
    }
    return null
  }
}

export function takesEffectByDefault(kind: FaultKind): boolean {
  return AFTER_EFFECT.has(kind)
}

/** What the client gets. `answer` is the true one, null when the request took no effect. */
export function applyFault(fault: Fault, answer: Answer | null, accountPk: string | null): SandboxResponse {
  switch (fault.fault) {
    case 'drop_before':
    case 'drop_after':
      return { kind: 'closed', tookEffect: answer !== null }
    case 'hang':
      return { kind: 'delayed', ms: fault.ms, response: answer ?? { kind: 'closed', tookEffect: false } }
    case 'truncate':
      return truncated(answer)
    case 'empty':
      return { kind: 'answered', status: 200, headers: answer?.headers ?? {}, body: '' }
    case 'rotate_session':
      return answer ?? { kind: 'closed', tookEffect: false }
    default:
      return saying(fault, accountPk)
  }
}

function saying(fault: Fault, accountPk: string | null): Answer {
  const path = `/challenge/${accountPk ?? '0'}/AbCdEfGh/`
  switch (fault.fault) {
    case 'throttle':
      return throttled(fault.retryAfter)
    case 'feedback_required':
      return feedbackRequired(fault.until)
    case 'challenge_required':
      return fail(400, 'challenge_required', {
        challenge: {
          url: fault.url ?? `https://i.instagram.com${path}`,
          api_path: path,
          hide_webview_header: true,
          lock: true,
          logout: false,
          native_flow: true,
          flow_render_type: 0,
        },
      })
    case 'checkpoint_required':
      return fail(400, 'checkpoint_required', { checkpoint_url: fault.url ?? path, lock: true, flow_render_type: 0 })
    case 'login_required':
    case 'end_session':
      return loggedOut()
    case 'html':
      return html(
        '<!DOCTYPE html><html><head><title>Instagram</title></head><body><div id="mount"></div></body></html>',
      )
    default:
      return {
        kind: 'answered',
        status: fault.code,
        headers: { 'content-type': 'application/json; charset=utf-8', ...fault.headers },
        body: fault.body ?? '{"message":"Oops, an error occurred.","status":"fail"}',
      }
  }
}

export function loggedOut(): Answer {
  return fail(403, 'login_required', {
    error_title: "You've Been Logged Out",
    error_body: 'Please log back in.',
    logout_reason: 8,
  })
}

function truncated(answer: Answer | null): SandboxResponse {
  if (answer === null) return { kind: 'closed', tookEffect: false }
  return { kind: 'truncated', answer, sentBytes: Math.floor(Buffer.byteLength(answer.body) / 2) }
}

function matches(fault: Fault, target: FaultTarget): boolean {
  if (fault.kind !== undefined && fault.kind !== target.kind) return false
  if (fault.method !== undefined && fault.method !== target.method) return false
  if (fault.path !== undefined && !containsPattern(target.path, fault.path)) return false
  return fault.account === undefined || isAccount(fault.account, target.account)
}

function isAccount(wanted: string, account: FaultTarget['account']): boolean {
  if (account === null) return false
  return account.username === wanted.toLowerCase() || account.pk === wanted || account.aliases.includes(wanted)
}

/** Whether the parts between the stars occur one after another. */
function containsPattern(path: string, pattern: string): boolean {
  let from = 0
  for (const part of pattern.split('*')) {
    const at = path.indexOf(part, from)
    if (at < 0) return false
    from = at + part.length
  }
  return true
}
