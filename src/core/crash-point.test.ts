import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { armCrashPoint } from './crash-point.ts'

const MODULE = new URL('./crash-point.ts', import.meta.url).href

function passThree(specification: string) {
  const program = `
    import { armCrashPoint, crashPoint } from '${MODULE}'
    armCrashPoint('${specification}')
    for (const pass of [1, 2, 3]) { process.stdout.write('before ' + pass + ';'); crashPoint('before-call'); crashPoint('after-claim') }`
  const { signal, stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
  })
  return { signal, stdout }
}

describe('crash points', () => {
  it('kill the process at the named line', () => {
    expect(passThree('before-call')).toEqual({ signal: 'SIGKILL', stdout: 'before 1;' })
  })

  it('kill the process when it passes for the given time', () => {
    expect(passThree('after-claim:3')).toEqual({ signal: 'SIGKILL', stdout: 'before 1;before 2;before 3;' })
  })

  it('refuse a name or count that means nothing', () => {
    for (const specification of [
      'after-lunch',
      'before-call:0',
      'before-call:x',
      'before-call:1.5',
      'before-call:1:SIGHUP',
      '',
    ]) {
      expect(() => armCrashPoint(specification)).toThrow('CRASH_POINT must be one of')
    }
  })
})
