import { describe, expect, it } from 'vitest'
import { parseWorkflow } from '../../src/index.ts'
import { step, workflow } from '../drive.ts'

const tool = { name: 't', description: 'd', http: { method: 'GET', url: 'https://x/' } }

/** Documents that say as much, or as little, as may be said. */
const ACCEPTED: readonly (readonly [string, object])[] = [
  ['the least of sampling', { sampling: { temperature: 0, topP: 0, topK: 0, minP: 0, stop: [] } }],
  ['the most of sampling', { sampling: { temperature: 10, topP: 1, minP: 1, seed: -1 } }],
  ['16 texts that end an answer', { sampling: { stop: Array.from({ length: 16 }, () => 'x') } }],
  ['no other try', { retry: 0 }],
  ['100 other tries', { retry: 100 }],
  ['one round', { operator: 'function_calling', rounds: 1 }],
  ['100 rounds', { operator: 'function_calling', rounds: 100 }],
  ['calls that are given back', { operator: 'function_calling_raw', tools: [] }],
  ['several models', { models: ['m', 'n'] }],
  [
    'every role',
    {
      messages: ['system', 'user', 'assistant', 'tool'].map((role) => ({ role, content: 'x' })),
    },
  ],
]

const REFUSED: readonly (readonly [string, object, string])[] = [
  ['a hotter model', { sampling: { temperature: 10.1 } }, 'temperature: expected at most 10'],
  ['more than all', { sampling: { topP: 1.1 } }, 'topP: expected at most 1'],
  ['less than nothing', { sampling: { topP: -1 } }, 'topP: expected at least 0'],
  ['more than all', { sampling: { minP: 1.1 } }, 'minP: expected at most 1'],
  ['less than nothing', { sampling: { minP: -1 } }, 'minP: expected at least 0'],
  ['fewer tries than none', { retry: -1 }, 'retry: expected at least 0'],
  ['101 rounds', { rounds: 101 }, 'rounds: expected at most 100'],
  ['no model of several', { models: [] }, 'models: expected at least 1 item'],
]

/** Steps that ask no model. */
const OTHERS: readonly object[] = [
  ...['search', 'news', 'scholar'].map((type) => ({ operator: 'search', query: 'q', type })),
  { operator: 'search', query: 'q', language: 'e', count: 1 },
  { operator: 'search', query: 'q', language: 'x'.repeat(16), count: 100 },
  { operator: 'sample', from: { x: 'xs', y: { type: 'named', input: 'xs' } }, prompt: '{{x}}' },
  {
    operator: 'map',
    over: 'xs',
    as: 'x',
    concurrency: 1000,
    body: { steps: [step('b', '{{x}}')], returns: 'b' },
  },
]

describe('a workflow document', () => {
  it.each(ACCEPTED)('[D4] may say %s', (_, parts) => {
    const document = workflow({ steps: [step('a', 'x', parts)], returns: 'a' })
    expect(parseWorkflow(document)).toEqual(document)
  })

  it.each(REFUSED)('[D4] may not say %s', (_, parts, message) => {
    const document = workflow({ steps: [step('a', 'x', parts)], returns: 'a' })
    expect(() => parseWorkflow(document)).toThrow(message)
  })

  it.each(OTHERS)('[D4] may have the step %j', (parts) => {
    const document = workflow({ input: { xs: {} }, steps: [{ id: 'a', ...parts }], returns: 'a' })
    expect(parseWorkflow(document)).toEqual(document)
  })

  it.each([
    [{ operator: 'search', query: 'q', language: '' }, 'language: expected at least 1 character'],
    [{ operator: 'search', query: 'q', language: 'x'.repeat(17) }, 'at most 16 characters'],
    [{ operator: 'search', query: 'q', count: 0 }, 'count: expected at least 1'],
    [{ operator: 'search', query: 'q', count: 101 }, 'count: expected at most 100'],
    [{ operator: 'sample', from: { x: { type: 'named' } } }, "from.x.input: 'input' is missing"],
    [
      { operator: 'map', over: 'xs', as: 'x', concurrency: 1001, body: {} },
      'concurrency: expected at most 1000',
    ],
  ])('[D4] may not have the step %j', (parts, message) => {
    const document = workflow({ input: { xs: {} }, steps: [{ id: 'a', ...parts }], returns: 'a' })
    expect(() => parseWorkflow(document)).toThrow(message)
  })

  it('[D9] may do everything with the text that it returns', () => {
    const process = [
      { type: 'replace', find: 'a', with: '' },
      { type: 'append', text: '' },
      { type: 'prepend', text: '' },
      ...['trim', 'trim_start', 'trim_end', 'to_lower', 'to_upper'].map((type) => ({ type })),
    ]
    const returns = { value: 'a', process }
    const document = workflow({ steps: [step('a', 'x')], returns })
    expect(parseWorkflow(document)).toEqual(document)
    const nothing = { value: 'a', process: [{ type: 'replace', find: '', with: 'x' }] }
    expect(() => parseWorkflow({ ...document, returns: nothing })).toThrow(
      'returns.process[0].find: expected at least 1 character, found 0',
    )
  })

  it.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])(
    '[D15] may have a tool that says %s',
    (method) => {
      const headers = { 'x-a': 'x'.repeat(4096) }
      const tools = [{ ...tool, http: { ...tool.http, method, headers } }]
      const document = workflow({ tools, steps: [step('a', 'x')], returns: 'a' })
      expect(parseWorkflow(document)).toEqual(document)
    },
  )

  it.each([
    [{ ...tool.http, method: 'get' }, "method: 'get' is not known"],
    [{ ...tool.http, url: '' }, 'url: expected at least 1 character'],
    [{ ...tool.http, url: 'x'.repeat(4097) }, 'url: expected at most 4096 characters'],
    [{ ...tool.http, headers: { a: 'x'.repeat(4097) } }, 'headers.a: expected at most 4096 char'],
  ])('[D15] may not have a tool that requests %j', (http, message) => {
    const document = workflow({ tools: [{ ...tool, http }], steps: [step('a', 'x')], returns: 'a' })
    expect(() => parseWorkflow(document)).toThrow(message)
  })

  it.each(['__proto__', 'constructor', 'prototype'])('[X6] may not call a key %s', (key) => {
    const document = workflow({
      steps: [step('a', 'x', { outputs: [{ type: 'write', key }] })],
      returns: 'a',
    })
    expect(() => parseWorkflow(document)).toThrow('outputs[0].key: this name is reserved')
  })

  it('[D4] may not have null for a schema', () => {
    const document = workflow({ steps: [step('a', 'x', { schema: null })], returns: 'a' })
    expect(() => parseWorkflow(document)).toThrow('steps[0].schema: expected a JSON Schema')
  })
})
