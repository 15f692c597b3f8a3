import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { GatewayError } from '../core/errors.ts'
import { Secret } from '../core/secret.ts'
import { createLogger } from './logger.ts'

function logOf(level: string, write: (logger: ReturnType<typeof createLogger>) => void): string[] {
  const destination = new PassThrough()
  write(createLogger({ level, clock: { wall: () => 0 }, destination }))
  return String(destination.read() ?? '')
    .split('\n')
    .filter((line) => line !== '')
}

test('one JSON object a line, with the time it was given', () => {
  const [line] = logOf('info', (logger) => logger.info({ request_id: 'r' }, 'request'))
  expect(JSON.parse(line as string)).toEqual({
    level: 'info',
    time: '1970-01-01T00:00:00.000Z',
    request_id: 'r',
    msg: 'request',
  })
})

test('an error shows its type, code and place, not what hangs on it', () => {
  const error = Object.assign(new TypeError('it broke'), {
    code: 'E_BROKE',
    config: { headers: { cookie: 'sessionid=abc123' } },
    detail: 'Key (password)=(hunter2)',
  })
  for (const level of ['trace', 'error']) {
    const [line] = logOf(level, (logger) => logger.error({ err: error }, 'failed'))
    expect(JSON.parse(line as string).err).toMatchObject({ type: 'TypeError', code: 'E_BROKE', message: 'it broke' })
    expect(line).not.toMatch(/abc123|hunter2/)
  }
})

test('the cause of a refusal is named, its own causes are cut', () => {
  const cause = new Error('disk full', { cause: new Error('token=abc123') })
  const [line] = logOf('info', (logger) => logger.warn({ err: new GatewayError('UNAVAILABLE', { cause }) }, 'refused'))
  expect(JSON.parse(line as string).err).toMatchObject({ code: 'UNAVAILABLE', cause: { message: 'disk full' } })
  expect(line).not.toContain('abc123')
})

test('secrets stay secret, and line breaks stay inside their line', () => {
  const lines = logOf('info', (logger) => logger.info({ token: new Secret('abc123'), note: 'a\nb\u0007' }, 'x'))
  expect(lines).toHaveLength(1)
  expect(lines[0]).toContain('[redacted]')
  expect(lines[0]).not.toContain('abc123')
})
