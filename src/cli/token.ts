import { readConfig } from '../config/index.ts'
import { parseDuration } from '../core/duration.ts'
import { machineTime } from '../core/machine-clock.ts'
import { systemRandom } from '../core/random.ts'
import type { Scope } from '../http/route.ts'
import { loadSigningSecrets, signToken } from '../http/sign-token.ts'
import { CliError, type Command, textFlag } from './command.ts'

const SCOPES: readonly Scope[] = ['read', 'send', 'manage']

export const token: Command = {
  name: 'token',
  summary: 'prints a token for a user',
  usage: '--user <id> [--role admin] [--scope read,send,manage] [--sessions <id,…>] [--expires 30d]',
  flags: {
    user: { type: 'string', describe: 'whom the token names (`sub`)' },
    role: { type: 'string', describe: '`admin`: sees and acts for every user' },
    scope: { type: 'string', describe: 'read, send, manage; all without this flag' },
    sessions: { type: 'string', describe: 'session ids or usernames it is confined to; all without this flag' },
    expires: { type: 'string', default: '30d', describe: 'how long it is valid: 15m, 12h, 30d' },
  },
  async run(context, flags) {
    const userId = textFlag(flags, 'user')
    if (userId === null || userId === '') throw new CliError('token: --user is needed, e.g. --user user_123', 2)
    const role = textFlag(flags, 'role')
    if (role !== null && role !== 'admin') throw new CliError(`token: --role can only be admin, not ${role}`, 2)
    const expiresInMs = parseDuration(textFlag(flags, 'expires') ?? '')
    if (expiresInMs === null || expiresInMs === 0)
      throw new CliError('token: --expires must be like 15m, 12h or 30d', 2)

    const { config, secrets } = readConfig(context.env)
    if (secrets.jwtSecrets === null && config.auth.jwksUrl !== null) {
      throw new CliError(
        'token: JWT_JWKS_URL is set, so tokens come from its issuer; set JWT_SECRET to sign here as well',
      )
    }
    const signing = await loadSigningSecrets(
      { random: systemRandom() },
      { configured: secrets.jwtSecrets, dataDir: config.dataDir },
    )
    const { issuer, audience } = config.auth
    const signed = await signToken(
      { clock: machineTime, secrets: signing, issuer, audience },
      {
        userId,
        isAdmin: role === 'admin',
        scopes: scopes(textFlag(flags, 'scope')),
        sessions: list(textFlag(flags, 'sessions')),
        expiresInMs,
      },
    )
    context.print(signed)
    return 0
  },
}

function scopes(text: string | null): Scope[] | null {
  const names = list(text)
  if (names === null) return null
  return names.map((name) => {
    const scope = SCOPES.find((known) => known === name)
    if (scope === undefined) throw new CliError(`token: --scope knows ${SCOPES.join(', ')}, not ${name}`, 2)
    return scope
  })
}

function list(text: string | null): string[] | null {
  return text === null ? null : text.split(/[\s,]+/).filter((entry) => entry !== '')
}
