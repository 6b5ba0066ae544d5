import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import {
  createMemoryStore,
  pipeline,
  step,
  type ClientError,
  type RunResult,
  type Store,
  type TakeOverOptions,
} from '../../src/index.ts'
import { keptOpen } from '../crash/mortal-store.ts'
import { smallNetwork } from '../small-network.ts'
import { clockOf, pass, VirtualTime } from '../virtual-time.ts'
import { failureOf, until } from '../waiting.ts'
import { execute } from '../workflows.ts'
import { writer } from '../writers.ts'

/** A plan that asks model `c`, then has as many rows in its step as it may. */
function planOf() {
  const rows = { now: 0, most: 0 }
  const counted = step({
    name: 'counted',
    input: z.string(),
    output: z.string(),
    run: async (text) => {
      rows.most = Math.max(rows.most, (rows.now += 1))
      await new Promise(setImmediate)
      rows.now -= 1
      return text
    },
  })
  const plan = pipeline('p', { instruction: z.string() })
    .step(execute, { models: ['c'] })
    .step(counted)
  return { plan, rows }
}

const inputs = Array.from({ length: 6 }, (_, n) => ({ instruction: `${n}` }))

/** A store with a run whose client was closed before a node had answered. */
async function storeWithInterrupted(): Promise<Store> {
  const store = createMemoryStore()
  await using net = await smallNetwork([{ models: ['c'], answer: () => 'silence' }], {
    store: keptOpen(store),
  })
  net.client.run(planOf().plan, inputs, { id: 'r' }).then(undefined, () => {})
  await until(() => net.nodes[0]?.assigned.length === inputs.length)
  return store
}

/** What becomes of that run where nodes have these models. */
async function takenOver(models: readonly string[], run?: TakeOverOptions['run']) {
  const store = await storeWithInterrupted()
  const net = await smallNetwork([{ models, answer: writer }], { store, graceMs: 10 })
  const { plan, rows } = planOf()
  const done: RunResult<unknown>[] = []
  const failed: ClientError[] = []
  net.client.takeOver([plan], {
    every: 5,
    ...(run && { run }),
    onDone: (result) => done.push(result),
    onError: (error) => failed.push(error),
  })
  return { net, plan, rows, done, failed }
}

describe('how often is looked for runs', () => {
  it('[F24] every: so often on the clock of the client', async () => {
    const time = new VirtualTime()
    const store = createMemoryStore()
    await using net = await smallNetwork([], { store, clock: clockOf(time) })
    const { runs } = store
    let looks = 0
    vi.spyOn(store, 'runs', 'get').mockReturnValue({
      ...runs,
      list: (options) => {
        looks += 1
        return runs.list(options)
      },
    })
    net.client.takeOver([], { every: '1h' })
    await pass(time, 3_000_000)
    expect(looks).toBe(1)
    await pass(time, 601_000)
    expect(looks).toBe(2)
  })
})

describe('options of the runs that are taken over', () => {
  it('[F24] concurrency: so many rows are in steps at the same time, and no more', async () => {
    const { net, rows, done } = await takenOver(['c'], { concurrency: 2 })
    await until(() => done.length === 1)
    expect(rows.most).toBe(2)
    await net[Symbol.asyncDispose]()
  })

  it('[F24] trace: each task comes with what its steps asked', async () => {
    const { net, done } = await takenOver(['c'], { trace: true })
    await until(() => done.length === 1)
    expect(done[0]?.tasks[0]).toMatchObject({ trace: [{ step: 'answer' }] })
    await net[Symbol.asyncDispose]()
  })

  it('[F24] waitForNodes: they wait when nothing is said', async () => {
    const { net, plan, done, failed } = await takenOver(['a'])
    await expect.poll(() => net.client.runs.show('r')).toMatchObject({ state: 'running' })
    await failureOf(net.client.run(plan, inputs, { id: 'hasty' }))
    net.nodes[0]?.offer({ models: ['a', 'c'] })
    await until(() => done.length === 1)
    expect(failed).toEqual([])
    await net[Symbol.asyncDispose]()
  })

  it('[F24] waitForNodes: false: they fail where no node has their model', async () => {
    const { net, done, failed } = await takenOver(['a'], { waitForNodes: false })
    await until(() => failed.length === 1)
    expect(failed[0]?.message).toContain("'c'")
    expect(done).toEqual([])
    await net[Symbol.asyncDispose]()
  })
})
