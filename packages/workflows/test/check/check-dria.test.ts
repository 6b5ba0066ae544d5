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

/** The same with a tool, as one that calls tools. */
function calling(operator: string, mode: string, tools: readonly string[] = []): object {
  const [ask, end] = dria().tasks
  const tool = { name: 'sum', mode, description: '', url: 'https://x/', method: 'GET' }
  return {
    ...dria(),
    config: { max_steps: 5, max_time: 60, tools, custom_tools: [tool] },
    tasks: [end, { ...ask, operator }],
  }
}

describe('a check of a Dria document', () => {
  it('[D12] [D15] names a task that is to run a custom tool, and what returns its calls', () => {
    expect(checkWorkflow(calling('function_calling', 'custom'))).toEqual([
      {
        severity: 'error',
        code: 'UNRUNNABLE_TOOL',
        path: 'tasks[1].operator',
        message: `task 'ask' is not offered 'sum': nothing can run a tool of the mode "custom"`,
        mend: 'Use "function_calling_raw", which returns the calls; or a tool of the mode "http_request".',
      },
    ])
  })

  it('[D12] [D15] warns of a custom tool beside others that can be run', () => {
    const [[severity, code] = []] = about(calling('function_calling', 'custom', ['jina']))
    expect([severity, code]).toEqual(['warning', 'UNRUNNABLE_TOOL'])
  })

  it.each([
    ['function_calling', 'http_request'],
    ['function_calling_raw', 'custom'],
    ['generation', 'custom'],
  ])('[D12] [D15] lets a task with %s have a tool of the mode %s', (operator, mode) => {
    expect(checkWorkflow(calling(operator, mode))).toEqual([])
  })

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
