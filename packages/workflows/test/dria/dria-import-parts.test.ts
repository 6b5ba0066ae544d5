import { describe, expect, it } from 'vitest'
import { checkWorkflow, fromDria, type WorkflowDocument } from '../../src/index.ts'
import { templateOf } from '../../src/dria/dria-prompt.ts'
import { template } from '../../src/template.ts'

const read = (key: string) => ({ type: 'read', key })
const config = { max_steps: 3, max_time: 1 }

type Json = Readonly<Record<string, unknown>>

/** A document of these tasks. */
function dria(tasks: readonly Json[], more: Json = {}): WorkflowDocument {
  return fromDria({ config, tasks, return_value: { input: read('x') }, ...more })
}

/** The step that a task becomes. */
function stepOf(task: Json, more: Json = {}): unknown {
  return dria([{ id: 'A', operator: 'generation', ...task }], more).steps[0]
}

/** Inputs of a task by these names. */
function named(...names: readonly string[]) {
  return {
    inputs: names.map((name) => {
      return { name, value: { type: 'read' as const, key: 'x', index: null }, required: true }
    }),
  }
}

const said = (role: string, content = role) => ({ role, content })
const ask = (id: string) => ({ id, operator: 'generation', prompt: 'x' })
const reading = (...inputs: readonly Json[]) => ({ ...ask('A'), inputs })
const saying = (name: string, key: string) => ({ name, value: { type: 'string', key } })
const whole = (required: boolean) => ({ name: 'i', value: { type: 'input' }, required })

/** The step of a task that may call tools. */
function calling(operator: string, custom_tools?: readonly Json[]): unknown {
  return stepOf({ operator, prompt: 'x' }, { config: { ...config, tools: ['t'], custom_tools } })
}

describe("a prompt of Dria's", () => {
  it.each(['x', 'x1', '_x', 'X_y'])('[D3] [D14] has the name %s as ours', (name) => {
    expect(templateOf(`{${name}}`, named(name))).toBe(`{{${name}}}`)
  })

  it.each(['this', 'else', 'true', 'false', 'null', 'undefined', '1x', 'x y', 'x-y', 'ä', ' x'])(
    "[D3] [D14] has what Handlebars reads otherwise in brackets: '%s'",
    (name) => {
      expect(templateOf(`{${name}}`, named(name))).toBe(`{{[${name}]}}`)
    },
  )

  it.each([
    ['{x}{{x}}{{ x }}{{{x}}}{{{ x }}}', 'VVVVV'],
    ['{{{  x y\t}}}{{\nx y }}{x y}', 'WWW'],
    ['{ x }{y}{{y}}{{{y}}}{{ x }', '{ x }{y}{{y}}{{{y}}}{{ x }'],
    ['{{{x}}{{x}}}{{x}{x}}', '{VV}{VV}'],
    ['{"a": {"x": {x}}} \\{x} \\', '{"a": {"x": V}} \\V \\'],
    ['no names', 'no names'],
    ['', ''],
  ])('[D3] [D14] has its names filled in, and every other brace stays: %j', (prompt, filled) => {
    const ours = template(templateOf(prompt, named('x', 'x y')))
    expect(ours.render((name) => (name === 'x' ? 'V' : 'W'))).toBe(filled)
  })

  it.each(['{', '{{', '{{{', '{{{ x', '{{ x }', '{x\t'])(
    "[D14] [X6] is read in a time that grows with its length alone: '%s' and many spaces",
    { timeout: 10_000 },
    (opened) => {
      const hostile = opened + ' '.repeat(200_000)
      expect(template(templateOf(hostile, named('x'))).render(() => 'V')).toBe(hostile)
    },
  )
})

