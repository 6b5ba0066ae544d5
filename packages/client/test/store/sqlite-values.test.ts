import { stat } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createSqliteStore } from '../../src/store/sqlite-store.ts'
import { record } from './store-contract.ts'
import { temporaryFolder } from './temporary-store.ts'

describe('what is long in a file of runs', () => {
  it('[F16] is kept once, however many share it', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    const store = createSqliteStore(file)
    const journal = await store.open('r', {})
    const shared = Object.freeze(Array.from({ length: 150_000 }, (_, i) => i))
    const list = Object.freeze(Array.from({ length: 1000 }, (_, i) => Object.freeze({ i, shared })))
    for (const [i, output] of list.entries()) void journal.commit(record(`${i}`, { output }))
    await journal.commit(record('all', { output: list }))
    await store[Symbol.asyncDispose]()
    expect((await stat(file)).size).toBeLessThan(2_000_000)
    await using again = createSqliteStore(file)
    const reader = again.read('r')
    const outputs = ['1', '2'].map((key) => reader?.find(record(key))?.output)
    const all = reader?.find(record('all'))?.output
    const [one, other] = z.array(z.custom<{ shared: unknown }>()).parse(outputs)
    const [first] = z.array(z.custom<{ shared: unknown }>()).parse(all)
    expect(one?.shared).toEqual(shared)
    expect(other?.shared).toBe(one?.shared)
    expect(first?.shared).toBe(one?.shared)
  })

  it('[F16] is kept once for all runs in whose contexts it is, and is not written again while they run', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    const context = { book: 'x'.repeat(1_000_000) }
    await using store = createSqliteStore(file)
    for (const id of ['a', 'b']) {
      const journal = await store.open(id, { context })
      for (let rows = 0; rows < 5; rows++) {
        journal.tell({ rows })
        await journal.commit(record(`${rows}`))
      }
      await journal.close({ state: 'done', endedAt: 1 })
    }
    const sizes = await Promise.all(['', '-wal'].map((end) => stat(`${file}${end}`)))
    expect(sizes.reduce((sum, { size }) => sum + size, 0)).toBeLessThan(2_000_000)
    await store.runs.remove('a')
    expect(await store.runs.get('b')).toMatchObject({ context, status: { rows: 4 } })
    await store.runs.remove('b')
    using database = new DatabaseSync(file)
    expect(database.prepare('select count(*) as left from value').get()).toEqual({ left: 0 })
  })

  it('[F16] takes less than 11 MB for ten steps with 1 MB each', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    const store = createSqliteStore(file)
    const journal = await store.open('r', {})
    for (let i = 0; i < 10; i++) {
      await journal.commit(record(`${i}`, { output: `${i}`.repeat(1_000_000) }))
    }
    await store[Symbol.asyncDispose]()
    expect((await stat(file)).size).toBeLessThan(11_000_000)
  })
})
