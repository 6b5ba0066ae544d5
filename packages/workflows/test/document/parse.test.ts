import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseWorkflow, WorkflowError } from '../../src/index.ts'
import { step, workflow } from '../drive.ts'
import { one, REFUSALS } from './parse-refusals.ts'

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

describe('a document', () => {
  it('[D4] is read as it is', () => {
    const document = workflow(one)
    expect(parseWorkflow(document)).toEqual(document)
    expect(parseWorkflow(JSON.parse(JSON.stringify(document)))).toEqual(document)
  })

  it.each([
    ['null', null],
    ['a text', 'x'],
    ['a list', []],
    ['an empty object', {}],
    ['another version', workflow({ ...one, version: 2 })],
    ['no steps', workflow({ ...one, steps: [] })],
  ])('[D4] is refused: %s', (_, document) => {
    expect(() => parseWorkflow(document)).toThrow(
      expect.objectContaining({ name: 'WorkflowError', code: 'INVALID_DOCUMENT' }),
    )
  })

  it.each(REFUSALS)('[D4] is refused with the place and the mend: %s', (_, document, message) => {
    expect(refusal(document)).toContain(message)
  })

  it('[D4] names the step of the error', () => {
    const document = workflow({ ...one, steps: [step('a', '{{y}}')] })
    const run = () => parseWorkflow(document)
    expect(run).toThrow(expect.objectContaining({ step: 'a', code: 'INVALID_TEMPLATE' }))
  })

  it('[D15] may name tools of the node that it does not define where it allows all', () => {
    const steps = [{ id: 'a', operator: 'function_calling', prompt: 'x', tools: ['t'] }]
    expect(refusal(workflow({ steps, tools: ['ALL'], returns: 'a' }))).toBe('accepted')
  })
})

/** So many lists in one another. */
function nested(depth: number): unknown {
  let value: unknown = []
  for (let level = 0; level < depth; level += 1) value = [value]
  return value
}

describe('a hostile document', () => {
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
