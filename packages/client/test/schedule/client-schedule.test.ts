import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createMemoryStore, step, type ScheduleOptions } from '../../src/index.ts'
import { keptOpen } from '../crash/mortal-store.ts'
import { smallNetwork } from '../small-network.ts'
import { DEAF, until, watchProcess } from '../waiting.ts'

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

  it.each(DEAF)(
    '[F21] goes on when the function that it tells of failures %s, with a warning',
    async (_, deaf) => {
      await using net = await smallNetwork([], { store: createMemoryStore() })
      const { warnings, unhandled } = watchProcess()
      let told = 0
      const onError = (): unknown => {
        told++
        return deaf()
      }
      const schedule = net.client.schedule(fails, 'x', { name: 'deaf', every: '20ms', onError })
      await until(() => told >= 2 && warnings.length >= 2)
      await schedule[Symbol.asyncDispose]()
      expect(warnings[0]).toBe("onError of schedule 'deaf' threw: deaf")
      expect(unhandled).toEqual([])
    },
  )

  it.each(['skip', 'queue', 'allow'] as const)(
    '[F21] leaves what it runs to the next client when its own is closed: %s',
    async (overlap) => {
      const store = createMemoryStore()
      const failures: string[] = []
      let began = 0
      let isUp = false
      const work = step({
        ...COUNT,
        run: async (text, { signal }) => {
          began++
          if (!isUp) await once(signal, 'abort')
          return text.length
        },
      })
      const onError: ScheduleOptions['onError'] = (error) => failures.push(error.message)
      const often = { name: 'often', every: '50ms', overlap, catchUp: 'all', onError } as const
      const first = await smallNetwork([], { store: keptOpen(store) })
      first.client.schedule(work, 'four', often)
      await until(() => began > 0)
      await first[Symbol.asyncDispose]()
      expect(failures).toEqual([])
      const { client } = first
      expect(() => client.schedule(work, 'four', often)).toThrow('the client was closed')
      const begun = await store.runs.list()
      isUp = true
      await using second = await smallNetwork([], { store })
      second.client.schedule(work, 'four', often)
      await until(() => began > begun.length + 10)
      const { runs } = second.client
      const ids = (await runs.list()).map(({ id }) => Date.parse(id.slice(6)))
      const instants = ids.toSorted((one, other) => one - other)
      expect(instants[0]).toBe(Date.parse(begun.at(-1)?.id.slice(6) ?? ''))
      for (const { id } of begun) while ((await runs.show(id)).state !== 'done') await wait(2)
      if (overlap === 'skip') return
      // None is missing.
      const last = instants.at(-1) ?? 0
      expect(instants.length).toBe((last - (instants[0] ?? 0)) / 50 + 1)
    },
  )

  it('[F21] [F4] refuses a plan at once whose runs are not given the context that it needs', async () => {
    await using net = await smallNetwork([])
    const rated = step({
      ...COUNT,
      context: z.object({ rate: z.number() }),
      run: (text, { context }) => text.length * context.rate,
    })
    const often = { name: 'x', every: '1h' } as const
    const schedule = (run: object): unknown =>
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as JavaScript might pass it
      net.client.schedule(rated, 'x', { ...often, ...run } as never)
    expect(() => schedule({})).toThrow("step 'count' needs another context")
    expect(() => schedule({ run: { context: { rate: 'x' } } })).toThrow(
      "step 'count' needs another",
    )
    expect(() => schedule({ run: { context: { rate: 2 } } })).not.toThrow()
  })

  it.each([
    [{ name: 'x' }, "schedule 'x' needs one of cron, every, daily"],
    [{ name: 'x', every: '1s', daily: '09:00' }, "schedule 'x' needs one of cron, every, daily"],
    [{ name: 'a b', every: '1s' }, 'name of a schedule must be a text'],
    [{ name: 'x', every: '1s', overlap: 'never' }, "overlap must be 'skip', 'queue' or 'allow'"],
    [{ name: 'x', every: '1s', catchUp: 'some' }, "catchUp must be 'none', 'latest' or 'all'"],
    [{ name: 'x', every: '1s', onError: 'log' }, 'onError must be a function'],
    [{ name: 'x', evry: '1s' }, "a schedule has no option 'evry'"],
    [{ name: 'x', every: '1s', run: { id: 'r' } }, "run of a schedule has no option 'id'"],
    [{ name: 'x', every: '1s', run: { seed: 'r' } }, 'seed must be a number'],
    [{ name: 'x', cron: '0 0 30 2 *' }, "a schedule '0 0 30 2 *': there is no such moment"],
  ])('refuses %j', async (options, message) => {
    await using net = await smallNetwork([])
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as JavaScript might pass it
    expect(() => net.client.schedule(count, 'x', options as ScheduleOptions)).toThrow(message)
  })
})
