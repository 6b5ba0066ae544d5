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
