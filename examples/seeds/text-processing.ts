import { chain, graph, pipeline, step, type Pipeline } from '@skein/client'
import { WorkflowBuilder } from '@skein/workflows'
import { z } from 'zod'

/** Nodes with one way in or many, and one way out or many. */

// A simple pipeline. Whether a function answers at once or later need not be said.

const preprocessor = step({
  name: 'preprocessor',
  input: z.string(),
  output: z.string(),
  run: (text) => Promise.resolve(text.toLowerCase()),
})
const tokenizer = step({
  name: 'tokenizer',
  input: z.string(),
  output: z.array(z.string()),
  run: (text) => text.split(' '),
})
export const simple = chain('my_pipeline', preprocessor, tokenizer)

// Embed, classify, aggregate.

const embed = step({
  name: 'embed',
  input: z.array(z.string()),
  output: z.object({ tokens: z.array(z.string()), embeddings: z.array(z.number()) }),
  run: (tokens) => ({ tokens, embeddings: [0.1, 0.2, 0.3] }),
})
const Classified = z.object({
  tokens: z.array(z.string()),
  embeddings: z.array(z.number()),
  classification: z.string(),
})
const classify = step({
  name: 'classify',
  input: Classified.omit({ classification: true }),
  output: Classified,
  run: (data) => ({ ...data, classification: 'positive' }),
})
const aggregate = step({
  name: 'aggregate',
  input: Classified,
  output: z.object({
    final_result: z.object({
      classification: z.string(),
      confidence: z.number(),
      embeddings: z.array(z.number()),
    }),
  }),
  run: ({ classification, embeddings }) => ({
    final_result: { classification, confidence: 0.95, embeddings },
  }),
})
export const advanced = chain('advanced_pipeline', simple, embed, classify, aggregate)

// One source to three targets, and three to one that runs once with all of them.

const count = step({
  name: 'count',
  input: z.string(),
  output: z.number(),
  run: (text) => text.length,
})
const upper = step({
  name: 'upper',
  input: z.string(),
  output: z.string(),
  run: (text) => text.toUpperCase(),
})
const report = step({
  name: 'report',
  input: z.object({ length: z.number(), loud: z.string(), tokens: z.array(z.string()) }),
  output: z.string(),
  run: ({ length, loud, tokens }) => `${loud} has ${length} letters in ${tokens.length} words`,
})
export const diamond = graph('diamond', { input: z.string() }, (g, text) => {
  const source = g(preprocessor, text)
  return g(report, {
    length: g(count, source),
    loud: g(upper, source),
    tokens: g(tokenizer, source),
  })
})

// A node that drops what does not pass; what is dropped never reaches the next.

export const filtered = pipeline('filtered', { values: z.array(z.number()) })
  .scatter('values')
  .map((row) => row.values)
  .filter((value) => value % 2 === 0)
  .map((value) => value * 10)

// A node that processes data in batches of concurrent callers, each with its own answer.

export const sizes: number[] = []
export const batched = pipeline('batched', { text: z.string() })
  .map(({ text }) => text)
  .step(
    step({
      name: 'lengths',
      input: z.string(),
      output: z.number(),
      coalesce: { size: 32, wait: '20ms' },
      run: (texts) => {
        sizes.push(texts.length)
        return texts.map((text) => text.length)
      },
    }),
  )

// A node that may fail: its failure is data, and the others go on.

const risky = step({
  name: 'risky_node',
  input: z.object({ data: z.string() }),
  output: z.string(),
  run: ({ data }) => {
    if (data === 'bad') throw new RangeError('Operation failed')
    return `processed ${data}`
  },
})
export const monitored = pipeline('monitored', { data: z.string() }).step(risky, {
  minSuccessRatio: 0.5,
})

// Work that would hold up everything else: in a thread, and never twice on the same.

const heavy = step({
  name: 'fibonacci',
  input: z.number(),
  output: z.number(),
  worker: import.meta.resolve('./fibonacci.ts'),
})
export const optimized = pipeline('optimized', { n: z.number() })
  .map(({ n }) => n)
  .step(heavy, { cache: true })

// A sub-pipeline with a configuration of its own.

export function subPipeline(config: { readonly prefix: string }): Pipeline<string, string, 'one'> {
  const tag = step({
    name: 'tag',
    input: z.string(),
    output: z.string(),
    run: (text) => `${config.prefix} ${text}`,
  })
  return chain('sub_pipeline', preprocessor, tag)
}

// The use cases: text to embeddings; a prompt to an answer.

export const textPipeline = chain(
  'text_processing',
  step({
    name: 'clean',
    input: z.string(),
    output: z.string(),
    run: (text) => text.toLowerCase().trim(),
  }),
  tokenizer,
  embed,
)

const generate = new WorkflowBuilder('generate', { text: z.string() })
  .generativeStep({ id: 'answer', prompt: '{{text}}' })
  .setReturnValue('answer')
  .build()

export const llmPipeline = pipeline('llm_processing', { question: z.string() })
  .map(({ question }) => ({ text: `Answer briefly: ${question.trim()}` }))
  .step(generate)
  .map((answer) => ({ answer: answer.trim() }))
