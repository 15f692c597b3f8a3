import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemRandom } from '../core/random.ts'
import { loadKeys, saveKeys } from './key-file.ts'
import { formatKeys, nextKey } from './vault.ts'

const random = systemRandom()
const deps = { random }

describe('the key file', () => {
  let dataDir: string
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'gateway-keys-'))
  })
  afterEach(() => rm(dataDir, { recursive: true, force: true }))

  it('is made on first start, for its owner only, and read ever after', async () => {
    const source = { configured: null, dataDir }
    const keys = await loadKeys(deps, source)
    expect(keys).toMatchObject([{ version: 1 }])
    expect((await stat(join(dataDir, 'keys'))).mode & 0o777).toBe(0o600)
    expect(await loadKeys(deps, source)).toEqual(keys)
    expect(await readdir(dataDir)).toEqual(['keys'])
  })

  it('is refused, with the remedy, when others can read it', async () => {
    const source = { configured: null, dataDir }
    await loadKeys(deps, source)
    await chmod(join(dataDir, 'keys'), 0o644)
    await expect(loadKeys(deps, source)).rejects.toThrow(`chmod 600 ${join(dataDir, 'keys')}`)
  })

  it('is replaced whole, also over what a crash left behind', async () => {
    const source = { configured: null, dataDir }
    const [first] = await loadKeys(deps, source)
    if (first === undefined) throw new Error('no key')
    await writeFile(join(dataDir, 'keys.new'), 'half a')
    const both = [first, nextKey([first], random)]
    await saveKeys(source, both)
    expect(await loadKeys(deps, source)).toEqual(both)
  })

  it('is neither made nor changed when the keys are configured', async () => {
    const keys = [nextKey([], random)]
    const source = { configured: formatKeys(keys), dataDir }
    expect(await loadKeys(deps, source)).toEqual(keys)
    await expect(saveKeys(source, keys)).rejects.toThrow('ENCRYPTION_KEYS')
    expect(await readdir(dataDir)).toEqual([])
  })

  it('that is damaged is refused by name, without showing it, and kept', async () => {
    await writeFile(join(dataDir, 'keys'), 'a-secret', { mode: 0o600 })
    const refusal = await loadKeys(deps, { configured: null, dataDir }).catch((error: unknown) => String(error))
    expect(refusal).toContain(join(dataDir, 'keys'))
    expect(refusal).not.toContain('a-secret')
    expect(await readFile(join(dataDir, 'keys'), 'utf8')).toBe('a-secret')
  })
})
