import { describe, expect, it } from 'vitest'
import { parseWorkflow, toDria, WorkflowError } from '../../src/index.ts'
import { step, workflow } from '../drive.ts'

const read = (key: string) => ({ type: 'read', key })
const plain = { steps: [step('a', 'x')], returns: 'a' }
const is = { input: 'a', expression: 'Equal', expected: 'x' }
const end = {
  id: '_end',
  name: 'end',
  description: 'End of the task',
  messages: [{ role: 'user', content: 'End of the task' }],
  inputs: [],
  operator: 'end',
  outputs: [],
}

function written(
  parts: Readonly<Record<string, unknown>>,
  input?: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return toDria(parseWorkflow(workflow({ ...plain, ...parts })), input)
}

function refusal(reason: string): WorkflowError {
  return new WorkflowError(
    'INVALID_DOCUMENT',
    `cannot be written as one of Dria's workflows: ${reason}`,
  )
}

describe("a workflow written as one of Dria's, part by part", () => {
  it('[D14] has their defaults where it says nothing', () => {
    expect(written({})).toEqual({
      name: 'w',
      config: { max_steps: 50, max_time: 200, tools: [] },
      external_memory: {},
      tasks: [
        {
          id: 'a',
          name: 'a',
          description: '',
          messages: [{ role: 'user', content: 'x' }],
          inputs: [],
          operator: 'generation',
          outputs: [{ type: 'write', key: 'a', value: '__result' }],
        },
        end,
      ],
      steps: [{ source: 'a', target: '_end' }],
      return_value: { input: read('a') },
    })
  })

  it('[D8] [D14] has its limits, in seconds, and its tools', () => {
    const limits = { maxSteps: 7, maxTimeMs: 2500, maxTokens: 99 }
    const tools = ['ALL', { name: 't', description: 'T' }]
    expect(written({ limits, tools, description: 'D' })).toMatchObject({
      description: 'D',
      config: {
        max_steps: 7,
        max_time: 2.5,
        max_tokens: 99,
        tools: ['ALL'],
        custom_tools: [
          { name: 't', description: 'T', mode: 'custom', parameters: { type: 'object' } },
        ],
      },
    })
  })

  it('[D14] remembers texts, objects, and lists of both: all else as text', () => {
    const parts = {
      input: { topic: {}, more: {}, input: {} },
      optionalInputs: ['more'],
      memory: { a: 1, b: ['x', 2, { c: 3 }, [4]], d: { e: 5 }, topic: 'old' },
    }
    expect(written(parts, { topic: null })).toMatchObject({
      external_memory: { a: '1', b: ['x', '2', { c: 3 }, '[4]'], d: { e: 5 }, topic: 'null' },
    })
    expect(written(parts)).toMatchObject({ external_memory: { topic: 'old' } })
    expect(() => written({ ...parts, memory: {} })).toThrow(
      refusal("its JSON holds the input, and 'topic' has no value: give one"),
    )
  })

  const three = { steps: [step('a', 'x'), step('b', 'x'), step('c', 'x')] }
  const condition = { input: read('a'), expected: 'x', expression: 'Equal' }

  it.each([
    [
      'in the order of the steps',
      [],
      [
        { source: 'a', target: 'b' },
        { source: 'b', target: 'c' },
        { source: 'c', target: '_end' },
      ],
    ],
    [
      'where its edges say',
      [
        { from: 'a', to: 'c', fallback: 'b' },
        { from: 'b', to: 'a' },
        { from: 'b', to: 'c' },
      ],
      [
        { source: 'a', target: 'c', fallback: 'b' },
        { source: 'b', target: 'a' },
        { source: 'c', target: '_end' },
      ],
    ],
    [
      'on a condition',
      [
        { from: 'a', to: 'c', if: is, else: 'a' },
        { from: 'b', to: 'c', if: { ...is, expected: 7 } },
        { from: 'b', to: '_end' },
      ],
      [
        { source: 'a', target: 'c', condition: { ...condition, target_if_not: 'a' } },
        {
          source: 'b',
          target: 'c',
          condition: { ...condition, expected: '7', target_if_not: '_end' },
        },
        { source: 'c', target: '_end' },
      ],
    ],
  ])('[D6] [D14] goes on %s', (_, edges, steps) => {
    expect(written({ ...three, edges })['steps']).toEqual(steps)
  })

  it('[D6] [D14] starts with the first edge', () => {
    expect(written({ ...three, start: 'b' })['steps']).toEqual([
      { source: 'b', target: 'c' },
      { source: 'a', target: 'b' },
      { source: 'c', target: '_end' },
    ])
  })

  it('[D7] [D14] looks up similar texts, and knows no similarity', () => {
    const similar = { input: 'a', expression: 'HaveSimilar', expected: 'x' }
    const edge = { from: 'a', to: '_end', if: similar, else: 'a' }
    expect(written({ edges: [edge] })['steps']).toEqual([
      {
        source: 'a',
        target: '_end',
        condition: { ...condition, expression: 'HaveSimilar', target_if_not: 'a' },
      },
    ])
    expect(() => written({ edges: [{ ...edge, if: { ...similar, expected: 0.5 } }] })).toThrow(
      refusal('HaveSimilar looks up a text, and has no similarity of its own'),
    )
  })

  it.each([
    ['nothing more', [{ from: 'a', to: '_end', if: is }]],
    [
      'another condition',
      [
        { from: 'a', to: '_end', if: is },
        { from: 'a', to: 'b', if: is, else: 'c' },
      ],
    ],
  ])('[D6] [D14] is refused where after a condition comes %s', (_, edges) => {
    expect(() => written({ ...three, edges })).toThrow(
      refusal("the step 'a' has one condition at most, and somewhere to go where it does not hold"),
    )
  })

  const all = { type: 'get_all', key: 'list' }
  const theirs = { type: 'get_all', key: 'list' }

  it.each([
    ['a', { input: read('a') }],
    ['list', { input: theirs, to_json: true }],
    [['a'], { input: [read('a')], to_json: true }],
    [
      { value: 'a', json: true },
      { input: read('a'), to_json: true },
    ],
    [
      { value: 'a', decode: true },
      { input: read('a'), to_json: true },
    ],
    [{ value: all }, { input: theirs, to_json: true }],
    [{ value: { ...all, join: ' \n' } }, { input: theirs }],
    [{ value: { ...all, after: ' \n' } }, { input: theirs }],
    [{ values: ['a', { ...all, after: ' \n' }] }, { input: [read('a'), theirs] }],
    [{ values: ['a', 'a'], after: ' \n' }, { input: [read('a'), read('a')] }],
    [{ value: 'a', after: ' \n' }, { input: [read('a')] }],
    [{ value: { type: 'size', key: 'list' } }, { input: { type: 'size', key: 'list' } }],
    [
      { values: ['a', { type: 'string', value: 'b' }] },
      {
        input: [read('a'), { type: 'string', key: 'b' }],
        to_json: true,
      },
    ],
  ])('[D9] [D14] returns the same: %j', (returns, value) => {
    expect(written({ returns, memory: { list: ['x'] } })['return_value']).toEqual(value)
  })

  it.each([
    { values: ['list', { ...all, after: ' \n' }] },
    { values: { a: 'a', b: { ...all, join: ' \n' } } },
    { values: ['a'], after: ',' },
    { values: ['a'], after: ' \n', json: true },
  ])('[D9] [D14] does not return lists in JSON and as a text: %j', (returns) => {
    expect(() => written({ returns, memory: { list: ['x'] } })).toThrow(
      refusal(
        'it returns JSON with lists as lists, or one text with a space and a line break after each value',
      ),
    )
  })

  it('[D9] [D14] processes what it returns', () => {
    const process = [
      { type: 'replace', find: 'a', with: 'b' },
      { type: 'append', text: 'c' },
      { type: 'prepend', text: 'd' },
      { type: 'trim' },
      { type: 'trim_start' },
      { type: 'trim_end' },
      { type: 'to_lower' },
      { type: 'to_upper' },
    ]
    expect(written({ returns: { value: 'a', process } })['return_value']).toStrictEqual({
      input: read('a'),
      post_process: [
        { process_type: 'replace', lhs: 'a', rhs: 'b' },
        { process_type: 'append', rhs: 'c' },
        { process_type: 'prepend', lhs: 'd' },
        { process_type: 'trim' },
        { process_type: 'trim_start' },
        { process_type: 'trim_end' },
        { process_type: 'to_lower' },
        { process_type: 'to_upper' },
      ],
    })
  })
  it('[D2] [D14] reads what was written as a value, and what was pushed as a list', () => {
    const pushing = step('b', '{{a}}', { outputs: [{ type: 'push', key: 'list' }] })
    const writing = step('a', 'x', { outputs: [{ type: 'write', key: 'a' }] })
    const steps = [writing, pushing, step('c', '{{list}} {{a}}')]
    expect(written({ steps }, {})['tasks']).toMatchObject([
      { inputs: [] },
      { inputs: [{ name: 'a', value: read('a'), required: true }] },
      {
        inputs: [
          { name: 'list', value: { type: 'get_all', key: 'list' }, required: true },
          { name: 'a', value: read('a'), required: true },
        ],
      },
      end,
    ])
  })

  it('[D12] [D14] has its requests as tools, with the arguments in the body', () => {
    const url = 'https://x.example/{id}'
    const headers = { 'X-Key': 'k{{! hm }}' }
    const parameters = { type: 'object', properties: { item: {}, count: {} } }
    const tools = [
      { name: 'plain', description: 'P', http: { method: 'GET', url } },
      { name: 'full', description: 'F', parameters, http: { method: 'POST', url, headers } },
      { name: 'own', description: 'O', parameters },
    ]
    expect(written({ tools })['config']).toStrictEqual({
      max_steps: 50,
      max_time: 200,
      tools: [],
      custom_tools: [
        { name: 'plain', description: 'P', mode: 'http_request', url, method: 'GET' },
        {
          name: 'full',
          description: 'F',
          mode: 'http_request',
          url,
          method: 'POST',
          headers: { 'X-Key': 'k' },
          body: { item: '', count: '' },
        },
        { name: 'own', description: 'O', mode: 'custom', parameters },
      ],
    })
    const named = { method: 'GET', url: 'https://x.example', headers: { a: '{{a}}' } }
    expect(() => written({ tools: [{ name: 't', description: '', http: named }] })).toThrow(
      refusal("the tool 't' has its arguments in the body only"),
    )
  })
})
