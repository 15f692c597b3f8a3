import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { LOGIN, type SessionsWorld, sessionsWorld } from '../../test/support/sessions.ts'
import { describeOnEveryStore } from '../../test/support/stores.ts'
import { loadFingerprintKey } from '../http/fingerprint-key.ts'
import { answerIdentity } from '../http/idempotency.ts'
import { loadKeys } from './key-file.ts'
import { createRotateKeys } from './rotate-keys.ts'
import { listProxies, SEALED_COLUMNS, type SealedColumn, verifyVault } from './sealed-columns.ts'
import { formatKeys, nextKey, sealedVersion } from './vault.ts'

const PROXY = { protocol: 'http', host: 'proxy.example.com', port: 8080 } as const

describeOnEveryStore('rotating the keys', (openTestStore) => {
  let dataDir: string
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'gateway-rotate-'))
  })
  afterEach(() => rm(dataDir, { recursive: true, force: true }))

  /** A store in which every sealed column has a value, under the key file's only key. */
  async function sealedWorld(): Promise<SessionsWorld> {
    const world = sessionsWorld(await openTestStore())
    const { vault, random } = world.deps
    vault.useKeys(await loadKeys({ random }, { configured: null, dataDir }))
    await verifyVault(world.deps)
    await loadFingerprintKey({ store: world.store, random, seals: vault })
    await world.logIn({ body: { ...LOGIN, config: { proxy: PROXY } } })
    world.instagram.logIn = { type: 'two_factor', method: 'totp', identifier: 'n', obfuscatedContact: null }
    await world.logIn({ body: { ...LOGIN, username: 'other' } }).catch(() => {})
    const named = { userId: 'user_123', key: 'k' }
    await world.store.write((tx) =>
      tx
        .insertInto('idempotency_keys')
        .values({
          user_id: 'user_123',
          key: 'k',
          fingerprint: 'f',
          status: 200,
          body: vault.seal('{}', answerIdentity(named)),
          headers: '{}',
          answer_by_wall: null,
          claim: 'c',
          action_id: null,
          created_at: 0,
        })
        .execute(),
    )
    return world
  }

  const rotation = (
    world: SessionsWorld,
    columns: readonly SealedColumn[] = SEALED_COLUMNS,
    configured: string | null = null,
  ) => createRotateKeys({ ...world.deps, source: { configured, dataDir }, columns })

  const versions = async (world: SessionsWorld) => {
    const found: number[] = []
    for (const column of SEALED_COLUMNS) {
      for (const { sealed } of await column.page(world.store.read, { after: '', limit: 100 })) {
        found.push(sealedVersion(sealed))
      }
    }
    return found
  }

  it('re-wraps every sealed value under a new key and drops the old one, audited', async () => {
    const world = await sealedWorld()
    expect(await versions(world)).toEqual([1, 1, 1, 1, 1, 1])
    expect(await rotation(world)({ actor: 'root' })).toEqual({
      keyVersion: 2,
      rewrapped: 6,
      unreadable: 0,
      droppedVersions: [1],
    })
    expect(await versions(world)).toEqual([2, 2, 2, 2, 2, 2])
    expect(world.audited).toMatchObject([{ actor: 'root', what: 'keys.rotated' }])

    // The next start knows the new key only.
    const keys = await loadKeys(world.deps, { configured: null, dataDir })
    expect(keys.map(({ version }) => version)).toEqual([2])
    const restarted = sessionsWorld(world.store)
    restarted.deps.vault.useKeys(keys)
    await verifyVault(restarted.deps)
    expect(await listProxies(world.store.read, restarted.deps)).toMatchObject([{ proxy: PROXY }])
    await loadFingerprintKey({ ...restarted.deps, seals: restarted.deps.vault })
    const other = { ...LOGIN, username: 'other', twoFactorCode: '123456' }
    expect((await restarted.logIn({ body: other })).isActive).toBe(true)
  })

  it('goes on where it died, and loses nothing on the way', async () => {
    const world = await sealedWorld()
    for (const [index, column] of SEALED_COLUMNS.entries()) {
      const dying: SealedColumn = { ...column, replace: () => Promise.reject(new Error('killed here')) }
      const columns = SEALED_COLUMNS.map((each, place) => (place === index ? dying : each))
      await expect(rotation(world, columns)({ actor: 'root' })).rejects.toThrow('killed here')
      const restarted = sessionsWorld(world.store)
      restarted.deps.vault.useKeys(await loadKeys(world.deps, { configured: null, dataDir }))
      await verifyVault(restarted.deps)
      expect(await listProxies(world.store.read, restarted.deps)).toMatchObject([{ proxy: PROXY }])
    }
    expect(await rotation(world)({ actor: 'root' })).toMatchObject({
      keyVersion: 2,
      unreadable: 0,
      droppedVersions: [1],
    })
    expect(await versions(world)).toEqual([2, 2, 2, 2, 2, 2])
  })

  it('drops no key while a value opens with none', async () => {
    const world = await sealedWorld()
    const lost = sessionsWorld(world.store).deps.vault.seal('x', 'anything')
    await world.store.write((tx) => tx.updateTable('sessions').set({ jar: lost }).execute())
    expect(await rotation(world)({ actor: 'root' })).toMatchObject({ rewrapped: 5, unreadable: 1, droppedVersions: [] })
    expect((await readFile(join(dataDir, 'keys'), 'utf8')).trim().split('\n')).toHaveLength(2)
  })

  it('leaves a value alone that was written anew meanwhile', async () => {
    const world = await sealedWorld()
    const [jars, ...others] = SEALED_COLUMNS as [SealedColumn, ...SealedColumn[]]
    const raced: SealedColumn = {
      ...jars,
      async replace(tx, change) {
        const fresh = world.deps.vault.seal('newer', jars.identity(change.key))
        await tx.updateTable('sessions').set({ jar: fresh }).where('id', '=', change.key).execute()
        return jars.replace(tx, change)
      },
    }
    expect(await rotation(world, [raced, ...others])({ actor: 'root' })).toMatchObject({ rewrapped: 5, unreadable: 0 })
    const row = await world.store.read.selectFrom('sessions').selectAll().executeTakeFirstOrThrow()
    expect(world.deps.vault.open(row.jar ?? '', `sessions/${row.id}/jar`)).toBe('newer')
  })

  it('with configured keys re-wraps and leaves the keys to the operator', async () => {
    const world = await sealedWorld()
    const [old] = await loadKeys(world.deps, { configured: null, dataDir })
    if (old === undefined) throw new Error('no key')
    const keys = [nextKey([old], world.deps.random), old]
    world.deps.vault.useKeys(keys)
    const rotate = rotation(world, SEALED_COLUMNS, formatKeys(keys))
    expect(await rotate({ actor: 'root' })).toMatchObject({ keyVersion: 2, rewrapped: 6, droppedVersions: [] })
    expect(await rotate({ actor: 'root' })).toMatchObject({ keyVersion: 2, rewrapped: 0 })
  })

  it('runs once at a time', async () => {
    const world = await sealedWorld()
    const rotate = rotation(world)
    const [first, second] = await Promise.allSettled([rotate({ actor: 'root' }), rotate({ actor: 'root' })])
    expect(first).toMatchObject({ status: 'fulfilled' })
    expect(second).toMatchObject({ status: 'rejected', reason: { code: 'UNAVAILABLE' } })
  })

  it('leaves a start with other keys refused, in a sentence that names the remedy', async () => {
    const world = await sealedWorld()
    const stranger = sessionsWorld(world.store)
    for (let start = 0; start < 2; start += 1) {
      await expect(verifyVault(stranger.deps)).rejects.toThrow(
        'the encryption keys are not those that this store was sealed with',
      )
    }
    await verifyVault(world.deps)
  })
})
