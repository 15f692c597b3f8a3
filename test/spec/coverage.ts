import type { DocumentName } from './document.ts'

/** A test, by its file and its title as it is written there. */
export interface TestReference {
  file: string
  title: string
}

/** What shows that a statement holds; or why nothing does. */
export type Coverage = readonly TestReference[] | string

/** By the end of a section's path, then by statement; `*` = every other statement of the section. */
export type CoverageTable = Readonly<Record<string, Readonly<Record<string, Coverage>>>>

const inFile =
  (file: string) =>
  (...titles: string[]): TestReference[] =>
    titles.map((title) => ({ file, title }))

const first = inFile('test/spec/first-document.test.ts')
const second = inFile('test/spec/second-document.test.ts')
const v1 = inFile('src/v1/v1.db.test.ts')
const library = inFile('test/e2e/library.test.ts')
const expiry = inFile('src/sessions/expiry.db.test.ts')
const challenge = inFile('src/sessions/challenge.db.test.ts')
const login = inFile('src/sessions/log-in.db.test.ts')
const tokens = inFile('src/http/tokens.test.ts')
const requestLimits = inFile('src/http/request-limits.db.test.ts')
const server = inFile('src/http/server.db.test.ts')
const monitor = inFile('src/operations/monitor.db.test.ts')
const operating = inFile('src/operations/operating.db.test.ts')
const errors = inFile('src/operations/errors/errors.db.test.ts')
const hostile = inFile('src/http/hostile-input.test.ts')
const outcomes = inFile('src/outbox/outcomes.db.test.ts')
const accept = inFile('src/outbox/accept-action.db.test.ts')
const policy = inFile('src/limits/policy.test.ts')
const python = inFile('sdks/python/tests/test_gateway.py')

const ROLLING = [
  ...accept('never lets an hour or a day hold more attempts than its limit'),
  ...inFile('src/limits/usage.db.test.ts')(
    'allows exactly what a sliding window would, attempts that never left given back',
  ),
]
const WEBHOOKS = inFile('src/webhooks/dispatcher.db.test.ts')(
  'carry the event, signed so that both public libraries accept it',
  'begin with what happens after the endpoint was made, each event once and in sequence',
)
const SERVED = first('serves every endpoint of its list')
const PROSE = 'Says what the document is about; its parts are below.'

