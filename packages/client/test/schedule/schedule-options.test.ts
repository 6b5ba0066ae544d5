import { once } from 'node:events'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { createMemoryStore, step } from '../../src/index.ts'
import { keptOpen } from '../crash/mortal-store.ts'
import { smallNetwork } from '../small-network.ts'
import { clockOf, pass, VirtualTime } from '../virtual-time.ts'
import { until } from '../waiting.ts'
import { execute } from '../workflows.ts'
import { writer } from '../writers.ts'

const text = { input: z.string(), output: z.string() }
const echo = step({ name: 'echo', ...text, run: (given) => given })

describe('options of a schedule', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  it('[F21] [F24] overlap: with allow a firing does not wait for the one before', async () => {
    await using net = await smallNetwork([])
    const { promise: opened, resolve: open } = Promise.withResolvers<undefined>()
    let running = 0
    const waits = step({
      name: 'waits',
      ...text,
      run: async (given) => {
        running += 1
        await opened
        return given
      },
    })
    const often = { name: 'often', every: '20ms', overlap: 'allow' } as const
    const schedule = net.client.schedule(waits, 'x', often)
    await expect.poll(() => running).toBeGreaterThanOrEqual(2)
    open(undefined)
    await schedule[Symbol.asyncDispose]()
  })

  it.each([
    ['all', ['11:00', '12:00', '13:00']],
    ['latest', ['13:00']],
  ] as const)('[F21] [F24] catchUp: %s of what nobody was there for', async (catchUp, wanted) => {
    const store = createMemoryStore()
    vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-05-04T10:30:00Z') })
    const hourly = { name: 'hourly', every: '1h', catchUp } as const
    const first = await smallNetwork([], { store: keptOpen(store) })
    first.client.schedule(echo, 'x', hourly)
    await first[Symbol.asyncDispose]()
    vi.setSystemTime(Date.parse('2026-05-04T13:30:00Z'))
    await using second = await smallNetwork([], { store })
    const { runs } = second.client
    second.client.schedule(echo, 'x', hourly)
    await expect
      .poll(async () => (await runs.list()).filter(({ state }) => state === 'done'))
      .toHaveLength(wanted.length)
    const times = (await runs.list()).map(({ id }) => id.slice('hourly@2026-05-04T'.length, -8))
    expect(times.toSorted()).toEqual(wanted)
  })

  it('[F21] [F24] waits for its instants on the clock of the client', async () => {
    const time = new VirtualTime()
    vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-05-04T10:59:50Z') })
    await using net = await smallNetwork([], { clock: clockOf(time) })
    const { runs } = net.client
    net.client.schedule(echo, 'x', { name: 'hourly', every: '1h' })
    vi.setSystemTime(Date.parse('2026-05-04T11:00:00Z'))
    await pass(time, 9000)
    expect(await runs.list()).toEqual([])
    await pass(time, 2000)
    expect(await runs.list()).toMatchObject([{ id: 'hourly@2026-05-04T11:00:00.000Z' }])
  })

  it('[F21] [F24] run: said of each run', async () => {
    const options = { project: 'p', seed: 7, models: ['m'], source: 'plan.ts#p' }
    await using net = await smallNetwork([{ answer: writer }])
    const { runs } = net.client
    const run = { ...options, trace: true }
    const often = { name: 'often', every: '20ms', run } as const
    const schedule = net.client.schedule(execute, { instruction: 'x' }, often)
    await until(() => (net.nodes[0]?.assigned.length ?? 0) > 0)
    await schedule[Symbol.asyncDispose]()
    expect((await runs.list())[0]).toMatchObject(options)
    expect(net.nodes[0]?.assigned[0]).toMatchObject({ models: ['m'], trace: true })
  })

  it('[F21] [F24] run.stack: what is interrupted there is gone on with there', async () => {
    const usual = createMemoryStore()
    const own = createMemoryStore()
    let begun = 0
    let isUp = false
    const work = step({
      name: 'work',
      ...text,
      run: async (given, { signal }) => {
        begun += 1
        if (!isUp) await once(signal, 'abort')
        return given
      },
    })
    const often = { name: 'often', every: '20ms', run: { stack: { store: own } } } as const
    const first = await smallNetwork([], { store: keptOpen(usual) })
    first.client.schedule(work, 'x', often)
    await until(() => begun > 0)
    await first[Symbol.asyncDispose]()
    const [interrupted] = await own.runs.list()
    isUp = true
    await using second = await smallNetwork([], { store: usual })
    second.client.schedule(work, 'x', often)
    await expect.poll(() => own.runs.get(interrupted?.id ?? '')).toMatchObject({ state: 'done' })
    expect(await usual.runs.list()).toEqual([])
  })
})
