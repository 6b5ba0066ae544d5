import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, vi } from 'vitest'
import { createSqliteStore } from '../../src/store/sqlite-store.ts'
import { record, START } from './store-contract.ts'
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

  it('[X2] goes on with a run whose lease was over while its thread was busy, unless another has it', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    let now = START
    await using one = createSqliteStore(file, { now: () => now })
    await using other = createSqliteStore(file, { now: () => now })
    const journal = await one.open('run', {})
    await journal.begun()
    now += 60_000
    await expect(journal.commit(record('0'))).resolves.toBeUndefined()
    const taken = await other.open('run')
    await expect(journal.commit(record('1'))).rejects.toMatchObject({
      code: 'RUN_HELD',
      message: expect.stringMatching(
        /^another process has taken over run 'run'.* 15 seconds: .* a step with 'worker'$/,
      ) as unknown,
    })
    await expect(taken.commit(record('1'))).resolves.toBeUndefined()
  })

  it.each(['done', 'failed'] as const)(
    '[X2] says of a run that another process has brought to its end as %s that it has, not that it was cancelled',
    async (state) => {
      await using folder = await temporaryFolder()
      const file = folder.file('runs.db')
      let now = START
      await using one = createSqliteStore(file, { now: () => now })
      await using other = createSqliteStore(file, { now: () => now })
      const slept = await one.open('run', {})
      await slept.begun()
      const lost = vi.fn<(error: Error) => void>()
      slept.onLost(lost)
      now += 15_000
      await (await other.open('run')).close({ state, endedAt: now })
      const ended = { code: 'RUN_HELD', message: "another process has ended run 'run'" }
      await expect(slept.commit(record('0'))).rejects.toMatchObject(ended)
      expect(lost.mock.calls).toMatchObject([[ended]])
      expect(await one.runs.get('run')).toMatchObject({ state, endedAt: now })
    },
  )

  it.each([
    ['', 'CANCELLED', 'run r was cancelled'],
    [', as lost where that cannot be read', 'RUN_HELD', "another process has ended run 'r'"],
  ])('[X2] tells of a run that was cancelled%s', async (damage, code, message) => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    await using store = createSqliteStore(file)
    const journal = await store.open('r', {})
    await journal.begun()
    await using other = createSqliteStore(file)
    await other.runs.cancel('r')
    const database = new DatabaseSync(file)
    database.prepare('update run set ending = ending || ?').run(damage)
    database.close()
    await expect(journal.commit(record('0'))).rejects.toMatchObject({ code, message })
  })
})
