import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config'

/** What a test needs decides its project: nothing, a database, or the whole program as child processes. */
const DATABASE_TESTS = ['{src,sandbox,test}/**/*.{db,pg}.test.ts']
const PROGRAM_TESTS = ['test/{e2e,spec,regressions}/**/*.test.ts', 'sdks/typescript/*.test.ts']
const CHAOS_TESTS = ['test/chaos/**/*.test.ts']

/** How often test/chaos kills: `.ci/run` a few times, `npm run chaos` many times, and without it not at all. */
const chaosKills = Number(process.env['CHAOS_KILLS'] ?? 0)

const chaos: TestProjectInlineConfiguration = {
  extends: true,
  test: {
    name: 'chaos',
    include: CHAOS_TESTS,
    // One file at a time: they kill processes and watch deadlines, and two cores are few.
    fileParallelism: false,
    sequence: { groupOrder: 2 },
    // Far longer than any takes: a campaign that is stuck says so itself.
    testTimeout: 900_000 + chaosKills * 20_000,
    hookTimeout: 60_000,
  },
}

export default defineConfig({
  test: {
    // A flaky test is a bug of the test or of the product; running it again would only hide which.
    retry: 0,
    maxWorkers: 2,
    // Of one file at once: each starts processes, and each of those up to twenty connections to a server that has a hundred.
    maxConcurrency: 3,
    unstubEnvs: true,
    // Started gateways compare what they answer with the API's description.
    env: { CHECK_ANSWERS: '1' },
    restoreMocks: true,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{src,sandbox,test,scripts,sdks}/**/*.test.ts'],
          exclude: [...DATABASE_TESTS, ...PROGRAM_TESTS, ...CHAOS_TESTS],
          testTimeout: 10_000,
        },
      },
      {
        extends: true,
        test: { name: 'db', include: DATABASE_TESTS, testTimeout: 20_000, hookTimeout: 20_000 },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: PROGRAM_TESTS,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // After the others, and chaos last: their processes need the cores that the others would take.
          sequence: { groupOrder: 1 },
        },
      },
      ...(chaosKills === 0 ? [] : [chaos]),
    ],
  },
})
