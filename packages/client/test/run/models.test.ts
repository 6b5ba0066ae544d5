import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { pipeline, step } from '../../src/index.ts'
import { smallNetwork } from '../small-network.ts'
import { failureOf } from '../waiting.ts'
import { execute } from '../workflows.ts'
import { many, nameModel, writer } from '../writers.ts'

interface Told {
  readonly output: unknown
  readonly stats: { readonly cached: number }
}

/** What runs with other models each time come to, and how many of their answers were cached. */
async function answers(run: (more: { models?: readonly string[] }) => PromiseLike<Told>) {
  const options = [{ models: ['a'] }, { models: ['b'] }, { models: ['group'] }, {}, {}]
  const runs: unknown[] = []
  for (const more of options) {
    const { output, stats } = await run(more)
    runs.push([output, stats.cached])
  }
  return runs
}

/** Asks by itself. */
const asks = step({
  name: 'asks',
  input: z.object({ instruction: z.string() }),
  output: z.string(),
  run: (row, { call }) => call(execute, row),
})

function asking(models: readonly string[]) {
  return pipeline('p', { instruction: z.string() }).step(execute, { models })
}

describe('models of a step', () => {
  it('[D26] asks the models of the step: best first, chosen by the row, or all of them', async () => {
    await using net = await smallNetwork([
      { answer: nameModel, models: ['small', 'large'] },
      { answer: nameModel, models: ['small'] },
    ])
    const start = pipeline('p', { instruction: z.string() })
    const input = { instruction: 'small' }
    const { client } = net
    const ranked = start.step(execute, { models: ['huge', 'large', 'small'] })
    expect((await client.run(ranked, input)).output).toBe('large')
    const chosen = start.step(execute, { models: (row) => [row.instruction] })
    const rows = [input, { instruction: 'large' }]
    expect((await client.run(chosen, rows)).output).toEqual(['small', 'large'])
    const all = start.step(execute, { models: 'all' })
    expect((await client.run(all, input)).output).toEqual(['large', 'small'])
    expect((await client.run(execute, input, { models: ['large'] })).output).toBe('large')
  })

  it('[D26] take the name of a group for any of its models, best first, wherever models are named', async () => {
    const modelGroups = { fast: ['tiny', 'small'], any: ['huge', 'small', 'large'] }
    const script = { answer: nameModel, models: ['small', 'large'] }
    await using net = await smallNetwork([script], { modelGroups })
    const { client } = net
    const start = pipeline('p', { instruction: z.string() })
    const input = { instruction: 'large' }
    const fast = start.step(execute, { models: ['fast', 'large'] })
    expect((await client.run(fast, input)).output).toBe('small')
    const chosen = start.step(execute, { models: (row) => [row.instruction, 'fast'] })
    expect((await client.run(chosen, input)).output).toBe('large')
    expect((await client.run(execute, input, { models: ['any'] })).output).toBe('small')
    expect(await client.generate('x', execute, { models: ['fast'] })).toBe('small')
    const none = start.step(execute, { models: ['huge'] })
    expect((await failureOf(client.run(none, input))).message).toContain("no node offers 'huge'")
  })

  it('[D26] of a group must be some: an empty one would mean any', async () => {
    await expect(smallNetwork([], { modelGroups: { fast: [] } })).rejects.toThrow(
      'modelGroups.fast must be a list of names of models, at least one',
    )
  })

  it('[F15] [D26] may not be answers of others when a run is done again, wherever they are asked', async () => {
    const script = { answer: nameModel, models: ['a', 'b'] }
    await using net = await smallNetwork([script], { modelGroups: { group: ['a', 'c'] } })
    const { client } = net
    let sums = 0
    const sum = step({ name: 'sum', input: z.string(), output: z.string(), run: (s) => s + ++sums })
    const start = pipeline('p', { instruction: z.string() })
    const whole = pipeline('whole', { instruction: z.string() }).step(execute)
    const plan = start
      .step(execute, { as: 'direct' })
      .step(whole, { as: 'whole', retries: 1 })
      .step(asks, { as: 'asked' })
      .map(({ direct, whole: inner, asked }) => [direct, inner, asked].join(' '))
      .step(sum)
    await client.run(plan, { instruction: 'x' }, { id: 'r', models: ['a'] })
    const again = async (models?: readonly string[]) => {
      const { output, stats } = await client.rerun('r', plan, models ? { models } : {})
      return [output, stats.cached]
    }
    expect(await again()).toEqual(['a a a1', 4])
    expect(await again(['group'])).toEqual(['a a a1', 4])
    expect(await again(['b', 'a'])).toEqual(['a a a1', 4])
    expect(await again(['b'])).toEqual(['b b b2', 0])
    expect(sums).toBe(2)
  })

  it('[F15] [D26] of an edited step are asked, and those that it had are not asked again', async () => {
    await using net = await smallNetwork([{ answer: nameModel, models: ['a', 'b'] }])
    const { client } = net
    await client.run(asking(['a']), { instruction: 'x' }, { id: 'r' })
    const again = async (models: readonly string[]) => {
      const { output, stats } = await client.rerun('r', asking(models))
      return [output, stats.cached]
    }
    expect(await again(['b'])).toEqual(['b', 0])
    expect(await again(['b', 'a'])).toEqual(['a', 1])
    expect(await again([])).toEqual(['a', 1])
    const resumed = await client.resume('r', asking(['b']))
    expect([resumed.output, resumed.stats.cached]).toEqual(['a', 1])
  })

  it('[F1] [D26] of the run are part of what is cached of a pipeline, and of a function that asks', async () => {
    const modelGroups = { group: ['b'] }
    await using net = await smallNetwork([{ answer: nameModel, models: ['a', 'b'] }], {
      modelGroups,
    })
    const start = pipeline('p', { instruction: z.string() })
    const whole = pipeline('whole', { instruction: z.string() }).step(execute)
    const { client } = net
    const input = { instruction: 'x' }
    let sums = 0
    const row = z.object({ instruction: z.string() })
    const sum = step({ name: 'sum', input: row, output: z.number(), run: (_row) => ++sums })
    const asked = [
      ['a', 0],
      ['b', 0],
      ['b', 1],
      ['a', 0],
      ['a', 1],
    ]
    const inner = start.step(whole, { cache: true })
    expect(await answers((more) => client.run(inner, input, more))).toEqual(asked)
    const durable = start.step(asks, { cache: true })
    expect(await answers((more) => client.run(durable, input, more))).toEqual(asked)
    const plain = start.step(sum, { cache: true })
    expect(await answers((more) => client.run(plain, input, more))).toEqual(
      [0, 1, 1, 1, 1].map((cached) => [1, cached]),
    )
  })

  it('[D29] refuses a model that no node has at once, with the models that are there', async () => {
    await using net = await smallNetwork([{ models: ['a', 'b'] }, { models: ['b'] }])
    const plan = pipeline('p', { instruction: z.string() }).step(execute, { models: ['c'] })
    const error = await failureOf(net.client.run(plan, many))
    expect(error.code).toBe('NO_SUCH_MODEL')
    expect(error.message).toContain("no node offers 'c'; there is 'a' on 1 node, 'b' on 2 nodes")
    expect(error.result.stats.ms).toBeLessThan(5000)
  })

  it('[D29] waits for the model when it is asked to', async () => {
    await using net = await smallNetwork([{ models: ['a'], answer: writer }], { graceMs: 10 })
    const plan = pipeline('p', { instruction: z.string() }).step(execute, { models: ['c'] })
    const run = net.client.run(plan, { instruction: 'x' }, { waitForNodes: true })
    await new Promise((resolve) => setTimeout(resolve, 150))
    net.nodes[0]?.offer({ models: ['a', 'c'] })
    expect((await run).output).toBe('did x')
    const short = net.client.run(plan, { instruction: 'x' }, { waitForNodes: '5m' })
    expect((await short).output).toBe('did x')
  })
})
