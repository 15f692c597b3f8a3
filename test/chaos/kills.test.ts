import { describe, it } from 'vitest'
import { type CampaignOptions, type CampaignResult, runKillCampaign } from './kill-campaign.ts'

const KILLS = Number(process.env.CHAOS_KILLS ?? 1)
const KILLS_PER_POINT = Number(process.env.CHAOS_KILLS_PER_POINT ?? 1)
const SEED = Number(process.env.CHAOS_SEED ?? Math.floor(Math.random() * 65_536))
/** `npm run chaos` runs them on both engines. */
const ENGINES = (['sqlite', 'postgres'] as const).filter((engine) =>
  (process.env.CHAOS_ENGINES ?? 'sqlite').split(',').includes(engine),
)
const POINTS = ['after-accept', 'after-claim', 'before-call', 'after-response', 'before-settle', 'after-settle']
/** Of one campaign at random moments; more kills are shared among several, which run side by side. */
const KILLS_AT_ONCE = 30
const SHARES = Array.from({ length: Math.ceil(KILLS / KILLS_AT_ONCE) }, (_, share) => ({
  share: share + 1,
  kills: Math.min(KILLS_AT_ONCE, KILLS - share * KILLS_AT_ONCE),
}))
const CLEAN = { violations: [], notOnce: [] }

/** What a long campaign did, for `RESULTS.md`. */
async function campaign(options: CampaignOptions): Promise<CampaignResult> {
  const result = await runKillCampaign(options)
  const { kills, accepted, violations, notOnce } = result
  const where = options.crashPoint ?? 'random moments'
  const wrong = violations.length + notOnce.length
  process.stdout.write(`${options.engine}, ${where}: ${kills} kills, ${accepted} requests accepted, ${wrong} wrong\n`)
  const firstWrongs = [...violations.map(({ what }) => what), ...notOnce].slice(0, 5)
  for (const what of firstWrongs) process.stdout.write(`  ${what}\n`)
  return result
}

// Together: while one waits for its next process to start, another has the core.
describe.concurrent.for(ENGINES)('a gateway on %s that is killed', (engine) => {
  it.for(POINTS)('loses nothing and does nothing twice when it dies at %s', async (crashPoint, { expect }) => {
    const result = await campaign({
      seed: SEED,
      kills: KILLS_PER_POINT,
      crashPoint: `${crashPoint}:2`,
      engine,
    })
    expect(result, `seed ${SEED}`).toMatchObject({ kills: KILLS_PER_POINT, ...CLEAN })
  })

  it.for(SHARES)('loses nothing and does nothing twice over $kills kills at random moments, share $share', async ({
    share,
    kills,
  }, { expect }) => {
    const seed = SEED + share
    const result = await campaign({ seed, kills, engine })
    expect(result, `seed ${seed}`).toMatchObject({ kills, ...CLEAN })
  })
})
