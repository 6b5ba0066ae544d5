import { describe, expect, it } from 'vitest'
import { fromDria, isDria, parseWorkflow } from '../../src/index.ts'
import * as documents from './documents.ts'
import { schemas, structured } from './structured.ts'
import { drive, fails, prompts, type Script } from '../drive.ts'

const { custom, facts, inputs, lines, personas, poem, research } = documents

function run(json: unknown, script: Script, input: Record<string, unknown> = {}) {
  return drive(fromDria(json), input, { script, seed: 1 })
}

describe("a workflow of Dria's", () => {
  it('[D14] is told from ours', () => {
    expect(isDria(poem)).toBe(true)
    expect([isDria(fromDria(poem)), isDria(null), isDria([])]).toEqual([false, false, false])
  })

  it('[D14] runs to its end, also one that is no task, and is processed in order', () => {
    const { outcome } = run(poem, { A: [' a bat '] })
    expect(outcome).toMatchObject({ steps: ['A'], output: '># B#T!' })
  })

  it('[D14] keeps names, limits and tools', () => {
    expect(fromDria(poem)).toMatchObject({
      name: 'Simple',
      description: 'A poem',
      tools: ['ALL'],
      steps: [{ id: 'A', title: 'Poem', description: 'Writes a poem.' }],
      limits: { maxSteps: 5, maxTimeMs: 100_000, maxTokens: 250 },
    })
  })

  it('[D14] fills both spellings of a name in one pass, and leaves other braces alone', () => {
    const driven = run(
      research,
      { query: ['{{topic}} "x"'], search: [{ kind: 'result', value: ['hit'] }], judge: ['Yes'] },
      { topic: 'geese {q}' },
    )
    expect(prompts(driven)).toEqual([
      'Write a search query about geese {q}. Avoid: ',
      'Is ["hit"] about {{topic}} "x"? {other} {"a": {"b": 1}}',
    ])
    expect(driven.needs[1]).toEqual({
      kind: 'search',
      step: 'search',
      query: '{{topic}} "x"',
      type: 'news',
      language: 'en',
      count: 3,
    })
  })

  it('[D6] [D14] loops with its history, and takes the fallback', () => {
    const { outcome } = run(research, {
      query: ['q1', 'q2', 'q3'],
      search: [fails('offline'), { kind: 'result', value: 'r2' }, { kind: 'result', value: 'r3' }],
      judge: ['No', 'Yes'],
    })
    expect(outcome).toMatchObject({
      steps: ['query', 'search', 'query', 'search', 'judge', 'query', 'search', 'judge'],
      output: ['q3', 'r3'],
    })
  })

  it('[D14] has the system role reach the model', () => {
    const { needs } = run(research, {
      query: ['q'],
      search: [{ kind: 'result', value: 'r' }],
      judge: ['Yes'],
    })
    expect(needs[2]).toMatchObject({
      messages: [{ role: 'system', content: 'You judge.' }, { role: 'user' }],
    })
  })

  it('[D2] [D14] counts what was pushed, and returns the list with nothing encoded twice', () => {
    const driven = run(lines, { A: ['one', '["two"]', 'three'] })
    expect(driven.outcome).toMatchObject({
      steps: ['A', 'A', 'A'],
      output: ['one', ['two'], 'three'],
    })
    expect(prompts(driven)[2]).toBe('So far: one \n["two"] \n. The next line, please.')
  })

  it('[D1] [D14] draws from the list that a value names', () => {
    const driven = run(personas, { B: ['Lovely flight.'] })
    expect(driven.outcome).toMatchObject({ steps: ['A', 'A', 'B'], output: 'Lovely flight.' })
    expect(prompts(driven)).toEqual(['<persona>gender: Female \nage: 32 \n</persona>'])
  })

  it('[D14] inserts, searches with a plain prompt, and returns a list as text', () => {
    const driven = run(facts, { A: ['f1', 'f2'], B: [{ kind: 'result', value: 'found' }] })
    expect(driven.outcome).toMatchObject({ steps: ['A', 'A', 'B'], output: 'f1 \nf2 \n' })
    expect(driven.needs.at(-1)).toMatchObject({ kind: 'search', query: 'What is known?', count: 5 })
  })

  it('[D12] [D14] has custom tools, whose calls come back, and HTTP tools, which run', () => {
    const document = fromDria(custom)
    expect(document.tools).toEqual([
      'stock',
      {
        name: 'calculator',
        description: 'Sums integers',
        parameters: {
          type: 'object',
          properties: { lhs: { type: 'integer', description: 'Left' } },
          required: [],
        },
      },
      {
        name: 'prices',
        description: 'Prices',
        parameters: { type: 'object', properties: {}, required: [] },
        http: { method: 'GET', url: 'https://api.example/v1', headers: { 'X-Key': '{k}' } },
      },
      {
        name: 'order',
        description: 'Orders',
        parameters: {
          type: 'object',
          properties: {
            item: { type: 'string', description: 'The value for item' },
            count: { type: 'string', description: 'The value for count' },
          },
          required: ['item', 'count'],
        },
        http: { method: 'POST', url: 'https://api.example/orders' },
      },
    ])
    const driven = run(custom, {
      sum: ['{"name": "calculator", "arguments": {"lhs": 1}}'],
      buy: [
        '{"name": "order", "arguments": {"item": "egg", "count": "1"}}',
        { kind: 'result', value: 'ok' },
        'Bought.',
      ],
    })
    expect(driven.needs[2]).toMatchObject({
      kind: 'tool',
      http: { method: 'POST', body: { item: 'egg', count: '1' } },
    })
    expect(driven.outcome.output).toEqual([
      [{ name: 'calculator', arguments: { lhs: 1 } }],
      'Bought.',
    ])
  })

  it('[D2] [D14] has every kind of input, and keys that nobody writes', () => {
    const script = { A: ['a'], B: ['b'] }
    const driven = run(inputs, script, { input: 'why' })
    expect(prompts(driven)[0]).toBe('why|second|literal {q}|2|{"lang":"en"}|')
    expect(driven.outcome).toMatchObject({ steps: ['A', 'B'], output: undefined })
    expect(() => run(inputs, script)).toThrow("the input 'input' is missing")
    expect(
      run(inputs, script, { input: 'x', nobody: 'me', population: 'many' }).outcome.output,
    ).toBe('many')
  })

  it('[D14] can be given other values for what its memory holds', () => {
    const document = fromDria(research)
    expect(document.optionalInputs).toEqual(['topic', 'seeds'])
    expect(() => run(research, {}, { topic: 7 })).toThrow("the input 'topic' does not fit")
  })

  it('[D14] starts where its first edge begins', () => {
    const turned = { ...custom, steps: [{ source: 'buy', target: '_end' }] }
    expect(run(turned, { buy: ['ok'] }).outcome.steps).toEqual(['buy'])
  })

  it.each(['object', 'text', 'capitals', 'wrapped', 'expression'] as const)(
    '[D10] [D14] holds the answer to a schema that is given as %s',
    (kind) => {
      const answer = '{"question": "Why \\"blue\\"?", "keywords": ["sky", "light"]}'
      const { outcome, needs } = run(structured(schemas[kind]), {
        A: ['No idea', `Here: ${answer}`],
      })
      expect(needs).toHaveLength(2)
      expect(
        typeof outcome.output === 'string' ? JSON.parse(outcome.output) : outcome.output,
      ).toEqual(JSON.parse(answer))
    },
  )

  it.each([
    [{ ...poem, tasks: [] }, "none of Dria's workflows: tasks"],
    [{ ...poem, config: {} }, 'config.max_steps'],
    [{ ...poem, return_value: undefined }, 'return_value'],
    [{ ...poem, tasks: [{ ...poem.tasks[0], operator: 'check' }] }, 'tasks[0].operator'],
    [
      structured('no schema'),
      "task 'A': the schema is neither JSON nor a regular expression in base64",
    ],
    [structured(btoa('(?=a)')), "task 'A': the pattern"],
    [
      structured({ type: 'object', properties: { a: { frobnicate: 1 } } }),
      "step 'A': at properties.a: the schema cannot be used",
    ],
    [{ ...poem, tasks: [poem.tasks[0], poem.tasks[0]] }, "step 'A': another step has the same id"],
  ])('[D14] is refused where it cannot be read, naming the place', (json, message) => {
    expect(() => fromDria(json)).toThrow(message)
  })

  it('[D14] becomes a document like any other', () => {
    for (const json of [poem, research, lines, personas, facts, custom, inputs]) {
      const document = fromDria(json)
      expect(parseWorkflow(JSON.parse(JSON.stringify(document)))).toEqual(document)
    }
  })
})
