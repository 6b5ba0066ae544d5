import { describe, expect, it } from 'vitest'
import { checkWorkflow, fromDria, parseWorkflow, type WorkflowDocument } from '../../src/index.ts'
import { step, workflow } from '../drive.ts'

const one = { steps: [step('a', 'x')], returns: 'a' }

function many<T>(count: number, value: T): T[] {
  return Array.from({ length: count }, () => value)
}

function read(parts: object): WorkflowDocument {
  return parseWorkflow(workflow({ ...one, ...parts }))
}

const INPUTS = 'Give long texts as inputs, or cut the workflow into several.'

const CASES: readonly (readonly [string, object, string])[] = [
  [
    'a text',
    { steps: [step('a', 'x'), step('b', 'x'.repeat(3 * 1024 * 1024))] },
    `steps[1].prompt: the workflow holds more than 3145728 characters, counted up to here. ${INPUTS}`,
  ],
  [
    'a key',
    { memory: { a: { ['x'.repeat(3 * 1024 * 1024)]: 1 } } },
    `memory.a: the workflow holds more than 3145728 characters, counted up to here. ${INPUTS}`,
  ],
  [
    'values',
    { memory: { a: 1, b: { c: many(400_000, 1) } } },
    'memory.b.c: the workflow holds more than 400000 values, counted up to here. Give large data as inputs.',
  ],
  [
    'names in braces',
    { steps: many(3, step('a', '{{a}}'.repeat(20_000))) },
    'steps[2].prompt: the workflow holds more than 50000 names in braces, counted up to here. Use fewer {{…}}, or cut the workflow into several.',
  ],
  [
    'patterns',
    { steps: many(1001, step('a', 'x', { schema: { pattern: 'x' } })) },
    'steps[1000].schema: the workflow holds more than 1000 patterns, counted up to here. Use fewer patterns, or cut the workflow into several.',
  ],
  [
    'the name of a prototype',
    { memory: JSON.parse('{"a": [{"__proto__": 1}]}') as unknown },
    "memory.a[0]: the workflow has a key '__proto__', which means something else to programs. Give the key another name.",
  ],
  [
    'steps',
    { steps: many(10_001, step('a', 'x')) },
    'steps: the workflow has 10001 steps, and 10000 are the most. Repeat steps with a map or an edge that leads back, or cut the workflow into several.',
  ],
  [
    'edges',
    { edges: many(40_001, { from: 'a', to: 'a' }) },
    'edges: the workflow has 40001 edges, and 40000 are the most. Repeat steps with a map or an edge that leads back, or cut the workflow into several.',
  ],
]

describe('a document that is too large', () => {
  it.each(CASES)(
    '[X6] names the first place that is too much, and the mend: %s',
    (_, parts, text) => {
      expect(() => parseWorkflow(workflow({ ...one, ...parts }))).toThrow(text)
    },
  )

  it('[X6] may hold exactly as much as is allowed', () => {
    expect(read({ steps: [step('a', '{{a}}'.repeat(50_000))] }).steps).toHaveLength(1)
    expect(read({ memory: { a: many(1000, { pattern: 'x' }) } }).memory).toBeDefined()
    // The document itself, its members and those of the step are values, too.
    expect(read({ memory: { a: many(400_000 - 12, 1) } }).memory).toBeDefined()
    expect(() => read({ memory: { a: many(400_000 - 11, 1) } })).toThrow(
      'memory.a: the workflow holds more than 400000 values',
    )
  })

  it('[X6] tells the command that checks it the same', () => {
    const monster = { tasks: many(10_001, 1), steps: many(40_000, 1) }
    expect(checkWorkflow(monster)).toEqual([
      {
        severity: 'error',
        code: 'UNREADABLE',
        path: 'tasks',
        message: 'the workflow has 10001 tasks, and 10000 are the most',
        mend: 'Repeat tasks with an edge that leads back, or cut the workflow into several.',
      },
    ])
    expect(() => fromDria(monster)).toThrow('tasks: the workflow has 10001 tasks')
  })
})
