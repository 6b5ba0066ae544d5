import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { pipeline, step, type StepContext } from '../../src/index.ts'
import { createMemoryStore } from '../../src/store/memory-store.ts'
import { clientOn } from '../durable-client.ts'

const number = z.number()

/** Gives its input back. Its first version notes it. */
function noting(
  name: string,
  version: string,
  run: (n: number, context: StepContext) => unknown = () => 0,
) {
  return step({
    name,
    version,
    input: number,
    output: number,
    run: async (n, context) => {
      if (version === '1') context.metric(name, n)
      await run(n, context)
      return n
    },
  })
}

/** Two steps in the versions given; the first asks another. */
function plan(first: string, second: string) {
  const inner = noting('inner', '1')
  return pipeline('p', { n: number })
    .map(({ n }) => n)
    .step(noting('first', first, (n, { call }) => call(inner, n)))
    .step(noting('second', second))
}

const ALL = { first: 4, inner: 4, second: 4 }

describe('the metrics of a run that is done again', () => {
  it.each([
    { what: 'all, where nothing has changed', first: '1', second: '1', metrics: ALL },
    { what: 'none of a step that has', first: '1', second: '2', metrics: { first: 4, inner: 4 } },
    { what: 'those of what it asks', first: '2', second: '1', metrics: { inner: 4, second: 4 } },
    { what: 'what is noted anew', first: '1', second: '1', from: 'first', metrics: ALL },
    { what: 'nothing else', first: '2', second: '2', from: 'first', metrics: { inner: 4 } },
  ])('[F15] [F22] come along with answers: $what', async ({ first, second, from, metrics }) => {
    await using client = clientOn(createMemoryStore())
    await client.run(plan('1', '1'), { n: 4 }, { id: 'r' })
    expect(client.runs.metrics('r')).toEqual(ALL)
    const { id } = await client.rerun('r', plan(first, second), from === undefined ? {} : { from })
    expect(client.runs.metrics(id)).toEqual(metrics)
  })

  it('[F15] [F22] do not come along where the step fails that noted them', async () => {
    await using client = clientOn(createMemoryStore())
    await client.run(plan('1', '1'), { n: 4 }, { id: 'r' })
    const broken = pipeline('p', { n: number })
      .map(({ n }) => n)
      .step(
        noting('first', '2', () => {
          throw new RangeError('no')
        }),
      )
    await expect(client.rerun('r', broken, { id: 's' })).rejects.toThrow('no')
    expect(client.runs.metrics('s')).toEqual({})
  })
})
