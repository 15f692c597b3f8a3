import { readFileSync } from 'node:fs'
import { nearest } from '../core/nearest.ts'
import { buildConfig, type Config, contradictions, type Secrets } from './config.ts'
import { Fault, type Option } from './option.ts'
import { OPTIONS, type OptionName, type OptionValues } from './options.ts'

/** Exit code of a process that was configured wrongly (`EX_CONFIG`). */
export const CONFIG_EXIT_CODE = 78

/** Every fault of the configuration at once, each a sentence; shown to whoever started the process. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly faults: readonly string[]

  constructor(faults: readonly string[]) {
    super(
      `The configuration has ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}:\n- ${faults.join('\n- ')}`,
    )
    this.faults = faults
  }
}

export interface ReadConfig {
  config: Config
  secrets: Secrets
  /** Sentences about variables that look like a misspelt option. */
  warnings: string[]
}

/** Reads the environment once, at start. Throws `ConfigError` with all faults together. */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): ReadConfig {
  const faults = new Map<OptionName, string>()
  const values: Record<string, unknown> = {}
  for (const name of optionNames()) {
    const value = readOption(name, environment)
    if (value instanceof Fault) faults.set(name, `${name} ${value.text}.`)
    values[name] = value
  }
  // Every option was parsed by its own row, which is what `OptionValues` is derived from; the faulty ones are told apart.
  const parsed = values as OptionValues
  const broken = [...faults.values(), ...contradictions(parsed, new Set(faults.keys()))]
  if (broken.length > 0) throw new ConfigError(broken)
  return { ...buildConfig(parsed), warnings: misspelt(environment) }
}

export function optionNames(): OptionName[] {
  return Object.keys(OPTIONS) as OptionName[]
}

function readOption(name: OptionName, environment: Readonly<Record<string, string | undefined>>): unknown {
  const option: Option<unknown> = OPTIONS[name]
  const given = environment[name] === '' ? undefined : environment[name]
  const file = option.secret ? environment[`${name}_FILE`] : undefined
  if (given !== undefined && file !== undefined && file !== '') {
    return new Fault(`and ${name}_FILE are both set: remove one of them`)
  }
  const text = file === undefined || file === '' ? given : readSecretFile(name, file)
  if (text instanceof Fault) return text
  if (text !== undefined) return option.parse(text)
  return option.default === null ? null : option.parse(option.default)
}

function readSecretFile(name: string, path: string): string | Fault {
  try {
    const text = readFileSync(path, 'utf8').trim()
    return text === '' ? new Fault(`is read from ${name}_FILE, but that file is empty`) : text
  } catch {
    return new Fault(`is to be read from ${name}_FILE, but ${path} cannot be read`)
  }
}

/** Variables that are one or two letters off an option: nothing reads them, which their author does not know. */
function misspelt(environment: Readonly<Record<string, string | undefined>>): string[] {
  const known = optionNames().flatMap((name) => (OPTIONS[name].secret ? [name, `${name}_FILE`] : [name]))
  const knownSet = new Set<string>(known)
  const warnings: string[] = []
  for (const name of Object.keys(environment)) {
    if (knownSet.has(name) || !/^[A-Z][A-Z_]{4,}$/.test(name)) continue
    const near = nearest(name, known)
    if (near !== null) warnings.push(`${name} is no option; did you mean ${near}?`)
  }
  return warnings
}
