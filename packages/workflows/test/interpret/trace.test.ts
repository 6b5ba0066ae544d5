import { describe, expect, it } from 'vitest'
import type { StepTrace } from '../../src/index.ts'
import { drive, fails, says, step, workflow } from '../drive.ts'

const nothing = {
  answer: '',
  model: '',
  finishReason: 'stop',
  usage: { input: 0, output: 0 },
  ms: 0,
}

describe('the trace', () => {
  it('[D16] has what was asked in vain: of a model that is tried again, and of a search that falls back', () => {
    const document = workflow({
      steps: [
        step('a', 'one', { retry: 1 }),
        { id: 'find', operator: 'search', query: 'geese' },
        step('b', '{{a}}'),
      ],
      edges: [{ from: 'find', to: '_end', fallback: 'b' }],
      returns: 'b',
    })
    const script = { a: [fails('gone', true), 'A'], find: [fails('offline')], b: ['B'] }
    const { outcome } = drive(document, {}, { script, trace: true })
    expect(outcome.trace).toEqual([
      { step: 'a', prompt: 'one', ...nothing, error: 'gone' },
      expect.objectContaining({ step: 'a', prompt: 'one', answer: 'A' }),
      { step: 'find', prompt: 'geese', ...nothing, error: 'offline' },
      expect.objectContaining({ step: 'b', prompt: 'A', answer: 'B' }),
    ])
    expect(outcome.trace[1]).not.toHaveProperty('error')
    expect(outcome.usage).toEqual({ input: 6, output: 4 })
  })

  it('[D16] is there where the workflow fails, for whoever brings the list', () => {
    const document = workflow({ steps: [step('a', 'one'), step('b', '{{a}}')], returns: 'b' })
    const trace: StepTrace[] = []
    const script = { a: ['A'], b: [fails('gone')] }
    expect(() => drive(document, {}, { script, trace })).toThrow("step 'b': gone")
    expect(trace.map(({ step: id, prompt, answer, error }) => [id, prompt, answer, error])).toEqual(
      [
        ['a', 'one', 'A', undefined],
        ['b', 'A', '', 'gone'],
      ],
    )
    const { outcome } = drive(document, {}, { script: { a: [says('A')], b: ['B'] }, trace })
    expect(outcome.trace).toBe(trace)
  })
})