describe("a task of Dria's", () => {
  it('[D11] [D14] keeps the roles that are known, and has the user say the rest', () => {
    const messages = [said('system'), said('assistant'), said('tool'), said('critic'), said('user')]
    expect(stepOf({ messages })).toEqual({
      id: 'A',
      operator: 'generation',
      outputs: [],
      messages: [said('system'), said('assistant'), said('tool'), said('user', 'critic')],
      prompt: 'user',
    })
    expect(stepOf({ messages: messages.slice(0, 2) })).toEqual({
      id: 'A',
      operator: 'generation',
      outputs: [],
      messages: messages.slice(0, 2),
    })
  })

  it('[D11] [D14] asks its prompt after its messages', () => {
    const task = { messages: [said('user', 'one')], prompt: 'two {x}', ...named('x') }
    expect(stepOf(task)).toMatchObject({ messages: [said('user', 'one')], prompt: 'two {{x}}' })
    expect(stepOf({ prompt: 'two' })).not.toHaveProperty('messages')
  })

  it('[D12] [D14] calls the tools that a node can run, where others are for the client', () => {
    const http = { name: 'h', url: 'https://x.example', method: 'GET' }
    const custom = { name: 'c', mode: 'custom' }
    expect(calling('function_calling', [http, custom])).toMatchObject({ tools: ['t', 'h'] })
    expect(calling('function_calling', [custom])).toMatchObject({ tools: ['t'] })
    expect(calling('function_calling', [http])).not.toHaveProperty('tools')
    expect(calling('function_calling')).not.toHaveProperty('tools')
    expect(calling('function_calling_raw', [http, custom])).not.toHaveProperty('tools')
    expect(calling('generation', [http, custom])).not.toHaveProperty('tools')
  })

  it.each([
    ['{"query": "{x} or {y}"}', { query: '{{x}} or {y}' }],
    [
      '{"query": "q", "search_type": "scholar", "lang": "de", "n_results": "7"}',
      { query: 'q', type: 'scholar', language: 'de', count: 7 },
    ],
    ['{"query": "q", "search_type": "search", "lang": "en", "n_results": 5}', { query: 'q' }],
    ['{"query": "q", "search_type": "maps", "lang": "", "n_results": 0}', { query: 'q' }],
    [`{"query": "q", "lang": "${'x'.repeat(17)}", "n_results": 101}`, { query: 'q' }],
    [
      `{"query": "q", "lang": "${'x'.repeat(16)}", "n_results": 100}`,
      {
        query: 'q',
        language: 'x'.repeat(16),
        count: 100,
      },
    ],
    ['{"query": "q", "n_results": 1.5}', { query: 'q' }],
    ['plain {x}', { query: 'plain {{x}}' }],
    ['{"q": 1}', { query: '{"q": 1}' }],
  ])('[D14] searches for what its last message says: %s', (content, search) => {
    const task = { operator: 'search', ...named('x') }
    const messages = [said('user', 'not this'), said('user', content)]
    const every = { id: 'A', operator: 'search', inputs: { x: read('x') }, outputs: [] }
    expect(stepOf({ ...task, messages, prompt: 'not this' })).toEqual({ ...every, ...search })
    expect(stepOf({ ...task, prompt: content })).toEqual({ ...every, ...search })
  })

  it.each([
    ['{"query":"{x}","n_results":{n}}', { query: '{{x}}', count: 3 }],
    [
      '{"query":"{x}","n_results": {{ n }} ,"lang":"{l}"}',
      { query: '{{x}}', count: 3, language: 'de' },
    ],
    [
      '{"query":"a \\"{x}\\": {n}", "search_type":"{t}"}',
      { query: 'a "{{x}}": {{n}}', type: 'news' },
    ],
  ])('[D14] searches with what literal inputs say: %s', (content, search) => {
    const inputs = [
      { name: 'x', value: read('x') },
      saying('n', '3'),
      saying('l', 'de'),
      saying('t', 'news'),
    ]
    expect(stepOf({ operator: 'search', prompt: content, inputs })).toMatchObject(search)
  })

  it.each([
    ['{"query":"{x}","n_results":{x}}', '{{x}}', "the 'n_results' of the search"],
    ['{"query":"q","search_type":"{x}"}', 'q', "the 'search_type' of the search"],
    ['{"query":"q","lang":"{{x}}"}', 'q', "the 'lang' of the search"],
    [' {x}\n', ' {{x}}\n', 'the whole request of the search'],
  ])(
    '[D14] [D15] keeps to the default, and the check says so, where an input decides: %s',
    (content, query, what) => {
      const task = { operator: 'search', prompt: content, ...named('x') }
      const step = stepOf(task)
      expect(step).toMatchObject({ query })
      for (const member of ['type', 'language', 'count']) expect(step).not.toHaveProperty(member)
      const findings = checkWorkflow({
        config,
        tasks: [{ id: 'A', ...task }],
        return_value: { input: read('x') },
      })
      expect(findings).toContainEqual(
        expect.objectContaining({
          severity: 'warning',
          code: 'UNHEEDED_INPUT',
          message: expect.stringContaining(`${what} comes out of the input 'x'`) as unknown,
        }),
      )
    },
  )

  it('[D1] [D14] draws one item of each list that an input names, after a colon', () => {
    expect(stepOf({ operator: 'sample', prompt: 'Of {x}', ...named('x', 'x y') })).toEqual({
      id: 'A',
      operator: 'sample',
      inputs: { x: read('x'), 'x y': read('x') },
      outputs: [],
      from: {
        x_sample: { type: 'named', input: 'x' },
        'x y_sample': { type: 'named', input: 'x y' },
      },
      prompt: 'Of {{x}}: {{x_sample}}: {{[x y_sample]}}',
    })
  })

  it('[D14] names its own place where its schema is none', () => {
    expect(() => stepOf({ prompt: 'x', schema: 'no' })).toThrow(
      expect.objectContaining({
        code: 'INVALID_SCHEMA',
        step: 'A',
        message: "task 'A': the schema is neither JSON nor a regular expression in base64",
      }),
    )
  })
})

