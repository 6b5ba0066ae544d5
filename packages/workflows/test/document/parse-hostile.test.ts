import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseWorkflow, WorkflowError } from '../../src/index.ts'
import { drive, prompts, step, workflow } from '../drive.ts'

const one = { steps: [step('a', 'A')], returns: 'a' }

function range<T>(length: number, make: (index: number) => T): T[] {
  return Array.from({ length }, (_, index) => make(index))
}

/** A list that holds the list before it twice. */
function doubled(times: number): unknown {
  let value: unknown = []
  for (let time = 0; time < times; time += 1) value = [value, value]
  return value
}

function circle(): unknown {
  const value: { self?: unknown } = {}
  value.self = value
  return value
}

function calling(id: string, tools?: readonly string[]): object {
  return step(id, 'A', { operator: 'function_calling', ...(tools === undefined ? {} : { tools }) })
}

function patterned(id: string, pattern: string): object {
  return step(id, 'A', { schema: { type: 'string', pattern } })
}

/** Each alternative is two of the next. */
function multiplied(levels: number): object {
  const definitions = range(levels, (index) => {
    const next = { $ref: `#/$defs/d${index + 1}` }
    return [`d${index}`, { anyOf: [next, next] }] as const
  })
  return { $defs: Object.fromEntries(definitions), $ref: '#/$defs/d0' }
}

/** What the error of a document says. */
function refusal(document: unknown): string {
  try {
    parseWorkflow(document)
  } catch (error) {
    if (error instanceof WorkflowError) return error.message
    throw error
  }
  return 'accepted'
}

/** So many lists in one another. */
function nested(depth: number): unknown {
  let value: unknown = []
  for (let level = 0; level < depth; level += 1) value = [value]
  return value
}

const HOSTILE: readonly (readonly [string, () => object, string])[] = [
  [
    '10⁵ steps',
    () => ({ steps: range(100_000, (n) => step(`s${n}`, '')) }),
    'steps: the workflow has 100000 steps, and 10000 are the most. Repeat',
  ],
  ['a value that contains itself', () => ({ memory: { a: circle() } }), 'nested deeper'],
  ['a value that shares without end', () => ({ memory: { a: doubled(40) } }), 'values'],
  ['a prompt of 10 MB', () => ({ steps: [step('a', 'x'.repeat(10_000_000))] }), 'characters'],
  ['a key of 10 MB', () => ({ memory: { ['x'.repeat(10_000_000)]: 1 } }), 'characters'],
  ['bytes', () => ({ memory: { a: new Uint8Array(500_000) } }), 'values'],
  [
    'names in braces without end',
    () => ({ steps: range(10, () => step('a', '{{a}}'.repeat(50_000))) }),
    'names in braces',
  ],
  [
    'tools without end',
    () => ({ tools: range(100_000, (n) => `tool${n}`), steps: [calling('a')] }),
    'tools',
  ],
  [
    'tools of a step without end',
    () => ({
      tools: ['ALL'],
      steps: [
        calling(
          'a',
          range(100_000, (n) => `t${n}`),
        ),
      ],
    }),
    'steps[0].tools: expected at most 256 items, found 100000',
  ],
  [
    'large patterns without end',
    () => ({ steps: range(2000, (n) => patterned(`s${n}`, `a{${n % 900}}`)) }),
    'patterns',
  ],
  [
    'a pattern that would grow without end',
    () => ({ steps: [patterned('a', '((a{100}){100}){100}')] }),
    'too large',
  ],
  [
    'a schema that refers to itself in a circle',
    () => ({ steps: [step('a', 'A', { schema: { $ref: '#' } })] }),
    'refers to itself',
  ],
  [
    'alternatives that multiply',
    () => ({ steps: [step('a', 'A', { schema: multiplied(100) })] }),
    'nested deeper than 40',
  ],
  ['a key that is reserved', () => ({ memory: { constructor: 1 } }), 'reserved'],
  ['an id that is reserved', () => ({ steps: [step('prototype', 'A')] }), 'reserved'],
  ['a prompt that never closes', () => ({ steps: [step('a', '{{{ {{')] }), 'cannot be read'],
]

