import { chain, graph, pipeline, step, type Pipeline } from '@skein/client'
import { z } from 'zod'

/** Pipelines of pure functions that turn data into a model. */

const Frame = z.array(z.number())
const Labelled = z.object({ x: z.number(), y: z.number() })
const Rows = z.array(Labelled)

/** What a search tries. */
interface Rates {
  learning_rates: number[]
}

// A first pipeline: extract, transform.

const extract = step({
  name: 'extract',
  input: z.object({}),
  output: Frame,
  run: () => [1, 2, 3, 4, 5],
})
const transform = step({
  name: 'transform',
  input: Frame,
  output: Frame,
  run: (raw) => raw.map((value) => value * 2),
})
export const etl = chain('etl_pipeline', extract, transform)

// Dependencies say the order.

const a = step({ name: 'step_a', input: z.object({}), output: Frame, run: () => [1, 2, 3] })
const b = step({
  name: 'step_b',
  input: Frame,
  output: z.number(),
  run: (data) => data.reduce((sum, n) => sum + n, 0),
})
export const dependent = graph('dependent', { input: {} }, (g, input) => g(b, g(a, input)))

// Context: the same code in development and in production.

const load = step({
  name: 'load_data',
  input: z.object({}),
  context: z.object({ data_path: z.string() }),
  output: z.object({ from: z.string(), rows: Rows }),
  run: (_, { context }) => ({
    from: context.data_path,
    rows: Array.from({ length: 10 }, (__, i) => ({ x: i, y: 3 * i + 1 })),
  }),
})

const split = step({
  name: 'split_data',
  input: Rows,
  context: z.object({ test_size: z.number() }),
  output: z.object({ train: Rows, test: Rows }),
  run: (rows, { context }) => {
    const held = Math.round(rows.length * context.test_size)
    return { train: rows.slice(held), test: rows.slice(0, held) }
  },
})

export const Model = z
  .object({ slope: z.number(), intercept: z.number() })
  .meta({ id: 'Model', description: 'Values of this kind go to the route of the same name.' })

const train = step({
  name: 'train',
  input: Rows,
  output: Model,
  run: (rows, context) => {
    const meanX = rows.reduce((sum, { x }) => sum + x, 0) / rows.length
    const meanY = rows.reduce((sum, { y }) => sum + y, 0) / rows.length
    const spread = rows.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0)
    const shared = rows.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0)
    const slope = shared / spread
    context.metric('rows', rows.length)
    return { slope, intercept: meanY - slope * meanX }
  },
})

const evaluate = step({
  name: 'evaluate',
  input: z.object({ model: Model, test: Rows }),
  output: z.object({ accuracy: z.number() }),
  run: ({ model, test }) => {
    const right = test.filter(({ x, y }) => Math.abs(model.slope * x + model.intercept - y) < 0.01)
    return { accuracy: right.length / test.length }
  },
})

const Settings = z.object({ data_path: z.string(), test_size: z.number() })

/** The whole: load, split, train, evaluate. */
export const training = graph('ml_training', { input: {}, context: Settings }, (g, input) => {
  const raw = g(load, input)
  const parts = g(split, raw.rows)
  const model = g(train, parts.train)
  const score = g(evaluate, { model, test: parts.test })
  return { from: raw.from, model, accuracy: score.accuracy }
})

// A validation step in front of what costs: too little data prevents everything after it.

export const validated = pipeline('validated', { data: Rows })
  .tap(({ data }) => {
    if (data.length < 3) throw new RangeError('Insufficient data')
  })
  .step(train, { with: ({ data }) => data })

// A pipeline as a step of another, whose inputs and outputs have other names there.

const clean = step({
  name: 'clean_data',
  input: z.object({ input: z.array(z.number().nullable()) }),
  output: Frame,
  run: ({ input }) => input.filter((value) => value !== null),
})
const normalize = step({
  name: 'normalize',
  input: Frame,
  output: z.object({ output: Frame }),
  run: (data) => ({ output: data.map((value) => value / Math.max(...data)) }),
})
export const preprocessing = chain('preprocessing', clean, normalize)

export const parent = pipeline('training', { raw_data: z.array(z.number().nullable()) })
  .step(preprocessing, { with: ({ raw_data }) => ({ input: raw_data }), as: 'clean' })
  .map((row) => ({ clean_data: row.clean.output }))

// A step that runs only if the data is good enough.

const quality = step({
  name: 'load',
  input: z.object({ quality: z.number() }),
  output: z.object({ quality: z.number() }),
  run: (data) => data,
})
const trainModel = step({
  name: 'train',
  input: z.object({ quality: z.number() }),
  output: z.string(),
  run: () => 'trained_model',
})
export const conditional = pipeline('conditional', { quality: z.number() })
  .step(quality)
  .step(trainModel, { as: 'model', when: (data) => data.quality > 0.9 })

// A function over a collection: so many at a time, tried again, and some may fail.

const tries = new Map<string, number>()
const document = step({
  name: 'process_document',
  input: z.object({ text: z.string() }),
  output: z.object({ words: z.number() }),
  run: ({ text }) => {
    const tried = (tries.get(text) ?? 0) + 1
    tries.set(text, tried)
    if (text === '') throw new RangeError('nothing to read')
    if (text === 'flaky' && tried < 3) throw new RangeError('try again')
    return { words: text.split(' ').length }
  },
})
export const documents = pipeline('documents', { text: z.string() }).step(document, {
  concurrency: 8,
  retries: 2,
  minSuccessRatio: 0.95,
})

const expensive = step({
  name: 'expensive',
  input: z.number(),
  output: z.number(),
  run: (n) => n ** 2,
})
export const batch = step({
  name: 'process_batch',
  input: z.object({ items: Frame }),
  output: Frame,
  run: ({ items }, context) => context.map(items, expensive, { concurrency: 4 }),
})

// A pipeline that is made while it runs: a model for each learning rate that the row names.

const Trained = z.object({ rate: z.number(), loss: z.number() })
const trainWith = step({
  name: 'train_with',
  input: z.number(),
  output: Trained,
  run: (rate) => ({ rate, loss: Math.abs(rate - 0.01) }),
})

function searchFor(rates: readonly number[]): Pipeline<Rates, z.infer<typeof Trained>[], 'one'> {
  return pipeline('hp_search', { learning_rates: Frame })
    .broadcast(rates, { as: 'rate' })
    .step(trainWith, { with: ({ rate }) => rate })
    .aggregate()
}
export const search = pipeline('hyperparameter_search', { learning_rates: Frame })
  .pipe(({ learning_rates }) => searchFor(learning_rates))
  .map((models) => models.toSorted((one, other) => one.loss - other.loss)[0])

// A step that is tried again, more patiently each time, and has an answer of its own in the end.

export const attempts: number[] = []
const flaky = step({
  name: 'flaky_step',
  input: z.object({ source: z.string() }),
  output: z.string(),
  run: ({ source }, { attempt }) => {
    attempts.push(attempt)
    throw new RangeError(`${source} does not answer`)
  },
})
export const patient = pipeline('patient', { source: z.string() }).step(flaky, {
  retry: { attempts: 3, delay: 1, factor: 2 },
  fallback: (error, { source }) => `${source} as of yesterday (${error.message})`,
})
