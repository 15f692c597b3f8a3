import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { mountSmallDisk } from '../../test/support/small-disk.ts'
import { openDataDir } from './data-dir.ts'

const SINCE = Date.UTC(2026, 0, 2, 3, 4, 5)

describe('openDataDir', () => {
  let parent: string

  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), 'gateway-dir-'))
  })

  afterEach(() => {
    rmSync(parent, { recursive: true, force: true })
  })

  it('creates a directory that only its owner can read, with the owner named in it', () => {
    const path = join(parent, 'data', 'sandbox')
    const dataDir = openDataDir({ path, sinceWall: SINCE })
    expect(dataDir.path).toBe(path)
    expect(statSync(path).mode & 0o777).toBe(0o700)
    expect(readFileSync(join(path, 'owner'), 'utf8')).toMatch(
      new RegExp(`^process ${process.pid} on .+ since 2026-01-02T03:04:05.000Z\n$`),
    )
    dataDir.release()
  })

  it('refuses the second owner until the first releases it', () => {
    const first = openDataDir({ path: parent, sinceWall: SINCE })
    expect(() => openDataDir({ path: parent, sinceWall: SINCE })).toThrow(
      expect.objectContaining({
        reason: 'directory_in_use',
        exitCode: 75,
        message: expect.stringContaining(`in use by process ${process.pid} on`),
      }),
    )
    first.release()
    openDataDir({ path: parent, sinceWall: SINCE }).release()
  })

  it('says what to do when the path is a file', () => {
    const path = join(parent, 'file')
    writeFileSync(path, '')
    expect(() => openDataDir({ path, sinceWall: SINCE })).toThrow(
      expect.objectContaining({ reason: 'directory_unusable', message: expect.stringContaining('set DATA_DIR') }),
    )
  })

  it('says what to do where no directory can be made, at once', () => {
    expect(() => openDataDir({ path: '/proc/x/y', sinceWall: SINCE })).toThrow(
      expect.objectContaining({ reason: 'directory_unusable', message: expect.stringContaining('set DATA_DIR') }),
    )
  })

  it('says what to do when the directory is read-only', (context) => {
    const path = join(parent, 'read-only')
    mkdirSync(path)
    const disk = mountSmallDisk(path, 'size=64k,ro')
    context.skip(disk === null, 'needs the right to mount')
    try {
      expect(() => openDataDir({ path, sinceWall: SINCE })).toThrow(
        expect.objectContaining({ reason: 'directory_unusable', exitCode: 73 }),
      )
    } finally {
      disk?.unmount()
    }
  })
})
