import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  ClientError,
  createMemoryStore,
  pipeline,
  step,
  type Client,
  type Store,
  type TakeOverOptions,
} from '../../src/index.ts'
import { TakeOver } from '../../src/run/take-over.ts'
import type { RunBook } from '../../src/store/run-book.ts'
import { keptOpen } from '../crash/mortal-store.ts'
import { clientOn } from '../durable-client.ts'
import { VirtualTime } from '../virtual-time.ts'
import { DEAF, until, watchProcess } from '../waiting.ts'

/** A plan whose second step waits until it may; notes what it begins. */
function planOf(begun: string[], { isOpen = true, version = '1', name = 'two' } = {}) {
  const number = { input: z.number(), output: z.number() }
  const first = step({
    name: 'first',
    ...number,
    run: (n) => {
      begun.push(`first ${n}`)
      return n + 1
    },
  })
  const second = step({
    name: 'second',
    version,
    ...number,
    run: async (n, { signal }) => {
      begun.push(`second ${n}`)
      if (!isOpen) await once(signal, 'abort')
      signal.throwIfAborted()
      if (n < 0) throw new RangeError('below zero')
      return n * 10
    },
  })
  return pipeline(name, { n: z.number() })
    .map(({ n }) => n)
    .step(first)
    .step(second)
}

/** A run that is in the middle when its client is closed. */
async function interrupted(
  store: Store,
  { id, plan = {}, n = 1, project = 'default' }: Partial<Wanted> & { readonly id: string },
): Promise<void> {
  const client = clientOn(keptOpen(store))
  const begun: string[] = []
  const run = client.run(planOf(begun, { ...plan, isOpen: false }), { n }, { id, project })
  run.then(undefined, () => {})
  await until(() => begun.length === 2)
  await client[Symbol.asyncDispose]()
}

interface Wanted {
  readonly plan: { readonly name?: string; readonly version?: string }
  readonly n: number
  readonly project: string
}

const SOON = { every: 5 }

async function stateOf(client: Client, id: string): Promise<string> {
  return (await client.runs.show(id)).state
}

function booked(runs: RunBook): RunBook {
  return {
    get: (id) => runs.get(id),
    list: (options) => runs.list(options),
    cancel: (id) => runs.cancel(id),
    remove: (id) => runs.remove(id),
  }
}

