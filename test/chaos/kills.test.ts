import { describe, it } from 'vitest'
import { runKillCampaign } from './kill-campaign.ts'

const KILLS = Number(process.env.CHAOS_KILLS ?? 25)
const KILLS_PER_POINT = Number(process.env.CHAOS_KILLS_PER_POINT ?? 1)
const SEED = Number(process.env.CHAOS_SEED ?? Math.floor(Math.random() * 65_536))
const POINTS = ['after-accept', 'after-claim', 'before-call', 'after-response', 'before-settle', 'after-settle']

// Together, because most of a campaign is patience: a lost call may take effect until its deadline has passed.
describe.concurrent(`a gateway that is killed (seed ${SEED})`, () => {
  it.for(POINTS)('loses nothing and sends nothing twice when it dies at %s', async (crashPoint, { expect }) => {
    const result = await runKillCampaign({ seed: SEED, kills: KILLS_PER_POINT, crashPoint: `${crashPoint}:2` })
    expect(result).toMatchObject({ kills: KILLS_PER_POINT, lost: [], doubled: [], untrue: [] })
  })

  it(`loses nothing and sends nothing twice over ${KILLS} kills at random moments`, async ({ expect }) => {
    const result = await runKillCampaign({ seed: SEED, kills: KILLS })
    expect(result).toMatchObject({ kills: KILLS, lost: [], doubled: [], untrue: [] })
  })
})
