import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createMemoryStore, step, type StepContext } from '../../src/index.ts'
import { clientOn } from '../durable-client.ts'
import { double, numbers, withClient } from '../local-plans.ts'
import { failureOf } from '../waiting.ts'

/** What JavaScript lets through. */
function loose(options: unknown): never
function loose(options: unknown): unknown {
  return options
}

const asking = (ask: (context: StepContext) => unknown) =>
  step({
    name: 'asking',
    input: z.number(),
    output: z.unknown(),
    run: (_, context) => ask(context),
  })

async function no(): Promise<boolean> {
  return Promise.resolve(false)
}

const later = () => loose(no())

describe('options that cannot be', () => {
  it.each<[object, string]>([
    [{ retry: { attempts: 2, filter: no } }, 'retry.filter must be a function of the error that'],
    [{ retry: { attempts: 2, filter: 'x' } }, 'retry.filter must be a function'],
    [{ retry: null }, 'retry must be an object'],
    [{ retry: { attempts: 2, jitter: 0.5 } }, 'retry.jitter must be true or false'],
    [{ retry: { attempts: 2, factor: '3' } }, 'retry.factor must be a number, 1 or more'],
    [{ concurrency: 1.5 }, 'concurrency must be a whole number, 1 or more, or Infinity'],
    [{ minSuccessRatio: null }, 'minSuccessRatio must be a number from 0 to 1'],
    [{ failFast: 'no' }, 'failFast must be true or false'],
  ])('[F20] [F24] of a step are refused by name: %o', (options, message) => {
    const build = () => numbers.step(double, loose(options))
    expect(build).toThrow(expect.objectContaining({ code: 'INVALID_PLAN' }))
    expect(build).toThrow(`step 'double': ${message}`)
  })

  it('[F20] of a step may be as many rows as there are', async () => {
    const plan = numbers.step(double, { concurrency: Infinity })
    await withClient(async (client) => {
      expect(await client.run(plan, { n: 2 })).toMatchObject({ output: 4 })
    })
  })

  it('[F20] a filter that gives a promise all the same has given no answer', async () => {
    const fails = asking(() => {
      throw new RangeError('no')
    })
    const plan = numbers.step(fails, { retry: { attempts: 3, filter: later } })
    await withClient(async (client) => {
      const error = await failureOf(client.run(plan, { n: 1 }))
      expect(error.message).toContain("the retry.filter of step 'asking' threw: it gave a promise")
      expect(error.result.failures).toMatchObject([{ attempts: 1 }])
    })
  })

  it.each<[unknown, string]>([
    [null, 'the options of a run must be an object'],
    [{ signal: 5 }, 'signal must be an AbortSignal'],
    [{ concurrency: 1.5 }, 'concurrency must be a whole number, 1 or more, or Infinity'],
  ])('[F24] of a run are refused by name: %o', async (options, message) => {
    await withClient((client) => {
      const refusal = expect.objectContaining({ code: 'INVALID_INPUT', message }) as unknown
      expect(() => client.run(double, 1, loose(options))).toThrow(refusal)
      expect(() => client.resume('r', double, loose(options))).toThrow(refusal)
      expect(() => client.rerun('r', double, loose(options))).toThrow(refusal)
      return Promise.resolve()
    })
  })

  it.each<[unknown, string]>([
    [{ seed: 'x' }, 'seed must be a number'],
    [{ seed: NaN }, 'seed must be a number'],
    [{ trace: 'x' }, 'trace must be true or false'],
    [{ models: [1] }, 'models must be a list of names'],
    [{ source: 3 }, 'source must be a text'],
    [{ deadline: NaN }, 'deadline is NaN; write milliseconds'],
  ])('[F24] of a new run are refused by name: %o', async (options, message) => {
    await withClient((client) => {
      expect(() => client.run(double, 1, loose(options))).toThrow(message)
      expect(() => client.rerun('r', double, loose(options))).toThrow(message)
      return Promise.resolve()
    })
  })

  it.each([
    { input: [] },
    { context: {} },
    { seed: 1 },
    { models: ['m'] },
    { id: 'other' },
    { project: 'p' },
    { source: 'x' },
  ])('[F24] that a run was begun with are refused when it is resumed: %o', async (options) => {
    const [name] = Object.keys(options)
    const message = `resume() has no option '${name}'; it has inputs, signal, concurrency, deadline`
    await withClient((client) => {
      expect(() => client.resume('r', double, loose(options))).toThrow(message)
      return Promise.resolve()
    })
  })

  it('[F24] of a run that is done again are named with those that only it has', async () => {
    await withClient((client) => {
      const message = "rerun() has no option 'form'; it has from, inputs, models, signal"
      expect(() => client.rerun('r', double, loose({ form: 'x' }))).toThrow(message)
      return Promise.resolve()
    })
  })

  it('[F24] runs are compared by a list of their ids', async () => {
    await withClient((client) => {
      expect(() => client.runs.compare(loose('a'))).toThrow("takes a list of ids: ['a', 'b']")
      return Promise.resolve()
    })
  })

  it.each<[(context: StepContext) => unknown, string]>([
    [({ map }) => map([1], double, loose({ concurency: 1 })), "map() has no option 'concurency'"],
    [({ map }) => map([1], double, { concurrency: 1.5 }), 'concurrency of map() must be a whole'],
    [({ map }) => map(loose(null), double), 'the items of map() must be a list, or iterable'],
    [({ map }) => map(loose({ a: 1 }), double), 'the items of map() must be a list, or iterable'],
    [
      (context) => {
        context.metric(loose(undefined), 5)
      },
      'metric() needs the name of what is measured',
    ],
  ])('[F24] of what a step asks are refused by name (%#)', async (ask, message) => {
    await using client = clientOn(createMemoryStore())
    const error = await failureOf(client.run(asking(ask), 1))
    expect(error.message).toContain(message)
  })

  it.each<[object, string]>([
    [{ projet: 'a' }, "has no option 'projet'"],
    [{ limit: -1 }, 'limit of runs.list() must be a whole number, 1 or more, not -1'],
  ])('[F22] [F24] of a look at runs are refused by name: %o', async (options, message) => {
    await using client = clientOn(createMemoryStore())
    await expect(client.runs.list(loose(options))).rejects.toThrow(message)
    const best = client.runs.best('loss', loose({ projet: 'a' }))
    await expect(best).rejects.toThrow("runs.best() has no option 'projet'")
  })
})
