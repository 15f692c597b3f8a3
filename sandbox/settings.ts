import type { EffectKind, RateLimit, RateLimits } from './world/records.ts'

/** What a test may switch; none of it is part of the world. */
export interface Settings {
  /** Each off lets a client pass that omits what the live service asks for. */
  strict: {
    /** `X-IG-App-ID` on `/api/v1` of the web interface. */
    appId: boolean
    /** `X-CSRFToken` equal to the `csrftoken` cookie on POSTs of the web interface. */
    csrf: boolean
    /** A browser's user agent on the mobile host is answered with `useragent mismatch`. */
    userAgent: boolean
  }
  /** The sandbox's own limits; `null` pushes nobody back. */
  limits: RateLimits | null
  /** Ids as JSON numbers where the live service sometimes sends numbers. */
  numericIds: boolean
}

export interface SettingsInput {
  strict?: Partial<Settings['strict']>
  limits?: RateLimits | null
  numericIds?: boolean
}

/** Looser than any policy of the gateway, so that only a gateway that forgets its own limits ever meets them. */
const DEFAULT_LIMITS: RateLimits = {
  message: { hour: 300, day: 2000 },
  story_reply: { hour: 150, day: 600 },
  story_view: { hour: 1500, day: 5000 },
  like: { hour: 1500, day: 3000 },
  reel_like: { hour: 1500, day: 3000 },
  unlike: { hour: 1500, day: 3000 },
  comment: { hour: 150, day: 500 },
  reel_comment: { hour: 150, day: 500 },
  follow: { hour: 300, day: 800 },
  unfollow: { hour: 300, day: 800 },
  unsend: { hour: 300, day: 1000 },
}

export function settingsFrom(input: SettingsInput, base: Settings = DEFAULTS): Settings {
  return {
    strict: { ...base.strict, ...input.strict },
    limits: input.limits === undefined ? base.limits : input.limits,
    numericIds: input.numericIds ?? base.numericIds,
  }
}

export function limitFor(settings: Settings, own: RateLimits | null, kind: EffectKind): RateLimit | undefined {
  return own?.[kind] ?? settings.limits?.[kind]
}

const DEFAULTS: Settings = {
  strict: { appId: true, csrf: true, userAgent: true },
  limits: DEFAULT_LIMITS,
  numericIds: false,
}
