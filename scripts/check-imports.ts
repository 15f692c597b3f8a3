import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseSync } from 'oxc-parser'

// Who may import whom (docs/architecture.md, "Layout"), and no cycles. Type-only imports count in both: they bind the
// reader's understanding of one file to another just the same. Tests may import anything.

/** Folders of `src` from the bottom up; a folder may import those below it, never beside or above. */
const LAYERS: readonly (readonly string[])[] = [
  ['core'],
  ['config', 'store', 'transport', 'connectors'],
  ['http', 'lanes'],
  [
    'sessions',
    'limits',
    'outbox',
    'events',
    'inbound',
    'messaging',
    'engagement',
    'webhooks',
    'automation',
    'suppressions',
    'operations',
  ],
  ['v1'],
  ['ground.ts'],
  ['gateway.ts'],
  ['cli', 'library'],
  ['index.ts'],
  ['main.ts'],
]
const FEATURES = 3

/** Contracts that a feature may name (as types only) without its owner's `index.ts`, because the owner imports them back. */
const TYPE_SEAMS = ['src/outbox/session-hooks.ts', 'src/events/event.ts']

/** All that the simulated Instagram may know of the gateway: it must stay a judge, not an accomplice. */
const SANDBOX_MAY_IMPORT = ['src/core/clock.ts', 'src/core/random.ts']

/** The connector contract is the one file of `connectors` that anything but the composition root may name. */
const CONNECTOR_CONTRACT = 'src/connectors/connector.ts'

interface Import {
  from: string
  to: string
  isTypeOnly: boolean
}

const files = globSync(['src/**/*.ts', 'sandbox/**/*.ts']).filter((file) => !/\.(test|testsuite)\.ts$/.test(file))
const imports = files.flatMap(importsOf)
const faults = [...imports.flatMap(layerFault), ...cycles(files, imports)]
for (const fault of faults) console.error(fault)
console.log(`${files.length} files, ${imports.length} imports, ${faults.length} faults`)
process.exitCode = faults.length === 0 ? 0 : 1

function importsOf(file: string): Import[] {
  const source = readFileSync(file, 'utf8')
  const { module, errors } = parseSync(file, source)
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]?.message}`)
  const found: { specifier: string; isTypeOnly: boolean }[] = []
  for (const { moduleRequest, entries } of module.staticImports) {
    const isTypeOnly = entries.length > 0 && entries.every((entry) => entry.isType)
    found.push({ specifier: moduleRequest.value, isTypeOnly })
  }
  for (const { entries } of module.staticExports) {
    for (const { moduleRequest, isType } of entries) {
      if (moduleRequest !== null) found.push({ specifier: moduleRequest.value, isTypeOnly: isType })
    }
  }
  for (const { moduleRequest } of module.dynamicImports) {
    const specifier = source.slice(moduleRequest.start, moduleRequest.end).replace(/^['"`]|['"`]$/g, '')
    found.push({ specifier, isTypeOnly: false })
  }
  return found
    .filter(({ specifier }) => specifier.startsWith('.'))
    .map(({ specifier, isTypeOnly }) => ({ from: file, to: join(dirname(file), specifier), isTypeOnly }))
    .filter(({ to }) => existsSync(to) && to.endsWith('.ts'))
}

function layerFault({ from, to, isTypeOnly }: Import): string[] {
  const reason = refusal(from, to, isTypeOnly)
  return reason === null ? [] : [`${from} imports ${to}: ${reason}`]
}

function refusal(from: string, to: string, isTypeOnly: boolean): string | null {
  const [here, there] = [part(from), part(to)]
  if (here === there) return null
  if (from.startsWith('sandbox/')) {
    return SANDBOX_MAY_IMPORT.includes(to) ? null : 'the sandbox knows only core/clock and core/random of the gateway'
  }
  const [rank, below] = [layer(here), layer(there)]
  if (to.startsWith('sandbox/')) {
    return rank > layer('v1') ? null : 'only the composition root and the commands know the sandbox'
  }
  if (rank === -1 || below === -1) return 'the folder has no place among the layers of scripts/check-imports.ts'
  if (here === 'connectors' && there !== 'core') return 'connectors know their contract and core only'
  if (there === 'connectors' && to !== CONNECTOR_CONTRACT && rank < layer('ground.ts')) {
    return 'only the composition root knows a particular connector'
  }
  const isAmongFeatures = rank === FEATURES && below === FEATURES
  if (below >= rank && !isAmongFeatures) return `${there} is not below ${here}`
  if (here === 'outbox' && isAmongFeatures) return outboxRefusal(to, isTypeOnly)
  const entersFeature = below === FEATURES && !to.endsWith('/index.ts')
  const isSeam = isTypeOnly && TYPE_SEAMS.includes(to)
  return entersFeature && rank <= layer('v1') && !isSeam ? 'features are entered through their index.ts' : null
}

/** The outbox is handed action kinds and session hooks; what it may name of its neighbours is the machinery it plans with. */
function outboxRefusal(to: string, isTypeOnly: boolean): string | null {
  if (to === 'src/limits/index.ts' || to === 'src/events/index.ts') return null
  return isTypeOnly && TYPE_SEAMS.includes(to) ? null : 'the outbox knows no feature but limits and events'
}

/** `src/http/auth.ts` → `http`; `src/main.ts` → `main.ts`; `sandbox/world.ts` → `sandbox`. */
function part(file: string): string {
  const [top, second] = file.split('/')
  return top === 'src' ? (second as string) : (top as string)
}

function layer(name: string): number {
  return LAYERS.findIndex((names) => names.includes(name))
}

/** One line a cycle: every strongly connected group of files (Tarjan), named by its members. */
function cycles(nodes: string[], edges: Import[]): string[] {
  const next = Map.groupBy(edges, (edge) => edge.from)
  const order = new Map<string, number>()
  const stack: string[] = []
  const found: string[] = []
  const visit = (node: string): number => {
    const number = order.size
    order.set(node, number)
    let lowest = number
    stack.push(node)
    for (const { to } of next.get(node) ?? []) {
      if (!order.has(to)) lowest = Math.min(lowest, visit(to))
      else if (stack.includes(to)) lowest = Math.min(lowest, order.get(to) as number)
    }
    if (lowest === number) {
      const group = stack.splice(stack.indexOf(node))
      const importsItself = next.get(node)?.some(({ to }) => to === node) ?? false
      if (group.length > 1 || importsItself) found.push(`import cycle among ${group.join(', ')}`)
    }
    return lowest
  }
  for (const node of nodes) if (!order.has(node)) visit(node)
  return found
}
