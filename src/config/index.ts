export type { Config, Instagram, Secrets } from './config.ts'
export { OPTIONS, type OptionName } from './options.ts'
export { CONFIG_EXIT_CODE, ConfigError, type ReadConfig, readConfig } from './read-config.ts'
export { renderConfigurationPage, renderEnvExample, summarize } from './render.ts'
export {
  DEFAULT_REQUEST_LIMITS,
  type RequestLimit,
  type RequestLimitName,
  type RequestLimits,
} from './request-limits.ts'
