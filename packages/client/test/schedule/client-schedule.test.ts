import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createMemoryStore, step, type ScheduleOptions } from '../../src/index.ts'
import { smallNetwork } from '../small-network.ts'
import { until } from '../waiting.ts'

const COUNT = { name: 'count', input: z.string(), output: z.number() }
const count = step({ ...COUNT, run: (text) => text.length })
const fails = step({
  name: 'fails',
  input: z.string(),
  output: z.string(),
  run: () => {
    throw new RangeError('it broke')
  },
})

describe('a schedule of a client', () => {
  it('[F21] runs its plan, each run named after the schedule and its instant', async () => {
    await using net = await smallNetwork([], { store: createMemoryStore() })
    let fired = 0
    const run = (text: string): number => {
      fired += 1
      return text.length
    }
    const counting = step({ ...COUNT, run })
    const schedule = net.client.schedule(counting, 'four', { name: 'often', every: '20ms' })
    expect(schedule.next?.getTime()).toBeGreaterThan(Date.now() - 1000)
    await until(() => fired >= 2)
    await schedule[Symbol.asyncDispose]()
    const runs = await net.client.runs.list()
    expect(runs.every(({ id }) => /^often@\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(id))).toBe(
      true,
    )
    expect(new Set(runs.map(({ id }) => id)).size).toBe(runs.length)
    expect(runs.every(({ state }) => state === 'done')).toBe(true)
    expect(net.client.runs.rows(runs[0]?.id ?? '')).toEqual([4])
  })

  it('tells of runs that failed, and goes on', async () => {
    await using net = await smallNetwork([], { store: createMemoryStore() })
    const failures: string[] = []
    const schedule = net.client.schedule(fails, 'x', {
      name: 'failing',
      every: '20ms',
      onError: ({ message }, run) => failures.push(`${run?.split('@')[0]}: ${message}`),
    })
    await until(() => failures.length >= 2)
    await schedule[Symbol.asyncDispose]()
    expect(failures[1]).toContain("failing: 'fails' failed: step 'fails' threw: it broke")
  })

  it.each([
    [{ name: 'x' }, "schedule 'x' needs one of cron, every, daily"],
    [{ name: 'x', every: '1s', daily: '09:00' }, "schedule 'x' needs one of cron, every, daily"],
    [{ name: 'a b', every: '1s' }, 'name of a schedule must be a text'],
    [{ name: 'x', every: '1s', overlap: 'never' }, "overlap must be 'skip', 'queue' or 'allow'"],
    [{ name: 'x', every: '1s', catchUp: 'some' }, "catchUp must be 'none', 'latest' or 'all'"],
    [{ name: 'x', every: '1s', onError: 'log' }, 'onError must be a function'],
    [{ name: 'x', evry: '1s' }, "a schedule has no option 'evry'"],
  ])('refuses %j', async (options, message) => {
    await using net = await smallNetwork([])
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as JavaScript might pass it
    expect(() => net.client.schedule(count, 'x', options as ScheduleOptions)).toThrow(message)
  })
})
