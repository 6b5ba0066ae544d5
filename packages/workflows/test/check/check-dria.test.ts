import { describe, expect, it } from 'vitest'
import { checkWorkflow } from '../../src/index.ts'

/** A task that asks with one input, from a list of edges. */
function dria({ prompt = 'About {topic}', target = '_end', source = 'ask', fallback = '' } = {}) {
  const value = { type: 'read', key: 'topic' }
  return {
    config: { max_steps: 10, max_time: 100, tools: [] },
    external_memory: { topic: 'geese' },
    tasks: [
      {
        id: 'ask',
        prompt,
        inputs: [{ name: 'topic', value, required: true }],
        operator: 'generation',
        outputs: [{ type: 'write', key: 'answer', value: '__result' }],
      },
      { id: '_end', operator: 'end' },
    ],
    steps: [{ source, target, ...(fallback !== '' && { fallback }) }],
    return_value: { input: { type: 'read', key: 'answer' } },
  }
}

const about = (document: unknown) =>
  checkWorkflow(document).map(({ severity, code, path, mend }) => [severity, code, path, mend])

describe('a check of a Dria document', () => {
  it('[D15] [D14] finds nothing where there is nothing', () => {
    expect(checkWorkflow(dria())).toEqual([])
    expect(
      checkWorkflow(dria({ target: '__end', prompt: 'JSON like {"a": 1} about {{topic}}' })),
    ).toEqual([])
  })

  it('[D15] names an edge that leads to no task, or from none', () => {
    const mend = `There are 'ask', '_end'. Name one of them, or "_end".`
    expect(about(dria({ target: 'aks' }))).toContainEqual([
      'warning',
      'UNKNOWN_STEP',
      'steps[0].target',
      mend,
    ])
    expect(about(dria({ fallback: 'aks' }))).toContainEqual([
      'warning',
      'UNKNOWN_STEP',
      'steps[0].fallback',
      mend,
    ])
  })

  it('[D15] names a word in braces that is no input, where an input goes unused', () => {
    expect(about(dria({ prompt: 'About {topci}' }))).toContainEqual([
      'warning',
      'UNKNOWN_KEY',
      'tasks[0].prompt',
      'Write {{topic}} if that is meant.',
    ])
    expect(checkWorkflow(dria({ prompt: 'About {topic} in {style}' }))).toEqual([])
  })
})
