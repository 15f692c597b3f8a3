import { ConfigError, OPTIONS, type OptionName, type ReadConfig, readConfig } from '../config/index.ts'
import { nearest } from '../core/nearest.ts'

/** What an option may be given as: `15`, `'15'`, `true`, a list, an object for `REQUEST_LIMITS`; undefined = its default. */
export type OptionValue = string | number | boolean | readonly string[] | Readonly<Record<string, unknown>> | undefined

/**
 * The server's options by their names (`docs/configuration.md`), and `BASE_URL`, which is the first document's name of
 * `INSTAGRAM_BASE_URL`. Nothing is read from the environment.
 */
export type GatewayOptions = { readonly [Name in OptionName | 'BASE_URL']?: OptionValue }

/**
 * The first document's configuration: what holds unless it is configured otherwise. Its names are options.
 *
 * ```ts
 * const gateway = await createGateway({ ...InstagramConfig, FOLLOW_LIMIT_PER_DAY: 50 })
 * ```
 */
export const InstagramConfig = Object.freeze({
  BASE_URL: `${OPTIONS.INSTAGRAM_BASE_URL.default}/api/v1`,
  FOLLOW_LIMIT_PER_DAY: Number(OPTIONS.FOLLOW_LIMIT_PER_DAY.default),
  LIKE_LIMIT_PER_DAY: Number(OPTIONS.LIKE_LIMIT_PER_DAY.default),
  COMMENT_LIMIT_PER_DAY: Number(OPTIONS.COMMENT_LIMIT_PER_DAY.default),
  SESSION_EXPIRY_HOURS: Number(OPTIONS.SESSION_EXPIRY_HOURS.default),
})

/** The same checks as the server's environment gets, and no name that is no option. Throws `ConfigError`. */
export function readGatewayOptions(options: GatewayOptions): ReadConfig {
  const { BASE_URL, ...named } = options
  const unknown = Object.keys(named).filter((name) => !Object.hasOwn(OPTIONS, name))
  if (unknown.length > 0) throw new ConfigError(unknown.map(unknownOption))
  const texts: Record<string, string> = {}
  for (const [name, value] of Object.entries(named)) {
    if (value !== undefined) texts[name] = toText(value)
  }
  if (BASE_URL !== undefined) texts['INSTAGRAM_BASE_URL'] ??= toText(BASE_URL)
  return readConfig(texts)
}

function unknownOption(name: string): string {
  const near = nearest(name, [...Object.keys(OPTIONS), 'BASE_URL'])
  return `${name} is no option${near === null ? '' : `; did you mean ${near}?`}`
}

function toText(value: Exclude<OptionValue, undefined>): string {
  if (Array.isArray(value)) return value.join(',')
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
