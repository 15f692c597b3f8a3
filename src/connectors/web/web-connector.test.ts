import { describeConnector } from '../connector.testsuite.ts'
import { account, BASE_URL, SECRETS } from './fixtures/account.ts'
import { activityCases } from './fixtures/activity.ts'
import { loginCases } from './fixtures/logins.ts'
import { readCases } from './fixtures/reads.ts'
import { refusalCases } from './fixtures/refusals.ts'
import { sendCases } from './fixtures/sends.ts'
import { storyCases } from './fixtures/stories.ts'
import { writeCases } from './fixtures/writes.ts'
import { createWebConnector } from './web-connector.ts'

describeConnector({
  name: 'web',
  create: createWebConnector,
  baseUrl: BASE_URL,
  access: account,
  secrets: SECRETS,
  cases: [...loginCases, ...readCases, ...writeCases, ...sendCases, ...storyCases, ...activityCases, ...refusalCases],
})
