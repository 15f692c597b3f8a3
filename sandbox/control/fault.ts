import { FAULT_KINDS, type FaultRule, takesEffectByDefault } from '../faults.ts'
import type { Fields } from './input.ts'

const COUNT_MAX = 1_000_000
const MS_MAX = 86_400_000
/** The last instant that a date can name. */
const INSTANT_MAX = 8.64e15
const SERVER_ERROR = 500

/** A fault as the control face takes it; without `times` it strikes once, with `times: 0` until it is deleted. */
export function readFault(fields: Fields): FaultRule {
  const fault = fields.oneOf('fault', FAULT_KINDS)
  const times = fields.optionalNumber('times', { min: 0, max: COUNT_MAX }) ?? 1
  const rule: FaultRule = {
    fault,
    ...optionalMatch(fields),
    skip: fields.optionalNumber('skip', { min: 0, max: COUNT_MAX }) ?? 0,
    times: times === 0 ? null : times,
    effect: fields.flag('effect') ?? takesEffectByDefault(fault),
    ms: fields.optionalNumber('ms', { min: 0, max: MS_MAX }),
    code: fields.optionalNumber('code', { min: 200, max: 599 }) ?? SERVER_ERROR,
    body: readBody(fields),
    headers: fields.optionalTextMap('headers'),
    retryAfter: fields.optionalNumber('retryAfter', { min: 0, max: MS_MAX }),
    until: fields.optionalNumber('until', { min: 0, max: INSTANT_MAX }),
    url: fields.optionalText('url'),
  }
  fields.end()
  if (fault === 'drop_before' && rule.effect)
    throw fields.error('effect', 'cannot be true: the connection closes before')
  if (fault === 'drop_after' && !rule.effect)
    throw fields.error('effect', 'cannot be false: the connection closes after')
  return rule
}

function optionalMatch(fields: Fields): Pick<FaultRule, 'account' | 'path' | 'kind' | 'method'> {
  const match: Pick<FaultRule, 'account' | 'path' | 'kind' | 'method'> = {}
  for (const name of ['account', 'path', 'kind', 'method'] as const) {
    const value = fields.optionalText(name)
    if (value !== null) match[name] = value
  }
  return match
}

/** Text as it is, or JSON to be written as such. */
function readBody(fields: Fields): string | null {
  const value = fields.anything('body')
  if (value === null || typeof value === 'string') return value
  return JSON.stringify(value)
}
