import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { pipeline, plans, step, type RouteContext } from '../../src/index.ts'
import { double } from '../local-plans.ts'
import { smallNetwork } from '../small-network.ts'
import { failureOf } from '../waiting.ts'
import { execute } from '../workflows.ts'
import { echo } from '../writers.ts'

/** Routes that note what they take. */
function shelf() {
  const taken: [value: unknown, step: string][] = []
  const take = (value: unknown, { step: name, key }: RouteContext) => {
    taken.push([value, name])
    return `shelf://${key}`
  }
  return { taken, routes: { shelf: take, number: take } }
}

/** What JavaScript lets through. */
function loose(address: object): never
function loose(address: object): unknown {
  return address
}

const plan = pipeline('p', { instruction: z.string() }).step(execute, { route: 'shelf' })

describe('a route that a step names', () => {
  it('[F6] takes the answers of workflows and of local steps, and says where they are', async () => {
    const { taken, routes } = shelf()
    await using net = await smallNetwork([{ answer: echo }], { routes })
    const both = plan.map((text) => text.length).step(double, { route: 'number' })
    const { tasks, output } = await net.client.run(both, { instruction: 'a' })
    expect(output).toBe(6)
    expect(tasks.map(({ artifact }) => artifact)).toEqual(['shelf://0/execute', 'shelf://0/double'])
    expect(taken).toEqual([
      ['<a>', 'execute'],
      [6, 'double'],
    ])
  })

  it('[F6] fails the step where it fails, which is tried again', async () => {
    let tries = 0
    const routes = {
      shelf: () => {
        tries++
        if (tries < 3) throw new RangeError('full')
        return 'there'
      },
    }
    await using net = await smallNetwork([{ answer: echo }], { routes })
    const error = await failureOf(net.client.run(plan, { instruction: 'a' }))
    expect(error.message).toContain('full')
    const patient = pipeline('q', { instruction: z.string() }).step(execute, {
      route: 'shelf',
      retries: 1,
    })
    const { tasks } = await net.client.run(patient, { instruction: 'a' })
    expect(tasks).toMatchObject([{ artifact: 'there', attempts: 2 }])
  })

  it('[F6] [F20] is given the time that is left of the try, and told when it is over', async () => {
    const told: unknown[] = []
    const take = (_: unknown, { signal }: RouteContext) =>
      new Promise<string>(() => {
        signal.addEventListener('abort', () => {
          told.push(signal.reason)
        })
      })
    await using net = await smallNetwork([{ answer: echo }], { routes: { shelf: take } })
    const hasty = { route: 'shelf', timeout: '50ms' } as const
    const start = pipeline('p', { instruction: z.string() })
    const lengths = start.map(({ instruction }) => instruction.length)
    const runs = [
      net.client.run(start.step(execute, hasty), { instruction: 'a' }),
      net.client.run(lengths.step(double, hasty), { instruction: 'a' }),
    ]
    for (const run of runs) {
      const error = await failureOf(run)
      expect(error.message).toContain('did not finish within 50 ms')
    }
    expect(told).toMatchObject([{ code: 'TIMED_OUT' }, { code: 'TIMED_OUT' }])
  })

  it('[F6] [N9] is left when its run is cancelled, whose status has nothing running', async () => {
    const taking = Promise.withResolvers<undefined>()
    const take = () => {
      taking.resolve(undefined)
      return new Promise<string>(() => {})
    }
    await using net = await smallNetwork([{ answer: echo }], { routes: { shelf: take } })
    const run = net.client.run(plan, { instruction: 'a' })
    await taking.promise
    await run.cancel()
    expect(run.status().bySteps).toMatchObject([{ running: 0, cancelled: 1 }])
  })

  it('[F6] [F15] takes no answer for its own that another has taken, or none', async () => {
    const { taken, routes } = shelf()
    await using net = await smallNetwork([{ answer: echo }], { routes })
    const { client } = net
    const start = pipeline('p', { instruction: z.string() })
    const put = async (...names: (string | undefined)[]) => {
      const found: unknown[] = []
      for (const route of names) {
        const options = { cache: true, ...(route !== undefined && { route }) }
        const { tasks } = await client.run(start.step(execute, options), { instruction: 'a' })
        found.push(tasks.map((task) => [task.route, task.cached]))
      }
      return found.flat()
    }
    expect(await put(undefined, 'shelf', 'number', 'shelf', undefined)).toEqual([
      [undefined, false],
      ['shelf', false],
      ['number', false],
      ['shelf', true],
      [undefined, true],
    ])
    expect(taken).toHaveLength(2)
    await client.run(plan, { instruction: 'a' }, { id: 'r' })
    expect((await client.rerun('r', plan)).stats.cached).toBe(1)
    const edited = await client.rerun('r', start.step(execute, { route: 'number' }))
    expect(edited.tasks).toMatchObject([{ route: 'number', cached: false }])
    expect(taken).toHaveLength(4)
  })

  it('[F6] of a kind takes what was cached where it was not', async () => {
    const { taken, routes } = shelf()
    const kind = z.number().meta({ id: 'number' })
    const made = step({ name: 'made', input: z.number(), output: kind, run: (n) => n })
    const cached = pipeline('q', { n: z.number() }).step(made, { with: ({ n }) => n, cache: true })
    await using net = await smallNetwork([], { routes })
    for (const stack of [{ routes: {} }, {}, {}]) await net.client.run(cached, { n: 1 }, { stack })
    expect(taken).toEqual([[1, 'made']])
  })

  it('[F6] fails the step where what it gives is no address', async () => {
    const routes = { shelf: () => loose({ at: 5 }) }
    await using net = await smallNetwork([{ answer: echo }], { routes })
    const error = await failureOf(net.client.run(plan, { instruction: 'a' }))
    expect(error.message).toContain("route 'shelf' must give a text")
  })

  it('[F6] that the client lacks is missed before anything runs', async () => {
    await using net = await smallNetwork([{ answer: echo }])
    const error = await failureOf(net.client.run(plan, { instruction: 'a' }))
    expect(error.message).toContain("step 'execute' wants route 'shelf'")
    expect(net.nodes[0]?.assigned).toEqual([])
    const lengths = plan.map((text) => text.length)
    expect(() => lengths.step(double, { route: '' })).toThrow("route of step 'double'")
  })

  it('[P8] is said in data as well, and changes no seal', () => {
    const json = JSON.parse(JSON.stringify(plan)) as unknown
    expect(json).toMatchObject({ steps: [{ route: 'shelf' }] })
    expect(JSON.parse(JSON.stringify(plans.fromJson(json)))).toEqual(json)
    const bare = pipeline('p', { instruction: z.string() }).step(execute)
    expect(bare.freeze().hash).toBe(plan.freeze().hash)
  })
})
