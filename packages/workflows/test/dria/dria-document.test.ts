import { describe, expect, it } from 'vitest'
import { fromDria, isDria, type WorkflowDocument } from '../../src/index.ts'

const read = (key: string) => ({ type: 'read', key })

/** One task and no more than its JSON needs. */
function dria({ task = {}, ...more }: Readonly<Record<string, unknown>> = {}) {
  return {
    config: { max_steps: 3, max_time: 1.5 },
    tasks: [{ id: 'A', operator: 'generation', prompt: 'Hi', ...Object(task) }],
    return_value: { input: read('x') },
    ...more,
  }
}

/** What becomes of an edge with this condition. */
function edgeOf(condition: object): unknown {
  const edge = { source: 'A', target: '_end', condition: { target_if_not: 'A', ...condition } }
  return fromDria(dria({ steps: [edge] })).edges?.[0]
}

function toolsOf(...custom: readonly unknown[]): WorkflowDocument['tools'] {
  return fromDria(dria({ config: { max_steps: 3, max_time: 1, custom_tools: custom } })).tools
}

describe("the JSON of Dria's workflows", () => {
  it('[D14] may leave out what has a default', () => {
    expect(fromDria(dria())).toEqual({
      version: 1,
      name: 'dria',
      input: { x: {} },
      optionalInputs: ['x'],
      steps: [{ id: 'A', operator: 'generation', outputs: [], prompt: 'Hi' }],
      edges: [{ from: 'A', to: '_end' }],
      returns: { value: { type: 'read', key: 'x', required: false } },
      limits: { maxSteps: 3, maxTimeMs: 1500 },
    })
  })

  it('[D14] may say null where it says nothing', () => {
    const edge = { source: 'A', target: '_end' }
    expect(
      fromDria(
        dria({
          config: { max_steps: 3, max_time: 1.5, custom_tools: null, max_tokens: null },
          external_memory: null,
          task: { schema: null },
          steps: [{ ...edge, condition: null, fallback: null }],
          return_value: { input: { ...read('x'), index: null }, to_json: null, post_process: null },
        }),
      ),
    ).toEqual(fromDria(dria({ steps: [edge] })))
  })

  it('[D14] may hold what its executor does not know', () => {
    const inner = { input: { ...read('x'), why: 1 }, why: 1 }
    expect(fromDria(dria({ task: { why: 1 }, return_value: inner, why: 1 }))).toEqual(
      fromDria(dria()),
    )
  })

  it.each([
    ['Equal'],
    ['NotEqual'],
    ['Contains'],
    ['NotContains'],
    ['GreaterThan'],
    ['LessThan'],
    ['GreaterThanOrEqual'],
    ['LessThanOrEqual'],
    ['HaveSimilar'],
  ])('[D7] [D14] compares with %s, to a text or a number', (expression) => {
    const input = { type: 'size', key: 'x' }
    const edge = {
      from: 'A',
      to: '_end',
      if: { input: { ...input, required: false }, expression, expected: '7', text: true },
      else: 'A',
    }
    expect(edgeOf({ input, expression, expected: '7' })).toEqual(edge)
    expect(edgeOf({ input, expression, expected: 7 })).toEqual(edge)
  })

  it.each([
    [{ type: 'input' }, { type: 'read', key: 'input' }],
    [
      { type: 'read', key: 'x' },
      { type: 'read', key: 'x' },
    ],
    [
      { type: 'pop', key: 'x' },
      { type: 'pop', key: 'x' },
    ],
    [
      { type: 'peek', key: 'x' },
      { type: 'peek', key: 'x', index: 0 },
    ],
    [
      { type: 'peek', key: 'x', index: 2 },
      { type: 'peek', key: 'x', index: 2 },
    ],
    [
      { type: 'get_all', key: 'x' },
      { type: 'get_all', key: 'x', after: ' \n' },
    ],
    [
      { type: 'size', key: 'x' },
      { type: 'size', key: 'x' },
    ],
    [
      { type: 'string', key: 'x' },
      { type: 'string', value: 'x' },
    ],
  ])('[D2] [D14] reads %j', (value, input) => {
    const [step] = fromDria(dria({ task: { inputs: [{ name: 'n', value }] } })).steps
    expect(step?.inputs).toEqual({ n: input })
  })

  it('[D2] [D14] writes a result, or a text, to each kind of place', () => {
    const outputs = [
      { type: 'write', key: 'a' },
      { type: 'push', key: 'b', value: '__result' },
      { type: 'insert' },
      { type: 'write', key: 'c', value: 'said' },
      { type: 'insert', key: 'd', value: 'said' },
    ]
    expect(fromDria(dria({ task: { outputs } })).steps[0]?.outputs).toEqual([
      { type: 'write', key: 'a' },
      { type: 'push', key: 'b' },
      { type: 'insert' },
      { type: 'write', key: 'c', value: 'said' },
      { type: 'insert', key: 'd', value: 'said' },
    ])
  })

  it.each([
    [{ process_type: 'replace', lhs: 'a', rhs: 'b' }, [{ type: 'replace', find: 'a', with: 'b' }]],
    [{ process_type: 'replace', lhs: 'a', rhs: '' }, [{ type: 'replace', find: 'a', with: '' }]],
    [{ process_type: 'replace', lhs: '', rhs: 'b' }, []],
    [{ process_type: 'replace', lhs: null, rhs: 'b' }, []],
    [{ process_type: 'replace', lhs: 'a' }, []],
    [{ process_type: 'append', rhs: 'a', lhs: null }, [{ type: 'append', text: 'a' }]],
    [{ process_type: 'append', lhs: 'a' }, []],
    [{ process_type: 'prepend', lhs: 'a', rhs: null }, [{ type: 'prepend', text: 'a' }]],
    [{ process_type: 'prepend', rhs: 'a' }, []],
    [{ process_type: 'trim' }, [{ type: 'trim' }]],
    [{ process_type: 'trim_start' }, [{ type: 'trim_start' }]],
    [{ process_type: 'trim_end' }, [{ type: 'trim_end' }]],
    [{ process_type: 'to_lower' }, [{ type: 'to_lower' }]],
    [{ process_type: 'to_upper' }, [{ type: 'to_upper' }]],
  ])('[D9] [D14] processes what it returns: %j', (step, process) => {
    const returned = { input: read('x'), post_process: [step] }
    expect(fromDria(dria({ return_value: returned })).returns).toEqual({
      value: { type: 'read', key: 'x', required: false },
      process,
    })
  })

  it.each(['GET', 'post', 'Put', 'PATCH', 'delete'])(
    '[D12] [D14] has tools that are requests: %s',
    (method) => {
      const tool = { name: 't', url: 'https://x.example/{a}', method }
      expect(toolsOf({ ...tool, mode: 'http_request', headers: null, body: null })).toEqual([
        {
          name: 't',
          description: '',
          parameters: { type: 'object', properties: {}, required: [] },
          http: { method: method.toUpperCase(), url: 'https://x.example/{a}' },
        },
      ])
      expect(toolsOf(tool)).toEqual(toolsOf({ ...tool, mode: 'http_request' }))
    },
  )

  it('[D12] [D14] has tools that the client runs', () => {
    expect(toolsOf({ mode: 'custom', name: 't' })).toEqual([
      { name: 't', description: '', parameters: { type: 'object' } },
    ])
  })

  it.each([
    ['a text', { a: 'x' }, { type: 'string' }],
    ['an object', { a: { b: 1 } }, { type: 'object' }],
    ['a list of texts and objects', { a: ['x', { b: 1 }] }, { type: 'array' }],
  ])('[D14] remembers %s', (_, memory, kind) => {
    expect(fromDria(dria({ external_memory: memory }))).toMatchObject({
      memory,
      input: { a: kind, x: {} },
      optionalInputs: ['a', 'x'],
    })
  })

  it.each([
    [dria({ task: { operator: 'check' } }), 'tasks[0].operator: '],
    [dria({ task: { id: '' } }), 'tasks[0].id: '],
    [dria({ task: { schema: 7 } }), 'tasks[0].schema: '],
    [dria({ task: { inputs: [{ name: '', value: read('x') }] } }), 'tasks[0].inputs[0].name: '],
    [dria({ task: { outputs: [{ type: 'pop', key: 'x' }] } }), 'tasks[0].outputs[0].type: '],
    [dria({ task: { messages: [{ role: 'user' }] } }), 'tasks[0].messages[0].content: '],
    [dria({ task: { messages: [{ content: 'x' }] } }), 'tasks[0].messages[0].role: '],
    [dria({ tasks: [] }), 'tasks: '],
    [dria({ steps: [{ source: 'A' }] }), 'steps[0].target: '],
    [dria({ config: { max_steps: 1.5, max_time: 1 } }), 'config.max_steps: '],
    [dria({ config: { max_steps: -1, max_time: 1 } }), 'config.max_steps: '],
    [dria({ config: { max_steps: 1, max_time: -1 } }), 'config.max_time: '],
    [dria({ external_memory: { a: 1 } }), 'external_memory.a: '],
    [dria({ external_memory: { a: [1] } }), 'external_memory.a[0]: '],
    [dria({ return_value: { input: [] } }), 'return_value.input: '],
    [dria({ return_value: { input: { type: 'peek', key: 'x', index: -1 } } }), 'return_value.'],
    [dria({ return_value: { input: read('x'), post_process: [{}] } }), 'return_value.post_process'],
    [
      dria({ config: { max_steps: 1, max_time: 1, custom_tools: [{ name: 't', mode: 'grpc' }] } }),
      'config.custom_tools[0].mode: ',
    ],
    [
      dria({
        config: {
          max_steps: 1,
          max_time: 1,
          custom_tools: [{ name: 't', url: 'https://x.example', method: 'HEAD' }],
        },
      }),
      'config.custom_tools[0].method: ',
    ],
    [
      dria({ config: { max_steps: 1, max_time: 1, custom_tools: [7] } }),
      'config.custom_tools[0]: ',
    ],
  ])('[D14] is refused where it is none, at its place: %#', (json, place) => {
    expect(() => fromDria(json)).toThrow(`this is none of Dria's workflows: ${place}`)
  })

  it('[D14] is told from ours by its tasks, and that it has no version', () => {
    expect([{ tasks: [] }, {}, { tasks: [], version: 1 }, null, 'tasks'].map(isDria)).toEqual([
      true,
      false,
      false,
      false,
      false,
    ])
  })
})