describe('a hostile document', () => {
  it.each(HOSTILE)('[X6] is refused at once: %s', (_, parts, message) => {
    const document = workflow({ ...one, ...parts() })
    expect(() => parseWorkflow(document)).toThrow(WorkflowError)
    expect(() => parseWorkflow(document)).toThrow(message)
  })

  it.each([null, undefined, 1, 'text', [], {}, () => 1, Symbol('x')])(
    '[D4] is refused where it is no document: %s',
    (document) => {
      expect(() => parseWorkflow(document)).toThrow(
        expect.objectContaining({ code: 'INVALID_DOCUMENT' }),
      )
    },
  )

  it('[X6] may have as many names in braces as a large document needs', () => {
    const steps = range(50, (n) => step(`s${n}`, '{{x}} '.repeat(900)))
    const document = parseWorkflow(workflow({ input: { x: {} }, steps, returns: 's0' }))
    expect(document.steps).toHaveLength(50)
  })

  it('[X6] may repeat a large set of characters often', () => {
    const members = range(400, (n) => `\\u{${(0x1000 + 3 * n).toString(16)}}`).join('')
    const steps = range(200, (n) => patterned(`s${n}`, `[${members}]{900}`))
    expect(parseWorkflow(workflow({ steps, returns: 's0' })).steps).toHaveLength(200)
  })

  it.each(['{{', '}}', '{{{', '}}}', '{{x}}', '{{#each xs}}', '{{! x }}', '\\{{', '{{/if}}'])(
    '[D3] is not what an input makes it: %s in a value reaches the model as it is',
    (value) => {
      const echo = workflow({ input: { x: {} }, steps: [step('a', '<{{x}}>')], returns: 'a' })
      const driven = drive(echo, { x: value }, { script: { a: ['yes'] } })
      expect(prompts(driven)).toEqual([`<${value}>`])
    },
  )
})

describe('a document that is hostile by its size or its keys', () => {
  it('[X6] is refused for its depth', () => {
    expect(refusal(nested(10_000))).toContain('nested deeper than 48')
    expect(refusal(workflow({ ...one, memory: { a: nested(50) } }))).toContain('nested deeper')
    expect(refusal(workflow({ ...one, memory: { a: nested(40) } }))).toBe('accepted')
  })

  it('[X6] is refused for its size', () => {
    const big = 'x'.repeat(4 * 1024 * 1024)
    expect(refusal(workflow({ ...one, steps: [step('a', big)] }))).toContain('3145728 characters')
    const prompt = 'x'.repeat(1024 * 1024 + 1)
    expect(refusal(workflow({ ...one, steps: [step('a', prompt)] }))).toContain(
      'steps[0].prompt: expected at most 1048576 characters, found 1048577',
    )
  })

  it('[X6] is refused for its number of values or steps', () => {
    expect(
      refusal(workflow({ ...one, memory: { a: Array.from({ length: 500_000 }, () => 1) } })),
    ).toContain('400000 values')
    const steps = Array.from({ length: 10_001 }, (_, index) => step(`s${index}`, 'x'))
    expect(refusal(workflow({ ...one, steps }))).toContain('steps')
  })

  it('[X6] is refused for keys of a prototype', () => {
    expect(refusal(JSON.parse('{"__proto__": {"a": 1}}'))).toContain("'__proto__'")
    expect(
      refusal(workflow({ ...one, memory: JSON.parse('{"a": [{"__proto__": 1}]}') })),
    ).toContain("'__proto__'")
    expect({}).not.toHaveProperty('a')
  })

  it('[X6] of the largest size is read', () => {
    const steps = Array.from({ length: 10_000 }, (_, index) => step(`s${index}`, 'x'))
    expect(refusal(workflow({ steps, returns: 's0' }))).toBe('accepted')
  })

  it('[X6] never makes anything but a WorkflowError', () => {
    const word = fc.constantFrom(
      'a',
      '_end',
      '{{a}}',
      '{{',
      '__proto__',
      'generation',
      'map',
      '',
      'read',
      'pop',
    )
    const value = fc.oneof(word, fc.integer(), fc.constant(null), fc.jsonValue())
    const anyStep = fc.record(
      {
        id: word,
        operator: fc.constantFrom('generation', 'map', 'sample', 'search', 'parallel'),
        prompt: value,
        over: value,
        as: word,
        from: value,
        query: value,
        body: value,
        branches: value,
        outputs: value,
        inputs: value,
        schema: value,
        when: value,
      },
      { requiredKeys: ['id', 'operator'] },
    )
    const document = fc.record(
      {
        version: fc.constant(1),
        name: word,
        input: value,
        steps: fc.array(anyStep, { maxLength: 3 }),
        edges: value,
        returns: value,
        tools: value,
        memory: value,
        limits: value,
      },
      { requiredKeys: ['version', 'name', 'steps'] },
    )
    fc.assert(
      fc.property(document, (made) => {
        expect(typeof refusal(made)).toBe('string')
      }),
      { numRuns: 1000 },
    )
  })
})
