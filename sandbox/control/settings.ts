import type { Settings, SettingsInput } from '../settings.ts'
import type { RateLimits } from '../world/records.ts'
import type { Fields } from './input.ts'

const LIMITED_KINDS = [
  'message',
  'story_view',
  'story_reply',
  'unsend',
  'like',
  'unlike',
  'comment',
  'reel_like',
  'reel_comment',
  'follow',
  'unfollow',
] as const
const LIMIT_MAX = 1_000_000

export function readSettings(fields: Fields): SettingsInput {
  const strict = fields.optionalObject('strict')
  const numericIds = fields.flag('numericIds')
  const input: SettingsInput = {
    ...(strict === null ? {} : { strict: readStrict(strict) }),
    ...(fields.has('limits') ? { limits: readLimits(fields, 'limits') } : {}),
    ...(numericIds === null ? {} : { numericIds }),
  }
  fields.end()
  return input
}

function readStrict(fields: Fields): Partial<Settings['strict']> {
  const strict: Partial<Settings['strict']> = {}
  for (const name of ['appId', 'csrf', 'userAgent'] as const) {
    const value = fields.flag(name)
    if (value !== null) strict[name] = value
  }
  fields.end()
  return strict
}

/** `{like: {hour, day}, …}`, or `{}` for no limit at all. */
export function readLimits(fields: Fields, name: string): RateLimits | null {
  const object = fields.optionalObject(name)
  if (object === null) return null
  const limits: RateLimits = {}
  for (const kind of LIMITED_KINDS) {
    const limit = object.optionalObject(kind)
    if (limit === null) continue
    limits[kind] = {
      hour: limit.optionalNumber('hour', { min: 0, max: LIMIT_MAX }),
      day: limit.optionalNumber('day', { min: 0, max: LIMIT_MAX }),
    }
    limit.end()
  }
  object.end()
  return limits
}
