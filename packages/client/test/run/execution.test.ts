import { WorkflowBuilder } from '@skein/workflows'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { expectedRows } from '../../src/plan/expected-rows.ts'
import { pipeline, step } from '../../src/index.ts'
import { list, numbers, sleep, withClient } from '../local-plans.ts'
import { smallNetwork } from '../small-network.ts'
import { failureOf } from '../waiting.ts'
import { execute } from '../workflows.ts'
import { nameModel } from '../writers.ts'

const odd = step({
  name: 'odd',
  input: z.number(),
  output: z.number(),
  run: (n) => {
    if (n % 2 === 0) throw new RangeError(`${n} is even`)
    return n
  },
})

/** An object that throws when it is looked at. */
function trap() {
  return {
    get part(): never {
      throw new RangeError('do not touch')
    },
  }
}

async function* streamed<T>(rows: readonly T[]): AsyncGenerator<T, void> {
  yield* rows
}

/** Inputs without end; `state.closed` tells that they were put away. */
function* endless(state: { closed: boolean } = { closed: false }) {
  try {
    for (let n = 0; ; n++) yield { n, instruction: `row ${n}` }
  } finally {
    state.closed = true
  }
}

describe('an execution', () => {
  it('fails a row that cannot be looked at, and no other', async () => {
    const anything = step({ name: 'one', input: z.any(), output: z.number(), run: () => 1 })
    let deep: unknown = 1
    for (let level = 0; level < 100_000; level++) deep = [deep]
    const plan = pipeline('p', { v: z.any() }).step(anything)
    for (const v of [trap(), deep]) {
      const inputs = streamed([{ v: 1 }, { v }, { v: 3 }])
      const error = await withClient(async (client) =>
        failureOf(client.run(plan, inputs, { concurrency: 1 })),
      )
      expect(error.result.output).toEqual([1, 1])
      expect(error.result.inputs).toEqual([0, 2])
      expect(error.result.failures).toMatchObject([{ index: 1, error: { code: 'INVALID_INPUT' } }])
    }
  })

  it('[Q10] begins with no list that cannot be recorded as a whole', async () => {
    const plan = pipeline('p', { v: z.any() }).map(() => 1)
    const error = await withClient(async (client) =>
      failureOf(client.run(plan, [{ v: 1 }, { v: trap() }])),
    )
    expect(error).toMatchObject({ code: 'STORE_FAILED', message: 'do not touch' })
  })

  it('fails a row that an async function made and that cannot be looked at, and no other', async () => {
    const made = numbers.map(async (n) => (n === 2 ? trap() : n))
    const inputs = [{ n: 1 }, { n: 2 }, { n: 3 }]
    const { result } = await withClient(async (client) => failureOf(client.run(made, inputs)))
    expect(result.output).toEqual([1, 3])
    expect(result.failures).toMatchObject([{ index: 1, step: 'map-2' }])
  })

  it('ends where no node is left, however many inputs wait', async () => {
    await using net = await smallNetwork([], { graceMs: 50 })
    const error = await failureOf(net.client.run(execute, endless(), { concurrency: 4 }))
    expect(error.code).toBe('NO_NODES')
  })

  it('[D29] ends where no node has the model of a step, however many inputs wait', async () => {
    await using net = await smallNetwork([{}])
    const options = { concurrency: 4, models: ['nope'] }
    const error = await failureOf(net.client.run(execute, endless(), options))
    expect(error.code).toBe('NO_SUCH_MODEL')
  })

  it('puts its inputs away when it is cancelled', async () => {
    const state = { closed: false }
    await withClient(async (client) => {
      const run = client.run(numbers.step(sleep), endless(state), { concurrency: 2 })
      await new Promise((resolve) => setTimeout(resolve, 5))
      await run.cancel()
    })
    expect(state.closed).toBe(true)
  })

  it('fails where nothing is left of its only input, even if all may fail', async () => {
    const plan = numbers.step(odd, { minSuccessRatio: 0 })
    const error = await withClient(async (client) => failureOf(client.run(plan, { n: 2 })))
    expect(error.message).toContain('2 is even')
  })

  it('gives no half output of a plan inside a plan', async () => {
    const seen: number[][] = []
    const inner = list.step(odd)
    const plan = pipeline('outer', { items: z.array(z.number()) })
      .step(inner)
      .tap((rows) => seen.push(rows))
    const inputs = [{ items: [1, 2] }, { items: [3] }]
    await withClient(async (client) => failureOf(client.run(plan, inputs)))
    expect(seen).toEqual([[3]])
  })

  it('asks for the models that the workflow names, where neither step nor run does', async () => {
    const named = new WorkflowBuilder('named', { instruction: z.string() })
      .generativeStep({ id: 'x', prompt: '{{instruction}}', model: ['huge', 'large'] })
      .setReturnValue('x')
      .build()
    await using net = await smallNetwork([{ models: ['small', 'large'], answer: nameModel }])
    expect((await net.client.run(named, { instruction: 'x' })).output).toBe('large')
    const asked = net.client.run(named, { instruction: 'x' }, { models: ['small'] })
    expect((await asked).output).toBe('small')
  })
})

describe('the rows that a step will see', () => {
  it('are known from the plan as far as no function decides', () => {
    const plan = pipeline('p', { n: z.number() })
      .map(({ n }) => n)
      .step(odd)
      .broadcast(3)
      .step(odd)
      .aggregate()
      .map((rows) => rows.length)
      .step(odd)
      .filter((n) => n > 1)
      .step(odd)
    expect([...expectedRows(plan.plan, 10)]).toEqual([
      ['odd', 10],
      ['odd-2', 30],
      ['odd-3', 10],
    ])
  })
})
