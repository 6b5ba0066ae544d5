import { WorkflowBuilder } from '@skein/workflows'
import { describe, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import {
  chain,
  graph,
  pipeline,
  step,
  type Client,
  type Pipeline,
  type Run,
  type RunResult,
} from '../../src/index.ts'
import { execute, judge, rewrite } from '../workflows.ts'

/** What a run of a plan on one input gives. */
type OutputOf<P> = P extends { readonly '~out'?: () => infer Out } ? Out : never

const start = pipeline('start', { instruction: z.string() })
const list = new WorkflowBuilder('list', { instruction: z.string() })
  .generativeStep({ id: 'x', prompt: 'a', schema: z.array(z.number()) })
  .setReturnValue('x')
  .build()
const text = new WorkflowBuilder('text', { instruction: z.string() })
  .generativeStep({ id: 'x', prompt: 'a' })
  .setReturnValue('x')
  .build()
const half = step({
  name: 'half',
  input: z.object({ n: z.number() }),
  output: z.number(),
  run: ({ n }) => n / 2,
})
const lengthOf = step({
  name: 'length',
  input: z.string(),
  output: z.number(),
  run: (value) => value.length,
})

describe('[X1] types', () => {
  it('go from the prompt to the output of the pipeline', () => {
    const haikus = start
      .step(rewrite)
      .scatter()
      .step(execute, { minSuccessRatio: 0.9, retries: 3, timeout: '90s' })
      .aggregate()
    expectTypeOf<OutputOf<typeof haikus>>().toEqualTypeOf<string[]>()

    const dataset = pipeline('preferences', { instruction: z.string() })
      .step(rewrite, { as: 'variation' })
      .scatter('variation')
      .map(({ variation }) => ({ instruction: variation }))
      .broadcast(['llama3.1:8b', 'qwen2.5:7b'], { as: 'model' })
      .step(execute, { models: (row) => [row.model], as: 'answer', concurrency: 256 })
      .step(judge, { as: 'grade' })
      .filter((row) => row.grade.score >= 6)
      .aggregate({ by: 'instruction' })
      .map((rows) => rows.toSorted((a, b) => b.grade.score - a.grade.score))
      .map(([best, ...rest]) => ({
        instruction: best?.instruction,
        chosen: best?.answer,
        rejected: rest.at(-1)?.answer,
      }))
    expectTypeOf<OutputOf<typeof dataset>>().toEqualTypeOf<
      {
        instruction: string | undefined
        chosen: string | undefined
        rejected: string | undefined
      }[]
    >()
  })

  it('of a step become the row, or a column under its name', () => {
    const mapped = pipeline('mapped', { a: z.string() }).step(judge, {
      with: (row) => ({ instruction: row.a, answer: 'x' }),
      as: 'grade',
    })
    expectTypeOf<OutputOf<typeof mapped>>().toEqualTypeOf<{
      a: string
      grade: { score: number; why: string }
    }>()
    const local = start.step(execute).step(lengthOf)
    expectTypeOf<OutputOf<typeof local>>().toEqualTypeOf<number>()
    const everywhere = start.step(execute, { models: 'all' })
    expectTypeOf<OutputOf<typeof everywhere>>().toEqualTypeOf<string[]>()
    const rescued = start.step(execute, {
      fallback: (error, { instruction }) => error.code + instruction,
    })
    expectTypeOf<OutputOf<typeof rescued>>().toEqualTypeOf<string>()
  })

  it('of branches, conditions and inner plans join', () => {
    const parallel = start.parallel({ rewrite, execute })
    expectTypeOf<OutputOf<typeof parallel>>().toEqualTypeOf<{
      instruction: string
      rewrite: string[]
      execute: string
    }>()
    const chosen = start.choose((row) => (row.instruction === '' ? 'rewrite' : 'execute'), {
      rewrite,
      execute,
    })
    expectTypeOf<OutputOf<typeof chosen>>().toEqualTypeOf<string | string[]>()
    const urgent = parallel.when(
      (row) => row.execute === 'bad',
      (bad) => bad.map((row) => ({ ...row, urgent: true })),
    )
    expectTypeOf<OutputOf<typeof urgent>['instruction']>().toEqualTypeOf<string>()
    const inner = start.step(rewrite).scatter()
    const nested = start.step(inner, { as: 'all' })
    expectTypeOf<OutputOf<typeof nested>>().toEqualTypeOf<{ instruction: string; all: string[] }>()
    const piped = start.pipe(inner)
    expectTypeOf(piped).toEqualTypeOf<Pipeline<{ instruction: string }, string, 'many'>>()
    const reviews = piped.callback((results) =>
      results.map(({ node, output }) => ({ node, size: output.length })),
    )
    expectTypeOf<OutputOf<typeof reviews>>().toEqualTypeOf<{ node: string; size: number }[]>()
  })

  it('[P3] of branches make columns, an object, or both', () => {
    const Both = z.object({ rewrite: z.array(z.string()), execute: z.string() })
    const object = start.parallel({ rewrite, execute }, { combined: Both })
    expectTypeOf<OutputOf<typeof object>>().toEqualTypeOf<z.output<typeof Both>>()
    const column = start.parallel({ rewrite, execute }, { combined: Both, as: 'both' })
    expectTypeOf<OutputOf<typeof column>>().toEqualTypeOf<{
      instruction: string
      both: z.output<typeof Both>
    }>()
    const all = start.parallel({ rewrite, execute }, { combined: Both, as: 'both', each: true })
    expectTypeOf<OutputOf<typeof all>['execute']>().toEqualTypeOf<string>()
    const built = start.parallel({ n: (rows) => rows.step(execute).step(lengthOf) })
    expectTypeOf<OutputOf<typeof built>>().toEqualTypeOf<{ instruction: string; n: number }>()
    const collected = start.parallel({ execute }, { onError: 'collect' })
    expectTypeOf<OutputOf<typeof collected>['execute']>().toEqualTypeOf<string | undefined>()
  })

  it('[F8] of a graph follow its wires', () => {
    const plan = graph('g', { input: { instruction: z.string() } }, (g, input) => {
      const answer = g(execute, input)
      const graded = g(judge, { instruction: input.instruction, answer })
      const length = g.when(graded.score, (score) => score > 3, lengthOf, answer)
      return { graded, length, list: [g(lengthOf, graded.why)] }
    })
    expectTypeOf(plan).toEqualTypeOf<
      Pipeline<
        { instruction: string },
        {
          graded: { score: number; why: string }
          length: number | undefined
          list: number[]
        },
        'one'
      >
    >()
    expectTypeOf(chain('c', execute, lengthOf)).toEqualTypeOf<
      Pipeline<{ instruction: string }, number, 'one'>
    >()
    // A value fits a step with one input, as it does by hand.
    expectTypeOf(chain('c', half, half)).toEqualTypeOf(
      pipeline('c', { n: z.number() }).step(half).step(half),
    )
  })

  it('of inputs are what the schema takes, those of rows what it makes', () => {
    const counted = pipeline('counted', { size: z.string().transform(Number) })
    expectTypeOf(counted).toEqualTypeOf<Pipeline<{ size: string }, { size: number }, 'one'>>()
  })

  it('of a run say whether there is one output or many', () => {
    expectTypeOf(runs).returns.toEqualTypeOf<{
      one: Run<string, string>
      many: Run<string[], string>
      list: Run<string[], string>
      stream: Run<number[][], number[]>
      result: Promise<RunResult<string>>
      generated: Promise<string>
      generatedMany: Promise<string[]>
      chained: Promise<string[]>
    }>()
  })
})

/** Never called: what it returns is checked by the compiler. */
async function* inputs() {
  yield await Promise.resolve({ instruction: 'x' })
}

function runs(client: Client) {
  const plan = start.step(execute)
  return {
    one: client.run(plan, { instruction: 'x' }),
    many: client.run(plan, [{ instruction: 'x' }]),
    list: client.run(start.step(rewrite).scatter(), { instruction: 'x' }),
    stream: client.run(list, inputs()),
    result: (async () => client.run(execute, { instruction: 'x' }))(),
    generated: client.generate('x', { models: ['m'] }),
    generatedMany: client.generate(['x'], execute),
    chained: client.generate(['x'], [execute, rewrite]).then((lists) => lists.flat()),
  }
}

/** Never called: each line must not compile. */
export function rejected(client: Client): void {
  const workflow = new WorkflowBuilder('b', { instruction: z.string() })
  // @ts-expect-error misspelt prompt variable
  workflow.generativeStep({ id: 'x', prompt: 'Do {{instuction}}' })
  const sum = step({
    name: 'sum',
    input: z.array(z.number()),
    output: z.number(),
    run: (ns) => ns.length,
  })
  // @ts-expect-error a list is many inputs
  void client.run(sum, [1, 2, 3])
  void client.run(sum, [[1, 2, 3]])
  // @ts-expect-error scatter of what is not a list
  start.step(text).scatter()
  // @ts-expect-error aggregate of a single row
  start.step(text).aggregate()
  // @ts-expect-error batches of a single row
  start.step(text).batch(2)
  // @ts-expect-error number[] does not fit { instruction: string }
  start.step(list).step(text)
  // @ts-expect-error number does not fit { instruction: string }
  start.step(list).scatter().step(text)
  // @ts-expect-error a number is no text
  start.step(list).scatter().step(lengthOf)
  // @ts-expect-error a branch that does not fit the row
  start.step(list).parallel({ text })
  // @ts-expect-error a case that does not fit the row
  start.step(list).choose(() => 'text', { text })
  // @ts-expect-error a case that is not there
  start.choose(() => 'other', { text })
  // @ts-expect-error column that is not a list
  start.step(list, { as: 'xs' }).scatter('instruction')
  // @ts-expect-error group by a column that is not there
  start.step(list, { as: 'xs' }).scatter('xs').aggregate({ by: 'ys' })
  // @ts-expect-error groups that have a size as well
  start.step(list, { as: 'xs' }).scatter('xs').aggregate({ by: 'xs', size: 2 })
  // @ts-expect-error the mapping makes something else
  start.step(list).step(text, { with: () => ({ instruction: 3 }) })
  // @ts-expect-error unknown option
  start.step(text, { retrys: 3 })
  // @ts-expect-error a fallback of another type
  start.step(text, { fallback: () => 3 })
  // @ts-expect-error models are a list
  start.step(text, { models: 'llama3' })
  const twice = (rows: typeof start) => rows.broadcast(2)
  // @ts-expect-error many rows do not leave a branch
  start.when(() => true, twice)
  // @ts-expect-error missing input
  client.run(start, {})
  // @ts-expect-error an input among many that is wrong
  client.run(start, [{ instruction: 1 }])
  // @ts-expect-error a text does not fit a workflow with two inputs
  void client.generate('x', judge)
  // @ts-expect-error an object does not fit the second workflow
  void client.generate('x', [judge, execute])
  // @ts-expect-error the function answers something else than its schema
  step({ name: 's', input: z.string(), output: z.number(), run: (value) => value })
  // @ts-expect-error [P4] a combined schema that lacks a branch's field
  start.parallel({ text, list }, { combined: z.object({ text: z.string() }) })
  const more = z.object({ text: z.string(), other: z.string() })
  // @ts-expect-error [P4] a combined schema that requires what no branch gives
  start.parallel({ text }, { combined: more })
  // @ts-expect-error [P4] a combined schema of another type
  start.parallel({ text }, { combined: z.object({ text: z.number() }) })
  // @ts-expect-error [P5] a branch with the name of a column
  start.parallel({ instruction: text })
  // @ts-expect-error [F12] a list of numbers does not fit a text
  chain('c', list, lengthOf)
  // @ts-expect-error [F12] a text is no value of the only input
  chain('c', execute, half)
  // @ts-expect-error [F12] a chain of nothing
  chain('c')
  graph('g', { input: { instruction: z.string() } }, (g, input) => {
    const numbers = g(list, input)
    // @ts-expect-error [F8] a list of numbers is no list of texts
    g(step({ name: 's', input: z.array(z.string()), output: z.string(), run: String }), numbers)
    // @ts-expect-error [F8] a text is no number
    g(step({ name: 's', input: z.number(), output: z.string(), run: String }), input.instruction)
    // @ts-expect-error [F8] an input that is missing
    g(judge, { instruction: input.instruction })
    // @ts-expect-error [F8] all of an input that is missing
    g(judge, {})
    // @ts-expect-error [F8] the only field of an input that is missing
    g(half, {})
    // @ts-expect-error [F8] a condition on something else
    g.when(numbers, (n: string) => n === '', text, input)
    // @ts-expect-error [F17] two conditions of one step
    g.when(numbers, (n) => n.length > 0, text, input, { when: () => false })
    return numbers
  })
  const { train, tuned } = withContext
  // @ts-expect-error [F4] a context that a step needs
  client.run(start.step(execute).step(train), { instruction: 'x' })
  // @ts-expect-error [F4] a value of the context that is missing
  client.run(train, 'x', { context: { epochs: 3 } })
  // @ts-expect-error [F4] a value of the context of another type
  client.run(train, 'x', { context: { rate: 'high', epochs: 3 } })
  // @ts-expect-error [F4] a context that a branch needs
  client.run(start.parallel({ x: (rows) => rows.step(execute).step(train) }), { instruction: 'x' })
  // @ts-expect-error [F4] a context that a step of a chain needs
  client.run(chain('c', execute, tuned, train), { instruction: 'x' })
  // @ts-expect-error [F4] a context that every run of a schedule needs
  client.schedule(train, 'x', { name: 's', every: '1h' })
  // @ts-expect-error [F4] a value of that context that is missing
  client.schedule(train, 'x', { name: 's', every: '1h', run: { context: { epochs: 3 } } })
  client.schedule(train, 'x', { name: 's', every: '1h', run: { context: { epochs: 3, rate: 1 } } })
  client.schedule(tuned, 'x', { name: 's', every: '1h' })
  // @ts-expect-error [F20] an option of retry that there is not
  start.step(execute, { retry: { attempts: 2, dela: 1 } })
  // @ts-expect-error [F3] an option of cache that there is not
  start.step(execute, { as: 'answer', cache: { scope: 'run', ttll: 1 } })
  graph('g', { input: z.string(), context: z.object({ rate: z.number() }) }, (g, input) => {
    // @ts-expect-error [F20] an option of retry that there is not
    g(tuned, input, { retry: { attempts: 2, dela: 1 } })
    // @ts-expect-error [F4] the context of the graph lacks what the step needs
    const wrong = g(train, input)
    return [g(tuned, input), wrong]
  })
}

const withContext = {
  train: step({
    name: 'train',
    input: z.string(),
    context: z.object({ rate: z.number(), epochs: z.number() }),
    output: z.string(),
    run: (value, { context }) => value + context.rate.toFixed(2),
  }),
  tuned: step({
    name: 'tuned',
    input: z.string(),
    context: z.object({ rate: z.number().default(1) }),
    output: z.string(),
    run: (value, { context }) => value + context.rate.toFixed(2),
  }),
}

/** Never called: each line must compile. */
export function accepted(client: Client): void {
  const { train, tuned } = withContext
  const context = { rate: 1, epochs: 3 }
  client.run(start.step(execute).step(train), { instruction: 'x' }, { context })
  client.run(chain('c', execute, tuned, train), [{ instruction: 'x' }], { context })
  client.run(start.parallel({ x: execute }).step(tuned, { with: (row) => row.x }), {
    instruction: 'x',
  })
  client.run(tuned, 'x', { context: { rate: 3 } })
  client.run(tuned, 'x', { seed: 3 })
  graph(
    'g',
    { input: z.string(), context: z.object({ rate: z.number(), epochs: z.int() }) },
    (g, input) => g(train, g(tuned, input)),
  )
  const plan = start.step(execute).step(train)
  client.resume('id', plan)
  step({
    name: 'outer',
    input: z.string(),
    context: z.object({ rate: z.number(), epochs: z.number() }),
    output: z.string(),
    run: (value, inner) => inner.call(train, value),
  })
}