export const COVERAGE: Readonly<Record<DocumentName, CoverageTable>> = {
  first: {
    Overview: {
      '*': [
        ...first('creates a session, performs actions and reads limits with requests as it is printed'),
        ...ROLLING,
      ],
    },
    '1. Session Management': {
      '*': [
        ...v1('opens a session with the document’s body, label kept, under the classic limits'),
        ...challenge('is over once Instagram sees the account as logged in'),
        ...expiry('is told an hour before and comes at its instant, each once'),
      ],
    },
    '› InstagramSession': {
      'Manages individual user sessions': v1(
        'keeps another user’s account to that user, and a confined token to its own',
      ),
      'Tracks rate limits for different actions': v1('tells limits of every kind, and their reset to the millisecond'),
      'Handles session expiration': expiry('is told an hour before and comes at its instant, each once'),
      'Validates session state': library(
        'runs the document’s session and client examples, with nothing listening for them',
      ),
      '*': [
        ...first('runs the session and manager examples with the Python client'),
        ...library('runs the document’s session and client examples, with nothing listening for them'),
      ],
    },
    '› InstagramSessionManager': {
      'Singleton manager for all Instagram sessions': python('test_the_manager_is_one_for_all_threads'),
      'Handles session creation and retrieval': first('runs the session and manager examples with the Python client'),
      'Manages session cleanup': [
        ...library('cleans up what has expired and nothing else, and invalidates by name'),
        ...expiry('is deleted: ended sessions after their retention, attempts and links at their expiry'),
      ],
      'Ensures thread safety': [
        ...python('test_the_manager_is_one_for_all_threads'),
        ...login('leaves exactly one live session when two users log in to one account at the same time'),
      ],
      '*': first('runs the session and manager examples with the Python client'),
    },
    '2. Instagram Client': {
      '*': first('runs the client example with the Python client, and every call has an effect'),
    },
    '› Features': {
      'Session validation': library('runs the document’s session and client examples, with nothing listening for them'),
      'Rate limit enforcement': v1(
        'refuses beyond the limit with the exact time to wait, and lets through when it is over',
      ),
      'Error handling': library('answers refusals with the document’s codes instead of throwing'),
      '*': first('runs the client example with the Python client, and every call has an effect'),
    },
    '3. API Endpoints › Session Management': { '*': SERVED },
    '3. API Endpoints › Actions': { '*': SERVED },
    '› Default Limits': {
      '*': first('creates a session, performs actions and reads limits with requests as it is printed'),
    },
    '› Implementation': {
      'Per-user tracking': [
        ...requestLimits('each user has their own'),
        ...accept('never lets an hour or a day hold more attempts than its limit'),
      ],
      'Rolling window': ROLLING,
      'Automatic reset': v1('refuses beyond the limit with the exact time to wait, and lets through when it is over'),
      'Configurable limits': [
        ...library('finds sessions again after a restart, with what they used'),
        ...operating('replaces the limits and is live at the next plan, both ways'),
      ],
    },
    '› Instagram Config': {
      '*': [
        ...first('has the configuration of its example in both libraries'),
        ...library('has the document’s numbers'),
      ],
    },
    '› Error Types': {
      '`INVALID_SESSION`: Session not found or expired': v1(
        'knows no session that was never opened, has ended or has expired',
      ),
      '`RATE_LIMIT_EXCEEDED`: Action limit reached': v1(
        'refuses beyond the limit with the exact time to wait, and lets through when it is over',
      ),
      '`REQUEST_FAILED`: Instagram API request failed': v1(
        'says when Instagram refuses the target, and when it cannot be reached',
      ),
      '`VALIDATION_ERROR`: Invalid input data': v1('names every wrong field in its own words'),
    },
    '› Response Format': { '*': first('refuses in the printed format, with the keys that it prints and no others') },
    'Testing › Unit Tests': {
      'Session management tests': login("answers with the fields of the document's example, and the ones of ours"),
      'Instagram client tests': library(
        'runs the document’s session and client examples, with nothing listening for them',
      ),
      'Rate limiting tests': ROLLING,
      'Error handling tests': v1('names every wrong field in its own words'),
    },
    'Testing › Integration Tests': {
      'API endpoint tests': SERVED,
      'End-to-end workflow tests': first(
        'creates a session, performs actions and reads limits with requests as it is printed',
      ),
      'Rate limit integration tests': v1('shares usage with v2 and takes the smaller of each window'),
      'Error scenarios tests': inFile('test/e2e/v1.test.ts')('gets its error types, in its format'),
    },
    '› Session Security': {
      'Secure cookie handling': [
        ...login('stores neither the password nor anything readable of cookies and proxy'),
        ...inFile('src/connectors/cookie-store.test.ts')('takes over a rotated session'),
      ],
      'Session expiration': expiry('is told an hour before and comes at its instant, each once'),
      'Rate limit enforcement': ROLLING,
      'Input validation': hostile('names every unknown field, eight at most'),
    },
    '› API Security': {
      'Token-based authentication': tokens(
        'until it expires, also when it was remembered',
        'only for what its scope and role allow',
      ),
      'Request validation': hostile('names every unknown field, eight at most'),
      'Error masking': hostile('to show what went wrong inside'),
      'Rate limiting': requestLimits('never lets more through than the limit, however many come at once'),
    },
    'Best Practices › Rate Limiting': {
      'Always check remaining limits before actions': accept(
        'refuses at the limit, with the exact time after which it would not',
      ),
      'Implement exponential backoff': [
        ...outcomes('gives its number back, and backs off 30 s, 1, 2 and 4 min'),
        ...inFile('sdks/typescript/src/gateway.test.ts')('gives up after its retries, with the reason'),
      ],
      "Respect Instagram's terms of service":
        'A decision of whoever runs it: the sandbox is the default, and the README says which interface the terms allow.',
      'Monitor rate limit usage': monitor(
        'shows how full limits are, sessions by status and refusals by code, and names nobody',
      ),
    },
    'Best Practices › Session Management': {
      'Regular session cleanup': expiry(
        'is deleted: ended sessions after their retention, attempts and links at their expiry',
      ),
      'Proper error handling': v1('tells cookies that Instagram refuses from cookies of somebody else'),
      'Secure storage of credentials': login('stores neither the password nor anything readable of cookies and proxy'),
      'Session validation before actions': inFile('test/e2e/actions.test.ts')(
        'a session that loses its login keeps its queue and goes on after the next one',
      ),
    },
    'Best Practices › Error Handling': {
      'Proper error classification': errors('is grouped by code, with how often, where, and when first and last'),
      'Detailed error messages': v1('names every wrong field in its own words'),
      'Secure error responses': hostile('to show what went wrong inside'),
      'Logging for debugging': inFile('src/http/logger.test.ts')(
        'an error shows its type, code and place, not what hangs on it',
        'secrets stay secret, and line breaks stay inside their line',
      ),
    },
    'Example Usage › Creating a Session': {
      '*': first('creates a session, performs actions and reads limits with requests as it is printed'),
    },
    'Example Usage › Performing Actions': {
      '*': first('creates a session, performs actions and reads limits with requests as it is printed'),
    },
    'Example Usage › Checking Limits': {
      '*': first('creates a session, performs actions and reads limits with requests as it is printed'),
    },
    'Monitoring and Maintenance › Monitoring': {
      'API response times': [
        ...server('gives its metrics to loopback, or to the token that was set'),
        ...inFile('src/transport/measure.test.ts')(
          'an exchange is told with its duration and how it ended, and otherwise left alone',
        ),
      ],
      '*': monitor('shows how full limits are, sessions by status and refusals by code, and names nobody'),
    },
    '› Maintenance Tasks': {
      'Regular session cleanup': expiry(
        'is deleted: ended sessions after their retention, attempts and links at their expiry',
      ),
      'Rate limit resets': operating('empties every window, audited', 'is refused in live mode'),
      'Error log analysis': errors(
        'is grouped by code, with how often, where, and when first and last',
        'counts actions that failed while nobody waited, once however many nodes look',
      ),
      'Performance optimization': 'Work, not behaviour: bench/ measures, and bench/RESULTS.md says what came of it.',
    },
    '› Planned Features': {
      'Advanced rate limiting strategies': policy('are the smallest of all its policies, for each duration'),
      'Bulk action support': inFile('src/messaging/bulk.db.test.ts')(
        "answers with the second document's example once all of it has ended within the wait",
      ),
      'Analytics dashboard':
        'Planned by the document itself; counts are in the API (statistics, errors) and in the metrics.',
      'Enhanced error reporting': errors('is grouped by code, with how often, where, and when first and last'),
    },
    '› Optimization Opportunities': {
      'Session storage optimization': inFile('src/sessions/hooks.db.test.ts')(
        'opens credentials again only when the row holds others',
      ),
      'Rate limit calculation efficiency': inFile('src/outbox/query-plan.db.test.ts')(
        'costs as many statements with 300 actions waiting as with one',
      ),
      '*': challenge('shares one call among requests within two seconds'),
    },
  },
  second: {
    Overview: { '*': PROSE },
    '› Base URL': { '*': second('runs the JavaScript example with axios as it is printed') },
    'Instagram API Documentation › Authentication': {
      '*': [
        ...tokens('until it expires, also when it was remembered'),
        ...second('refuses in the printed form, with the printed codes'),
      ],
    },
    '› Rate Limiting': {
      '*': [
        ...second('tells the request limits of its list'),
        ...requestLimits('never lets more through than the limit, however many come at once'),
      ],
    },
    '› Login to Instagram': { '*': second('logs in with the printed body, through its proxy, and out') },
    '› Logout from Instagram': { '*': second('logs in with the printed body, through its proxy, and out') },
    '› Get Session Status': { '*': second('shows the session, the sessions of a user, and takes settings and counts') },
    '› Get User Sessions': { '*': second('shows the session, the sessions of a user, and takes settings and counts') },
    '› Update Session Settings': {
      '*': second('shows the session, the sessions of a user, and takes settings and counts'),
    },
    '› Deactivate Session': { '*': second('deactivates the session') },
    '› Send Direct Message': { '*': second('takes a message, and sends it') },
    '› Send Bulk Messages': {
      '*': second('sends a bulk with its own delay, and answers once it is done when asked to wait'),
    },
    '› Get Conversation Messages': { '*': second('reads the conversation and the conversations') },
    '› Get User Conversations': { '*': second('reads the conversation and the conversations') },
    '› Mark Message as Read': {
      '*': second('marks a received message as read, at Instagram too, and counts messages'),
    },
    '› Delete Message': { '*': second('deletes a message, at Instagram too') },
    '› Get Message Statistics': {
      '*': second('marks a received message as read, at Instagram too, and counts messages'),
    },
    '› Like a Post': { '*': second('does what "%s" asks for, once') },
    '› Comment on a Post': { '*': second('does what "%s" asks for, once') },
    '› Follow a User': { '*': second('does what "%s" asks for, once') },
    '› Get Session Statistics': { '*': second('counts sessions, and says whether a user can create one') },
    '› Check if User Can Create Session': { '*': second('counts sessions, and says whether a user can create one') },
    '› Error Responses': { '*': second('refuses in the printed form, with the printed codes') },
    '› Common Error Codes': {
      '`429` - Too Many Requests (rate limit exceeded)': requestLimits(
        'the window rolls: a use comes free exactly when it is a window old',
      ),
      '`500` - Internal Server Error': hostile('to show what went wrong inside'),
      '*': second('refuses in the printed form, with the printed codes'),
    },
    '› Webhooks': {
      'The Instagram API supports webhooks for real-time event notifications. Configure webhooks to receive notifications for:':
        WEBHOOKS,
      '*': inFile('test/spec/webhooks.test.ts')('tells every kind of notification of its list, signed, and each once'),
    },
    '› Rate Limits': { '*': [...second('keeps accounts to the limits of its table'), ...ROLLING] },
    'Instagram API Documentation › Best Practices': {
      '**Session Management**: Always validate sessions before performing actions': inFile('test/e2e/actions.test.ts')(
        'a session that loses its login keeps its queue and goes on after the next one',
      ),
      '**Rate Limiting**: Respect the rate limits to avoid account restrictions': ROLLING,
      '**Error Handling**: Implement proper error handling for all API calls': inFile('sdks/typescript/sdk.test.ts')(
        'throws what the gateway refuses',
      ),
      '**Webhooks**: Use webhooks for real-time updates instead of polling': WEBHOOKS,
      '**Security**: Keep your JWT tokens secure and rotate them regularly': [
        ...tokens('by any secret of the list, and signed by the first'),
        ...server('a revoked token ends at once, a newer one goes on'),
      ],
      '**Monitoring**: Monitor your API usage and session health': monitor(
        'shows how full limits are, sessions by status and refusals by code, and names nobody',
      ),
    },
    '› JavaScript/Node.js': { '*': second('runs the JavaScript example with axios as it is printed') },
    'SDK Examples › Python': { '*': second('runs the Python example with requests as it is printed') },
    '› Support': {
      'For API support and questions:': 'An introduction to the addresses below.',
      '**Documentation**: [API Documentation](https://docs.your-api.com)': server(
        'serves the API reference from itself alone',
      ),
      '**Status Page**: [API Status](https://status.your-api.com)': server(
        'is degraded while the store takes no writes, and ready for reads',
      ),
      '**Support Email**: api-support@your-company.com':
        "An address of whoever runs the gateway; the API's description names the printed one as contact.",
      '**GitHub Issues**: [GitHub Repository](https://github.com/your-org/instagram-api)':
        'A place of whoever runs the gateway.',
    },
  },
}
