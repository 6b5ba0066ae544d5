import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { pipeline, step } from '../../src/index.ts'
import { createMemoryStore } from '../../src/store/memory-store.ts'
import type { Store } from '../../src/store/store.ts'
import { clientOn } from '../durable-client.ts'
import { describeCache } from './cache-contract.ts'
import { describeQueues } from './queue-contract.ts'
import { describeStore, record, START, type SceneOptions } from './store-contract.ts'

function create(options: SceneOptions = {}) {
  let now = START
  const store = createMemoryStore({ ...options, now: () => now })
  return Promise.resolve({
    store,
    pass: (ms: number) => {
      now += ms
    },
    [Symbol.asyncDispose]: () => Promise.resolve(store[Symbol.asyncDispose]()),
  })
}

describeStore('in memory', create)
describeCache('in memory', create)
describeQueues('in memory', create)

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
function found(store: Store, run: string, keys: readonly string[]): string[] {
  const journal = store.read(run)
  return keys.filter((key) => journal?.find(record(key)) !== undefined)
}

describe('a store in memory', () => {
  it('keeps the last calls of a run that goes on', async () => {
    const store = createMemoryStore({ capacity: 2 })
    await begin(store, 'run', ['0', '1', '2'])
    expect(found(store, 'run', ['0', '1', '2'])).toEqual(['1', '2'])
  })

  it('[F15] has all that a run of thousands did when it is resumed', async () => {
    let isUp = false
    let calls = 0
    const last = 4999
    const work = step({
      name: 'work',
      input: z.number(),
      output: z.number(),
      run: (n) => {
        calls += 1
        if (n === last && !isUp) throw new RangeError('not yet')
        return n
      },
    })
    const plan = pipeline('p', { n: z.number() })
      .map(({ n }) => n)
      .step(work)
    const inputs = Array.from({ length: last + 1 }, (_, n) => ({ n }))
    await using client = clientOn(createMemoryStore())
    await client.run(plan, inputs, { id: 'long' }).then(undefined, () => {})
    isUp = true
    calls = 0
    const { stats } = await client.resume('long', plan)
    expect([calls, stats.cached]).toEqual([1, last])
    expect(client.runs.rows('long')).toHaveLength(last + 1)
  })

  it('forgets runs that are over, the oldest first, so that a long life does not fill the memory', async () => {
    const store = createMemoryStore({ capacity: 4 })
    await begin(store, 'going on', ['0', '1', '2'])
    await fill(store, 'first', ['0', '1'])
    await fill(store, 'second', ['0', '1'])
    await fill(store, 'third', ['0'])
    expect(found(store, 'first', ['0', '1'])).toEqual([])
    expect(found(store, 'second', ['0', '1'])).toEqual(['0', '1'])
    expect(found(store, 'third', ['0'])).toEqual(['0'])
    expect(found(store, 'going on', ['0', '1', '2'])).toEqual(['0', '1', '2'])
  })

  it('keeps the latest run whole, however long it was', async () => {
    const store = createMemoryStore({ capacity: 2 })
    await fill(store, 'run', ['0', '1'])
    expect(found(store, 'run', ['0', '1'])).toEqual(['0', '1'])
  })

  it('takes up a run that was over as one that goes on', async () => {
    const store = createMemoryStore({ capacity: 2 })
    await fill(store, 'run', ['0', '1'])
    await begin(store, 'run', [])
    await fill(store, 'second', ['0', '1'])
    await fill(store, 'third', ['0', '1'])
    expect(found(store, 'run', ['0', '1'])).toEqual(['0', '1'])
  })

  it('forgets runs that made no call, too', async () => {
    const store = createMemoryStore({ capacity: 3 })
    for (let run = 0; run < 10; run++) await fill(store, `${run}`, [])
    expect(await store.runs.list()).toHaveLength(3)
  })

  it('is empty once it is disposed of', async () => {
    const store = createMemoryStore()
    await fill(store, 'run', ['0'])
    await store[Symbol.asyncDispose]()
    expect(found(store, 'run', ['0'])).toEqual([])
  })
})
