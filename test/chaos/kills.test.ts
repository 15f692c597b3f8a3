import { describe, it } from 'vitest'
import { type CampaignOptions, type CampaignResult, runKillCampaign } from './kill-campaign.ts'

const KILLS = Number(process.env.CHAOS_KILLS ?? 25)
const KILLS_PER_POINT = Number(process.env.CHAOS_KILLS_PER_POINT ?? 1)
const SEED = Number(process.env.CHAOS_SEED ?? Math.floor(Math.random() * 65_536))
/** `npm run chaos` runs them on both engines. */
const ENGINES = (['sqlite', 'postgres'] as const).filter((engine) =>
  (process.env.CHAOS_ENGINES ?? 'sqlite').split(',').includes(engine),
)
const POINTS = ['after-accept', 'after-claim', 'before-call', 'after-response', 'before-settle', 'after-settle']
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

// Together, because most of a campaign is patience: a lost call may take effect until its deadline has passed.
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

  it(`loses nothing and does nothing twice over ${KILLS} kills at random moments`, async ({ expect }) => {
    const result = await campaign({ seed: SEED, kills: KILLS, engine })
    expect(result, `seed ${SEED}`).toMatchObject({ kills: KILLS, ...CLEAN })
  })
})
