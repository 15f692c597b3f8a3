import type { Call } from './call.ts'
import type { Answer } from './exchange.ts'
import type { EffectKind } from './world/records.ts'

export interface Route {
  method: 'GET' | 'POST' | 'ANY'
  /** Without slashes at its ends; a part that starts with a colon is left open. */
  path: string
  /** What the request is about, for faults and the request log. */
  kind: string
  /** `account`: only with a live session. */
  access: 'account' | 'anyone'
  /** What the sandbox's own limits count it as; a function where that depends on what it is done to. */
  limited?: EffectKind | ((call: Call) => EffectKind)
  run(call: Call): Answer
}

interface Branch {
  literal: Map<string, Branch>
  open: Branch | null
  routes: Map<string, Route>
}

/** Finds routes by walking the path's parts; a literal part wins over an open one. */
export class Router {
  readonly #root: Branch = newBranch()

  constructor(routes: Route[]) {
    for (const route of routes) this.#add(route)
  }

  /** The route and the open parts, `wrong_method`, or null. A slash at the end means nothing. */
  find(method: string, path: string): { route: Route; params: string[] } | 'wrong_method' | null {
    const params: string[] = []
    const branch = walk(this.#root, parts(path), 0, params)
    if (branch === null) return null
    const route = branch.routes.get(method) ?? branch.routes.get('ANY')
    return route === undefined ? 'wrong_method' : { route, params }
  }

  #add(route: Route): void {
    let branch = this.#root
    for (const part of parts(route.path)) {
      if (part.startsWith(':')) {
        branch.open ??= newBranch()
        branch = branch.open
        continue
      }
      const next = branch.literal.get(part) ?? newBranch()
      branch.literal.set(part, next)
      branch = next
    }
    branch.routes.set(route.method, route)
  }
}

function walk(branch: Branch, path: string[], at: number, params: string[]): Branch | null {
  const part = path[at]
  if (part === undefined) return branch.routes.size > 0 ? branch : null
  const literal = branch.literal.get(part)
  const found = literal === undefined ? null : walk(literal, path, at + 1, params)
  if (found !== null || branch.open === null) return found
  params.push(decoded(part))
  const open = walk(branch.open, path, at + 1, params)
  if (open === null) params.pop()
  return open
}

function parts(path: string): string[] {
  return path.split('/').filter((part) => part !== '')
}

function decoded(part: string): string {
  if (!part.includes('%')) return part
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

function newBranch(): Branch {
  return { literal: new Map(), open: null, routes: new Map() }
}
