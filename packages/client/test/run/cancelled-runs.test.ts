import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  createMemoryStore,
  createSqliteStore,
  external,
  pipeline,
  step,
  type Store,
} from '../../src/index.ts'
import { keptOpen } from '../crash/mortal-store.ts'
import { clientOn } from '../durable-client.ts'
import { temporaryFolder } from '../store/temporary-store.ts'
import { until } from '../waiting.ts'

/** A plan that waits at its second row until it may go on. */
function slowPlan() {
  const gate = Promise.withResolvers<number>()
  const begun: number[] = []
  const slow = step({
    name: 'slow',
    input: z.number(),
    output: z.number(),
    run: (n) => {
      begun.push(n)
      return n === 2 ? gate.promise : n
    },
  })
  const plan = pipeline('slow', { n: z.number() })
    .map(({ n }) => n)
    .step(slow)
  return { plan, begun, open: gate.resolve }
}

const ROWS = [{ n: 1 }, { n: 2 }]

async function withStores(test: (store: Store, other: Store) => Promise<void>): Promise<void> {
  const memory = createMemoryStore()
  await test(memory, memory)
  await using folder = await temporaryFolder()
  const file = folder.file('runs.db')
  await using store = createSqliteStore(file)
  await using other = createSqliteStore(file)
  await test(store, other)
}

describe('a run that is cancelled by whoever has its store', () => {
  it('[F15] [D28] stops where it runs, is cancelled for good, and can be resumed all the same', () =>
    withStores(async (store, other) => {
      const { plan, begun, open } = slowPlan()
      await using client = clientOn(keptOpen(store))
      await using elsewhere = clientOn(keptOpen(other))
      const run = client.run(plan, ROWS, { id: 'r', concurrency: 1 })
      const ended = run.then(
        () => undefined,
        (error: unknown) => error,
      )
      await until(() => begun.length === 2)
      expect(await elsewhere.runs.cancel('r')).toBe(true)
      expect(await elsewhere.runs.show('r')).toMatchObject({ state: 'cancelled' })
      open(2)
      expect(await ended).toMatchObject({ code: 'CANCELLED', message: 'run r was cancelled' })
      expect(await elsewhere.runs.show('r')).toMatchObject({ state: 'cancelled' })
      expect(await elsewhere.runs.cancel('r')).toBe(false)
      await expect(elsewhere.runs.cancel('nobody')).rejects.toMatchObject({ code: 'NO_SUCH_RUN' })
      const { output } = await elsewhere.resume('r', plan)
      expect(output).toEqual([1, 2])
    }))

  it('[F15] is taken over by nobody, also where nobody was at it', () =>
    withStores(async (store, other) => {
      const { plan, begun } = slowPlan()
      const client = clientOn(keptOpen(store))
      client.run(plan, ROWS, { id: 'r' }).then(undefined, () => {})
      await until(() => begun.length === 2)
      await client[Symbol.asyncDispose]()
      await using elsewhere = clientOn(keptOpen(other))
      expect(await elsewhere.runs.show('r')).toMatchObject({ state: 'interrupted' })
      expect(await elsewhere.runs.cancel('r')).toBe(true)
      expect(await other.runs.list({ unfinished: true })).toEqual([])
    }))

  it('[X2] stays as it has ended when a resume of it is refused', () =>
    withStores(async (store) => {
      const plan = pipeline('p', { n: z.number() }).map(({ n }) => n)
      await using client = clientOn(keptOpen(store))
      await client.run(plan, ROWS, { id: 'r' })
      const before = await client.runs.show('r')
      const refused = client.resume('r', plan, { inputs: [{ n: 9 }] })
      await expect(refused).rejects.toMatchObject({ code: 'INVALID_INPUT' })
      expect(await client.runs.show('r')).toEqual(before)
      expect(before.state).toBe('done')
    }))
})

describe('a run that ends', () => {
  it('[X2] says what is wrong with the store, where that keeps it from clearing up', async () => {
    await using folder = await temporaryFolder()
    const store = createSqliteStore(folder.file('runs.db'))
    let isBroken = false
    const transaction: Store['transaction'] = (work) => {
      if (isBroken) throw new RangeError('the disk is gone')
      return store.transaction(work)
    }
    await using client = clientOn({ ...keptOpen(store), transaction })
    const ask = external({ name: 'ask', input: z.object({ n: z.number() }), output: z.number() })
    const { plan, begun, open } = slowPlan()
    const asking = pipeline('p', { n: z.number() })
      .step(ask)
      .map((n) => ({ n }))
      .step(plan)
    const run = client.run(asking, { n: 1 }, { id: 'r' })
    await until(() => client.tasks.list().length === 1)
    client.tasks.complete('r/0/ask', 2)
    await until(() => begun.length === 1)
    // The answer is recorded: what is left of its task goes when the run ends.
    isBroken = true
    open(3)
    await expect(run).rejects.toMatchObject({ code: 'STORE_FAILED', message: 'the disk is gone' })
    await store[Symbol.asyncDispose]()
  })

  it('[X2] begins together with its input: no crash can come between', async () => {
    await using folder = await temporaryFolder()
    const file = folder.file('runs.db')
    const store = createSqliteStore(file)
    const big = 'x'.repeat(100_000)
    const journal = await store.open('r', {}, [{ kind: 'input', place: 'whole', value: big }])
    await journal.begun()
    const database = new DatabaseSync(file, { readOnly: true })
    const counts = ['run', 'batch', 'value'].map(
      (table) => database.prepare(`select count(*) as count from ${table}`).get()?.['count'],
    )
    database.close()
    expect(counts).toEqual([1, 1, 1])
    await expect(
      store.open('s', {}, [{ kind: 'input', place: 'whole', value: () => 1 }]),
    ).rejects.toMatchObject({ code: 'STORE_FAILED' })
    expect(await store.runs.get('s')).toBeUndefined()
    await store[Symbol.asyncDispose]()
  })
})
