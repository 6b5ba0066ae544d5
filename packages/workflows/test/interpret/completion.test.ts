import { describe, expect, it } from 'vitest'
import { interpret, parseWorkflow, type CompletionNeed, type Need } from '../../src/index.ts'
import { drive, prompts, says, step, workflow, type Driven } from '../drive.ts'

function questions({ needs }: Driven): readonly CompletionNeed[] {
  return needs.filter((need): need is Extract<Need, CompletionNeed> => need.kind === 'completion')
}

/** A step that wants a list of texts, and asks again so often. */
function listing(retry?: number): object {
  return workflow({
    steps: [step('a', 'x', { schema: list, ...(retry === undefined ? {} : { retry }) })],
    returns: 'a',
  })
}

/** How often its model is asked. */
function tries(retry?: number): number {
  const walk = interpret(parseWorkflow(listing(retry)), {})
  let count = 0
  const run = (): void => {
    for (walk.next(); ; count += 1) walk.next(says('no'))
  }
  expect(run).toThrow(expect.objectContaining({ code: 'UNUSABLE_ANSWER', step: 'a' }))
  return count + 1
}

const list = { type: 'array', items: { type: 'string' } }

describe('a step that asks a model', () => {
  it('[D11] sends system, history and prompt in this order, each with its role', () => {
    const document = workflow({
      input: { name: { type: 'string' } },
      steps: [
        step('a', 'And {{name}}?', {
          system: 'You know {{name}}.',
          messages: [
            { role: 'user', content: 'Hi {{name}}' },
            { role: 'assistant', content: 'Hello.' },
          ],
        }),
      ],
      returns: 'a',
    })
    const [question] = questions(drive(document, { name: 'Ada' }, { script: { a: ['x'] } }))
    expect(question?.messages).toEqual([
      { role: 'system', content: 'You know Ada.' },
      { role: 'user', content: 'Hi Ada' },
      { role: 'assistant', content: 'Hello.' },
      { role: 'user', content: 'And Ada?' },
    ])
  })

  it('[D11] may have messages and no prompt', () => {
    const document = workflow({
      steps: [{ id: 'a', operator: 'generation', messages: [{ role: 'user', content: 'x' }] }],
      returns: 'a',
    })
    expect(prompts(drive(document, {}, { script: { a: ['y'] } }))).toEqual(['x'])
  })

  it('[D15] carries what the step says of models, sampling and limits, and nothing else', () => {
    const document = workflow({
      steps: [
        step('a', 'x', {
          models: ['m1', 'm2'],
          sampling: { temperature: 0 },
          maxTokens: 5,
          timeoutMs: 9,
        }),
        step('b', 'y'),
      ],
      returns: 'b',
    })
    const asked = questions(drive(document, {}, { script: { a: ['x'], b: ['y'] } }))
    expect(asked).toEqual([
      {
        kind: 'completion',
        step: 'a',
        attempt: 1,
        messages: [{ role: 'user', content: 'x' }],
        models: ['m1', 'm2'],
        sampling: { temperature: 0 },
        maxTokens: 5,
        timeoutMs: 9,
      },
      { kind: 'completion', step: 'b', attempt: 1, messages: [{ role: 'user', content: 'y' }] },
    ])
  })

  it('[D8] is held to the tokens of the workflow where it says none of its own', () => {
    const document = workflow({
      steps: [step('a', 'x', { maxTokens: 5 }), step('b', 'y')],
      returns: 'b',
      limits: { maxTokens: 100 },
    })
    const asked = questions(drive(document, {}, { script: { a: ['x'], b: ['y'] } }))
    expect(asked.map(({ maxTokens }) => maxTokens)).toEqual([5, 100])
  })

  it('[D10] hands the schema to the model, and gives the value', () => {
    const document = workflow({ steps: [step('a', 'x', { schema: list })], returns: 'a' })
    const driven = drive(document, {}, { script: { a: ['["u","v"]'] } })
    expect(questions(driven)[0]?.schema).toEqual(list)
    expect(driven.outcome.output).toEqual(['u', 'v'])
  })

  it('[D10] asks again with the answer and what is wrong with it', () => {
    const document = workflow({ steps: [step('a', 'x', { schema: list })], returns: 'a' })
    const driven = drive(document, {}, { script: { a: ['none', '[1]', '["u"]'] } })
    const asked = questions(driven)
    expect(driven.outcome.output).toEqual(['u'])
    expect(asked.map(({ attempt }) => attempt)).toEqual([1, 2, 3])
    expect(asked[2]?.messages.slice(1)).toEqual([
      { role: 'assistant', content: 'none' },
      {
        role: 'user',
        content: `That answer cannot be used: it holds no JSON. Answer again, with nothing but JSON that matches this schema: ${JSON.stringify(list)}`,
      },
      { role: 'assistant', content: '[1]' },
      {
        role: 'user',
        content: `That answer cannot be used: at [0]: expected a string, found 1. Answer again, with nothing but JSON that matches this schema: ${JSON.stringify(list)}`,
      },
    ])
    expect(asked[0]?.messages).toHaveLength(1)
  })

  it('[D10] asks twice more where the step says nothing, and as often as it says', () => {
    expect([tries(), tries(0), tries(5)]).toEqual([3, 1, 6])
  })

  it('[D10] says in its error what the last answer lacked', () => {
    const document = workflow({ steps: [step('a', 'x', { schema: list, retry: 0 })], returns: 'a' })
    const run = () => drive(document, {}, { script: { a: ['[1]'] } })
    expect(run).toThrow(
      "step 'a': its answer cannot be used; the last one: at [0]: expected a string, found 1",
    )
  })

  it('[D6] [D10] takes the fallback when no answer can be used', () => {
    const document = workflow({
      steps: [step('a', 'x', { schema: list }), step('b', 'y')],
      edges: [{ from: 'a', to: '_end', fallback: 'b' }],
      returns: 'b',
    })
    expect(drive(document, {}, { script: { a: ['no'], b: ['plain'] } }).outcome.output).toBe(
      'plain',
    )
  })

  it('[D10] does not hand on a schema that asks for nothing but text', () => {
    const document = workflow({
      steps: [step('a', 'x', { schema: { type: 'string' } })],
      returns: 'a',
    })
    const driven = drive(document, {}, { script: { a: ['["text"]'] } })
    expect(questions(driven)[0]).not.toHaveProperty('schema')
    expect(driven.outcome.output).toBe('["text"]')
  })

  it('[D15] sends the pictures that memory holds', () => {
    const document = workflow({
      input: { photo: { type: 'string' }, more: { type: 'array' } },
      steps: [
        step('a', 'x', {
          images: ['photo', 'more'],
          messages: [
            { role: 'user', content: 'y', images: [{ type: 'peek', key: 'more', index: 1 }] },
          ],
        }),
      ],
      returns: 'a',
    })
    const [question] = questions(
      drive(document, { photo: 'AAA', more: ['BBB', 'CCC'] }, { script: { a: ['z'] } }),
    )
    expect(question?.messages.map(({ images }) => images)).toEqual([['CCC'], ['AAA', 'BBB', 'CCC']])
    const run = () => drive(document, { photo: 'AAA', more: ['BBB', 7] }, { script: { a: ['z'] } })
    expect(run).toThrow("step 'a': its pictures must be base64 texts")
  })
})
