import { describe, expect, it } from 'vitest'
import { createSqliteStore } from '../../src/store/sqlite-store.ts'
import { START } from './store-contract.ts'
import { temporaryFolder } from './temporary-store.ts'

describe('a store of runs in a file', () => {
  it('goes on with a run that it took up again when its lease was over, though the earlier holder ends', async () => {
    await using folder = await temporaryFolder()
    let now = START
    const file = folder.file('runs.db')
    const store = createSqliteStore(file, { now: () => now })
    const lapsed = await store.open('run', {})
    now += 15_000
    await store.open('run')
    await lapsed.close().catch(() => {})
    // It closes its own: the run is free at once.
    await store[Symbol.asyncDispose]()
    await using other = createSqliteStore(file, { now: () => now })
    await expect(other.open('run')).resolves.toBeDefined()
  })
})
