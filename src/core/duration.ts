const UNIT_MS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Milliseconds of `90s`, `15m`, `12h` or `30d`; null for anything else. */
export function parseDuration(text: string): number | null {
  const match = /^([0-9]{1,6})([smhd])$/.exec(text)
  if (match === null) return null
  return Number(match[1]) * (UNIT_MS[match[2] as string] as number)
}
