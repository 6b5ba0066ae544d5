/** What the language costs beside the engine: rendering, interpreting, naming a document. */
import {
  interpret,
  parseWorkflow,
  workflowId,
  type Completion,
} from '../../packages/workflows/src/index.ts'
import { template } from '../../packages/workflows/src/template.ts'
import { makeTasks } from '../harness/tasks.ts'
import type { Case } from './measure.ts'

const [task] = makeTasks({ scenario: 'noop', workers: 1, scale: 0.0001 })
const text = task?.prompt ?? ''

const prompt = template(
  `You answer questions.\n{{#each examples}}- {{this}}\n{{/each}}\nQuestion: {{question}}\nContext: {{context}}\nAnswer in one word.`,
)
const values: Readonly<Record<string, unknown>> = {
  examples: ['one', 'two', 'three', 'four'],
  question: text.slice(0, 100),
  context: text.slice(100),
}

const chain = parseWorkflow({
  version: 1,
  name: 'chain',
  input: { question: { type: 'string' } },
  steps: [
    { id: 'first', operator: 'generation', prompt: 'Answer: {{question}}' },
    { id: 'second', operator: 'generation', prompt: 'Say it otherwise: {{first}}' },
    { id: 'third', operator: 'generation', prompt: 'Say it shorter: {{second}}' },
  ],
  edges: [
    { from: 'first', to: 'second' },
    { from: 'second', to: 'third' },
  ],
  returns: 'third',
})

const completion: Completion = {
  kind: 'completion',
  text,
  model: 'llama3.2:3b',
  finishReason: 'stop',
  usage: { input: 200, output: 212 },
  ms: 1000,
}

const STEPS = 3

export const cases: readonly Case[] = [
  {
    name: 'rendering a prompt of 1 KB',
    aimUs: 2,
    run(times) {
      for (let n = 0; n < times; n += 1) prompt.render((name) => values[name])
    },
  },
  {
    name: `interpreting one step (of ${STEPS})`,
    aimUs: 10,
    run(times) {
      for (let n = 0; n < times; n += STEPS) {
        const walk = interpret(chain, { question: text })
        let next = walk.next()
        while (next.done !== true) next = walk.next(completion)
      }
    },
  },
  {
    name: 'naming a document by its hash',
    run(times) {
      for (let n = 0; n < times; n += 1) workflowId(chain)
    },
  },
]
