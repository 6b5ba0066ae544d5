import { describe, expect, it } from 'vitest'
import { checkWorkflow } from '../../src/index.ts'
import { step, workflow } from '../drive.ts'
import { found, only, topic, unless } from './found.ts'

/** What is found of circles in a step that leads back to itself. */
function circles(input: unknown, expression: string, more: object): readonly string[] {
  const document = workflow({
    input: { list: { type: 'array' } },
    steps: [step('a', 'Go', more)],
    edges: [{ from: 'a', to: '_end', if: { input, expression, expected: 3 }, else: 'a' }],
    returns: { value: { type: 'size', key: 'list' } },
  })
  return found(document).filter((text) => text.includes('CIRCLE'))
}

describe('the flow of a workflow', () => {
  it('[D15] finds steps that never run and edges that are never tried', () => {
    const document = workflow({
      ...topic,
      steps: [step('a', '{{topic}}'), step('b', '{{a}}'), step('c', '{{a}}')],
      edges: [
        { from: 'a', to: 'c' },
        { from: 'a', to: 'b' },
      ],
      returns: 'c',
    })
    expect(found(document)).toEqual([
      'warning UNREACHABLE_STEP steps[1]',
      'warning UNREACHABLE_EDGE edges[1]',
      'warning UNREAD_KEY steps[1]',
    ])
  })

  it('[D15] finds steps that never come to the end', () => {
    const document = workflow({
      ...topic,
      steps: [step('a', '{{topic}}'), step('b', '{{a}}')],
      edges: [{ from: 'b', to: 'a' }],
      returns: 'b',
    })
    const { code, severity, message, mend } = only(document)
    expect({ code, severity }).toEqual({ code: 'NO_END', severity: 'error' })
    expect(message).toContain("'a', 'b'")
    expect(mend).toContain("'_end'")
  })

  it('[D15] finds a circle whose condition nothing in it can change', () => {
    const edges = [{ from: 'b', ...unless('topic', '_end', 'a') }]
    const steps = [step('a', '{{topic}}'), step('b', '{{a}}')]
    const { code, message } = only(workflow({ ...topic, steps, edges, returns: 'b' }))
    expect(code).toBe('ENDLESS_CIRCLE')
    expect(message).toContain("left on 'topic'")
    const failing = [{ ...edges[0], fallback: '_end' }]
    const returns = ['a', 'b']
    expect(found(workflow({ ...topic, steps, edges: failing, returns }))).toEqual([
      'warning MAYBE_UNWRITTEN returns',
    ])
  })

  it('[D15] takes what a circle pops, pushes or stores for a change', () => {
    const size = { type: 'size', key: 'list' }
    expect(circles(size, 'GreaterThan', {})).toHaveLength(1)
    expect(circles(size, 'GreaterThan', { outputs: [{ type: 'push', key: 'list' }] })).toEqual([])
    expect(circles(size, 'LessThan', { inputs: { x: { type: 'pop', key: 'list' } } })).toEqual([])
    expect(circles('list', 'HaveSimilar', { outputs: [{ type: 'insert' }] })).toEqual([])
  })

  it('[D15] warns of a step that may have no way on', () => {
    const document = workflow({
      ...topic,
      steps: [step('a', '{{topic}}')],
      edges: [
        { from: 'a', to: '_end', if: { input: 'a', expression: 'Equal', expected: 'x' } },
        { from: 'a', to: 'a', if: { input: 'a', expression: 'Equal', expected: 'y' } },
      ],
      returns: 'a',
    })
    expect(found(document)).toEqual(['warning NO_WAY_ON edges[1]'])
  })

  it('[D8] finds a shortest way that is longer than the limit of steps', () => {
    const steps = Array.from({ length: 51 }, (_, index) =>
      step(`s${index}`, index === 0 ? '{{topic}}' : `{{s${index - 1}}}`),
    )
    const document = workflow({ ...topic, steps, returns: 's50' })
    const { code, message, mend } = only(document)
    expect(code).toBe('TOO_FEW_STEPS')
    expect(message).toContain('51 steps, and 50 are allowed')
    expect(mend).toContain('51')
    expect(checkWorkflow({ ...document, limits: { maxSteps: 51 } })).toEqual([])
  })
})
