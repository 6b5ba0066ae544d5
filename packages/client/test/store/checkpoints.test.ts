import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { Checkpoints } from '../../src/store/checkpoints.ts'
import { createSqliteStore } from '../../src/store/sqlite-store.ts'
import { record } from './store-contract.ts'
import { temporaryFolder } from './temporary-store.ts'

const MEGABYTE = 2 ** 20
/** So much is taken in, in megabytes. */
const LONG = 20
/** So much is not there at any time: more, SQLite would take in by itself. */
const LONGER = 48

describe('the log of a file', () => {
  it('[D21] begins anew now and then, where much is written to the file, and is gone when the file is closed', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    const log = `${file}-wal`
    const store = createSqliteStore(file)
    const journal = await store.open('r', {})
    const write = (key: string, output: string) => journal.commit(record(key, { output }))
    const text = (i: number) => `${i}${'x'.repeat(MEGABYTE)}`
    for (let i = 0; i < LONG; i++) await write(`${i}/ask`, text(i))
    for (let size = 0, count = LONG; ; count++) {
      const before = size
      await write(`${count}/ask`, 'little')
      size = (await stat(log)).size
      if (size === before) break
      expect(size).toBeLessThan(LONGER * MEGABYTE)
      await sleep(1)
    }
    for (let i = 0; i < LONG; i++) {
      expect(journal.find(record(`${i}/ask`))?.output).toBe(text(i))
    }
    await store[Symbol.asyncDispose]()
    expect(existsSync(log)).toBe(false)
    expect((await stat(file)).size).toBeGreaterThan(LONG * MEGABYTE)
  })

  it('is left to SQLite where there can be no thread, and no file is made for it', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    const { promise: failed, resolve } = Promise.withResolvers<void>()
    const done = vi.fn<() => void>()
    const checkpoints = new Checkpoints(file, { done, failed: resolve })
    checkpoints.wrote(100 * MEGABYTE)
    await failed
    checkpoints.wrote(100 * MEGABYTE)
    await checkpoints.close()
    expect(done).not.toHaveBeenCalled()
    expect(existsSync(file)).toBe(false)
  })
})
