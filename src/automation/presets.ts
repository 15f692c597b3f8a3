import { newId } from '../core/ids.ts'
import { lastSequence } from '../events/index.ts'
import type { SettingsChanged } from '../sessions/index.ts'
import type { Db } from '../store/store.ts'
import type { AutomationDeps } from './deps.ts'
import { DEFAULT_AGE_MS_MAX, DEFAULT_WINDOW_MS, PRESET_RULES, PRESETS, type Rule } from './rule.ts'
import { addRule, listRules, saveRule } from './store.ts'

type Deps = Pick<AutomationDeps, 'clock' | 'random'>

/** Gives an account the presets that it has not got, switched off; returns its rules. */
export async function ensurePresets(
  tx: Db,
  deps: Deps,
  session: { id: string; userId: string; accountId: string },
): Promise<Rule[]> {
  const known = new Set((await listRules(tx, session)).map(({ preset }) => preset))
  const at = deps.clock.now()
  for (const preset of PRESETS) {
    if (known.has(preset)) continue
    await addRule(tx, {
      ...PRESET_RULES[preset],
      id: newId('rule', at, deps.random),
      userId: session.userId,
      accountId: session.accountId,
      sessionId: session.id,
      preset,
      name: null,
      windowMs: DEFAULT_WINDOW_MS,
      ageMsMax: DEFAULT_AGE_MS_MAX,
      enabled: false,
      activeAfter: 0,
      createdAt: at,
    })
  }
  return listRules(tx, session)
}

/** The flags of a session's settings switch its presets; from then on, what happened before is none of their business. */
export function createSwitchPresets(deps: Deps): SettingsChanged {
  return async (tx, { session, before, after }) => {
    const changed = PRESETS.filter((preset) => before[preset] !== after[preset])
    if (changed.length === 0) return
    const activeAfter = await lastSequence(tx, session.userId)
    for (const rule of await ensurePresets(tx, deps, session)) {
      if (rule.preset === null || !changed.includes(rule.preset)) continue
      await saveRule(tx, { ...rule, sessionId: session.id, enabled: after[rule.preset], activeAfter })
    }
  }
}
