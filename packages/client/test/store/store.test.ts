import { describe, expect, it } from 'vitest'
import { createMemoryStore, type CallRecord, type Store } from '../../src/store/store.ts'

function record(key: string, input: unknown = { question: 'why' }): CallRecord {
  const origin = { node: 'a', peer: 'p', model: 'm', tokens: { input: 1, output: 1 }, ms: 1 }
  return { key, definition: 'workflow', input, output: 'because', origin, attempts: 1 }
}

/** Commits these calls to the run, which goes on. */
async function begin(store: Store, run: string, keys: readonly string[]) {
  const journal = await store.open(run)
  for (const key of keys) await journal.commit(record(key))
  return journal
}

/** Commits these calls to the run and ends it. */
async function fill(store: Store, run: string, keys: readonly string[]) {
  const journal = await begin(store, run, keys)
  await journal.close()
}

/** Which of these calls of the run are found. */
async function found(store: Store, run: string, keys: readonly string[]): Promise<string[]> {
  const journal = await store.open(run)
  const calls = keys.filter((key) => journal.find(record(key)) !== undefined)
  await journal.close()
  return calls
}

describe('a store in memory', () => {
  it('finds a call by its key, if it ran the same on the same', async () => {
    const journal = await createMemoryStore().open('run')
    await journal.commit(record('0'))
    expect(journal.find(record('0', { question: 'why' }))).toMatchObject({ output: 'because' })
    expect(journal.find(record('0', { question: 'who' }))).toBeUndefined()
    expect(journal.find({ ...record('0'), definition: 'another' })).toBeUndefined()
    expect(journal.find(record('1'))).toBeUndefined()
  })

  it('keeps the last calls of a run that goes on', async () => {
    const store = createMemoryStore({ capacity: 2 })
    await begin(store, 'run', ['0', '1', '2'])
    expect(await found(store, 'run', ['0', '1', '2'])).toEqual(['1', '2'])
  })

  it('tells runs apart', async () => {
    const store = createMemoryStore()
    await fill(store, 'one', ['0'])
    await fill(store, 'other', ['1'])
    expect(await found(store, 'one', ['0', '1'])).toEqual(['0'])
  })

  it('forgets runs that are over, the oldest first, so that a long life does not fill the memory', async () => {
    const store = createMemoryStore({ capacity: 4 })
    await begin(store, 'going on', ['0', '1', '2'])
    await fill(store, 'first', ['0', '1'])
    await fill(store, 'second', ['0', '1'])
    await fill(store, 'third', ['0'])
    expect(await found(store, 'first', ['0', '1'])).toEqual([])
    expect(await found(store, 'second', ['0', '1'])).toEqual(['0', '1'])
    expect(await found(store, 'third', ['0'])).toEqual(['0'])
    expect(await found(store, 'going on', ['0', '1', '2'])).toEqual(['0', '1', '2'])
  })

  it('keeps the latest run whole, however long it was', async () => {
    const store = createMemoryStore({ capacity: 2 })
    await fill(store, 'run', ['0', '1'])
    expect(await found(store, 'run', ['0', '1'])).toEqual(['0', '1'])
  })

  it('takes up a run that was over as one that goes on', async () => {
    const store = createMemoryStore({ capacity: 2 })
    await fill(store, 'run', ['0', '1'])
    await begin(store, 'run', [])
    await fill(store, 'second', ['0', '1'])
    await fill(store, 'third', ['0', '1'])
    expect(await found(store, 'run', ['0', '1'])).toEqual(['0', '1'])
  })

  it('is empty once it is disposed of', async () => {
    const store = createMemoryStore()
    await fill(store, 'run', ['0'])
    await store[Symbol.asyncDispose]()
    expect(await found(store, 'run', ['0'])).toEqual([])
  })
})