describe('takeOver', () => {
  it('[X2] goes on with a run whose client was closed, and with one that is interrupted later', async () => {
    const store = createMemoryStore()
    await interrupted(store, { id: 'before' })
    await using client = clientOn(store)
    const begun: string[] = []
    const done: unknown[] = []
    client.takeOver([planOf(begun)], {
      ...SOON,
      onDone: ({ id, output }) => done.push([id, output]),
    })
    await expect.poll(() => stateOf(client, 'before')).toBe('done')
    await interrupted(store, { id: 'after', n: 5 })
    await expect.poll(() => stateOf(client, 'after')).toBe('done')
    expect(begun).toEqual(['second 2', 'second 6'])
    expect(client.runs.rows('after')).toEqual([60])
    expect(done).toEqual([
      ['before', 20],
      ['after', 60],
    ])
  })

  it('leaves runs alone that were cancelled, have failed, are done, or are of other plans and projects', async () => {
    const store = createMemoryStore()
    await using other = clientOn(keptOpen(store))
    const plan = planOf([])
    await other.run(plan, { n: 1 }, { id: 'done' })
    await other.run(plan, { n: -5 }, { id: 'failed' }).then(undefined, () => {})
    const held: string[] = []
    const signal = AbortSignal.timeout(5)
    const stuck = planOf(held, { isOpen: false })
    await other.run(stuck, { n: 1 }, { id: 'cancelled', signal }).then(undefined, () => {})
    other.run(stuck, { n: 7 }, { id: 'running' }).then(undefined, () => {})
    await until(() => held.includes('second 8'))
    await interrupted(store, { id: 'stranger', plan: { name: 'stranger' } })
    await interrupted(store, { id: 'elsewhere', project: 'b' })
    await interrupted(store, { id: 'mine', project: 'a' })
    await using client = clientOn(keptOpen(store))
    const begun: string[] = []
    client.takeOver([planOf(begun)], { ...SOON, project: 'a' })
    await expect.poll(() => stateOf(client, 'mine')).toBe('done')
    await new Promise((resolve) => setTimeout(resolve, 30))
    const states = (await client.runs.list()).map(({ id, state }) => `${id} ${state}`)
    expect(states.toSorted()).toEqual([
      'cancelled cancelled',
      'done done',
      'elsewhere interrupted',
      'failed failed',
      'mine done',
      'running running',
      'stranger interrupted',
    ])
    expect(begun).toEqual(['second 2'])
  })

  it('finds the version that a run was begun with, and tells once of one that it does not have', async () => {
    const store = createMemoryStore()
    await interrupted(store, { id: 'old', plan: { version: '0' } })
    await interrupted(store, { id: 'new', plan: { version: '2' } })
    await using client = clientOn(store)
    const told: string[] = []
    const versions = [planOf([]), planOf([], { version: '2' })]
    client.takeOver(versions, {
      ...SOON,
      onError: ({ code, message }, run) => told.push(`${run} ${code} ${message}`),
    })
    await expect.poll(() => stateOf(client, 'new')).toBe('done')
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(told).toEqual([
      expect.stringMatching(/^old INVALID_INPUT run 'old' was begun with another version of 'two'/),
    ])
    expect(await stateOf(client, 'old')).toBe('interrupted')
  })

  it('tells of a run that fails and of a store that cannot be read, and goes on', async () => {
    const store = createMemoryStore()
    await interrupted(store, { id: 'bad', n: -5 })
    await interrupted(store, { id: 'good' })
    const { runs } = store
    let isLocked = true
    const list: typeof runs.list = (options) => {
      if (!isLocked) return runs.list(options)
      isLocked = false
      throw new RangeError('database is locked')
    }
    await using client = clientOn({
      ...keptOpen(store),
      runs: { ...booked(runs), list },
    })
    const told: [string | undefined, ClientError][] = []
    const onError = (error: ClientError, run: string | undefined) => told.push([run, error])
    client.takeOver([planOf([])], { ...SOON, onError })
    await until(() => told.length >= 2)
    expect(told.map(([run, { code }]) => [run, code])).toEqual([
      [undefined, 'STORE_FAILED'],
      ['bad', 'STEP_FAILED'],
    ])
    await expect.poll(() => stateOf(client, 'good')).toBe('done')
  })

  it('does not undo what another has ended since it looked', async () => {
    const store = createMemoryStore()
    await interrupted(store, { id: 'r' })
    const stale = await store.runs.list({ unfinished: true })
    await using other = clientOn(keptOpen(store))
    await other.resume('r', planOf([]))
    const { runs } = store
    let looks = 0
    const list: typeof runs.list = () => {
      looks += 1
      return Promise.resolve(stale)
    }
    await using client = clientOn({
      ...keptOpen(store),
      runs: { ...booked(runs), list },
    })
    const told: unknown[] = []
    const tell = (what: unknown) => told.push(what)
    client.takeOver([planOf([])], { ...SOON, onError: tell, onDone: tell })
    await until(() => looks > 3)
    expect(told).toEqual([])
    expect(await stateOf(other, 'r')).toBe('done')
  })

  it('takes no more at once than it is told to, and none when it is over; two of them share without a word', async () => {
    const store = createMemoryStore()
    for (const id of ['a', 'b', 'c']) await interrupted(store, { id })
    const begun: string[] = []
    const told: ClientError[] = []
    const onError = (error: ClientError) => told.push(error)
    const client = clientOn(keptOpen(store))
    const stuck = planOf(begun, { isOpen: false })
    client.takeOver([stuck], { ...SOON, concurrency: 2, onError })
    await until(() => begun.length === 2)
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(begun).toHaveLength(2)
    await client[Symbol.asyncDispose]()
    await using one = clientOn(keptOpen(store))
    await using two = clientOn(keptOpen(store))
    const ended: string[] = []
    const workers = [one, two].map((each) => each.takeOver([planOf(ended)], { ...SOON, onError }))
    await expect
      .poll(async () => (await one.runs.list()).map(({ state }) => state))
      .toEqual(['done', 'done', 'done'])
    expect(ended).toEqual(['second 2', 'second 2', 'second 2'])
    await Promise.all(workers.map((worker) => worker[Symbol.asyncDispose]()))
    await interrupted(store, { id: 'd' })
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(await stateOf(one, 'd')).toBe('interrupted')
    expect(told).toEqual([])
  })

  it('[X2] several do not hand round without end what cannot be recorded: later each time, and why is told once', async () => {
    const time = new VirtualTime()
    const store = createMemoryStore()
    await interrupted(store, { id: 'r' })
    const [record] = await store.runs.list()
    let isHeld = false
    const { runs } = store
    const list: typeof runs.list = () => {
      const state = isHeld ? 'running' : 'interrupted'
      return Promise.resolve(record ? [{ ...record, state }] : [])
    }
    const tries: number[] = []
    const told: string[] = []
    const start = async () => {
      if (isHeld) throw new ClientError('RUN_HELD', 'somebody is at it')
      isHeld = true
      tries.push(time.now)
      await new Promise<void>((resolve) => {
        time.after(60_000, resolve)
      })
      isHeld = false
      throw new ClientError('STORE_FAILED', 'the answer could not be recorded')
    }
    const onError = ({ message }: ClientError, run: string | undefined) => {
      told.push(`${run}: ${message}`)
    }
    const clock = {
      now: () => time.now,
      schedule: (ms: number, run: () => void) => {
        time.after(ms, run)
        return () => {}
      },
    }
    const parts = { store: { ...keptOpen(store), runs: { ...booked(runs), list } }, clock, start }
    const plan = planOf([]).plan
    const both = [1, 2].map(() => new TakeOver([plan], { onError }, parts))
    const DAY = 86_400_000
    for (; time.now < DAY; time.now += 5000) {
      time.play(time.now)
      await new Promise(setImmediate)
    }
    for (const each of both) each.stop()
    // Each tries some ten times in its first hours, then once an hour.
    expect(tries.length).toBeLessThan(2 * 35)
    expect(tries.length).toBeGreaterThan(24)
    expect(new Set(told)).toEqual(new Set(['r: the answer could not be recorded']))
    expect(told).toHaveLength(2)
  })

  it.each(DEAF)('[X2] goes on when a function that it tells %s', async (_, deaf) => {
    const { warnings, unhandled } = watchProcess()
    const store = createMemoryStore()
    await interrupted(store, { id: 'bad', n: -5 })
    await interrupted(store, { id: 'good' })
    await using client = clientOn(store)
    client.takeOver([planOf([])], { ...SOON, onError: deaf, onDone: deaf })
    await until(() => warnings.length >= 2)
    await interrupted(store, { id: 'later' })
    await until(() => warnings.length >= 3)
    expect(await stateOf(client, 'later')).toBe('done')
    expect(new Set(warnings)).toEqual(
      new Set(['onDone of takeOver() threw: deaf', 'onError of takeOver() threw: deaf']),
    )
    expect(unhandled).toEqual([])
  })

  it.each([
    [{ evry: 1 }, "takeOver() has no option 'evry'"],
    [{ every: 'soon' }, 'every'],
    [{ concurrency: 0 }, 'concurrency must be a whole number'],
    [{ onError: 'log' }, 'onError must be a function'],
    [{ onDone: 'log' }, 'onDone must be a function'],
  ])('refuses %j', async (options, message) => {
    await using client = clientOn(createMemoryStore())
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as JavaScript might pass it
    expect(() => client.takeOver([planOf([])], options as TakeOverOptions)).toThrow(message)
  })
})