describe("a document of Dria's", () => {
  const tasks = [{ id: 'stop', operator: 'end' }, ask('A'), ask('B'), ask('C')]

  it('[D6] [D14] goes along its edges; what leads to no task leads to the end', () => {
    const condition = { input: read('x'), expected: 'y', expression: 'Equal' }
    const steps = [
      { source: 'B', target: 'stop', fallback: 'nobody' },
      { source: 'nobody', target: 'A' },
      { source: 'A', target: 'C', fallback: 'B', condition: { ...condition, target_if_not: '?' } },
      { source: 'A', target: 'B', condition: { ...condition, target_if_not: 'B' } },
    ]
    expect(dria(tasks, { steps })).toMatchObject({
      start: 'B',
      edges: [
        { from: 'B', to: '_end', fallback: '_end' },
        { from: 'A', to: 'C', fallback: 'B', if: condition, else: '_end' },
        { from: 'A', to: 'B', if: condition, else: 'B' },
        { from: 'C', to: '_end' },
      ],
    })
  })

  it('[D6] [D14] starts with its first task where no edge says otherwise', () => {
    expect(dria(tasks)).not.toHaveProperty('start')
    expect(dria(tasks, { steps: [{ source: 'A', target: 'B' }] })).not.toHaveProperty('start')
  })

  it('[D14] takes as input what is read and not written, and demands only the input itself', () => {
    const literal = { name: 's', value: { type: 'string', key: 's' } }
    const edge = {
      source: 'A',
      target: '_end',
      condition: { input: read('c'), expected: 'x', expression: 'Equal', target_if_not: 'A' },
    }
    const kinds = { x: {}, input: {}, c: {} }
    expect(dria([reading(whole(true), whole(false), literal)], { steps: [edge] })).toMatchObject({
      input: kinds,
      optionalInputs: ['c', 'x'],
    })
    const optional = dria([reading(whole(false), { name: 'r', value: read('c') })])
    expect(optional).toMatchObject({ input: kinds, optionalInputs: ['input', 'c', 'x'] })
    const returned = { input: [read('A'), { type: 'input' }] }
    const outputs = [{ type: 'write', key: 'A' }]
    const demanding = dria([{ ...reading(whole(true)), outputs }], { return_value: returned })
    expect(demanding).toMatchObject({ input: { input: {} } })
    expect(demanding).not.toHaveProperty('optionalInputs')
  })

  it.each([
    [0, 0, { maxSteps: 1, maxTimeMs: 1 }],
    [1, 0.0015, { maxSteps: 1, maxTimeMs: 2 }],
    [9, 60, { maxSteps: 9, maxTimeMs: 60_000 }],
  ])('[D8] [D14] has at least one step and one millisecond: %d, %d s', (steps, time, limits) => {
    const made = dria(tasks, { config: { max_steps: steps, max_time: time } })
    expect(made.limits).toEqual(limits)
  })

  it.each([
    [{ input: read('x'), to_json: true }, { value: { ...read('x'), required: false } }],
    [
      { input: { type: 'get_all', key: 'x' } },
      { value: { type: 'get_all', key: 'x', after: ' \n', required: false } },
    ],
    [
      { input: { type: 'get_all', key: 'x' }, to_json: true, post_process: [] },
      { value: { type: 'get_all', key: 'x', required: false }, decode: true, process: [] },
    ],
    [
      { input: { type: 'string', key: 'x' }, to_json: true },
      { value: { type: 'string', value: 'x' } },
    ],
    [
      { input: [read('x'), { type: 'get_all', key: 'x' }] },
      {
        values: [
          { ...read('x'), required: false },
          { type: 'get_all', key: 'x', after: ' \n', required: false },
        ],
        decode: true,
      },
    ],
  ])('[D9] [D14] returns what it says: %j', (returned, returns) => {
    expect(dria(tasks, { return_value: returned }).returns).toEqual(returns)
  })

  it('[D14] [X6] is refused where it is a monster, before anything reads it', () => {
    let deep: Json = {}
    for (let level = 0; level < 100; level += 1) deep = { deep }
    expect(() => fromDria(deep)).toThrow('the workflow is nested deeper than 48 levels')
  })

  it('[D14] is refused with what Zod found', () => {
    const cause: unknown = expect.objectContaining({ name: 'ZodError' })
    expect(() => fromDria(7)).toThrow(expect.objectContaining({ code: 'INVALID_DOCUMENT', cause }))
  })
})
