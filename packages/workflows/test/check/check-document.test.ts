import { describe, expect, it } from 'vitest'
import { checkWorkflow } from '../../src/index.ts'
import { step, workflow } from '../drive.ts'
import { found, topic } from './found.ts'

/** A task of Dria's that reads keys and writes one under its id. */
function task(id: string, content: string, reads: readonly string[]): object {
  return {
    id,
    operator: 'generation',
    messages: [{ role: 'user', content }],
    inputs: reads.map((key) => ({ name: key, value: { type: 'read', key }, required: true })),
    outputs: [{ type: 'write', key: id, value: '__result' }],
  }
}

describe('a check of what cannot be read', () => {
  it('[D4] names every missing part and every misspelt name, with those that there are', () => {
    const document = {
      ...workflow({ steps: [{ id: 'a', operator: 'generation', promt: 'x' }] }),
      retunrs: 'a',
    }
    expect(found(document)).toEqual([
      'error UNREADABLE steps[0].promt',
      'error MISSING_RETURN returns',
      'error UNREADABLE retunrs',
    ])
    expect(checkWorkflow(document).map(({ mend }) => mend)).toEqual([
      "Did you mean 'prompt'?",
      'Say which key the workflow returns: "returns": "…".',
      "Did you mean 'returns'?",
    ])
  })

  it.for([
    null,
    undefined,
    3,
    'text',
    [],
    {},
    { version: 1 },
    { tasks: 3 },
    { tasks: [], steps: [] },
  ])('[D4] answers %j with an error, never with a throw', (json) => {
    const findings = checkWorkflow(json)
    expect(findings[0]?.severity).toBe('error')
    for (const { message, mend } of findings) expect([message, mend]).not.toContain('')
  })

  it('[D4] names the place of a prompt that cannot be read and of an edge that leads nowhere', () => {
    const document = workflow({
      steps: [step('a', '{{#each}}')],
      edges: [{ from: 'a', to: 'b', else: 'c' }],
      start: 'd',
      returns: 'a',
    })
    expect(found(document)).toEqual([
      'error UNREADABLE steps[0].prompt',
      'error UNKNOWN_STEP start',
      'error UNKNOWN_STEP edges[0].to',
      'error UNKNOWN_STEP edges[0].else',
      'error UNREADABLE edges[0].else',
    ])
  })

  it('[D4] names the step that has the id of another', () => {
    const document = workflow({
      ...topic,
      steps: [step('a', '{{topic}}'), step('a', '{{topic}}')],
      returns: 'a',
    })
    expect(found(document)).toEqual(['error SAME_ID steps[1].id'])
  })

  it('[D4] names the step that does not compile', () => {
    const steps = [step('a', '{{topic}}'), step('b', '{{a}}', { schema: { type: 'strnig' } })]
    const [finding] = checkWorkflow(workflow({ ...topic, steps, returns: 'b' }))
    expect(finding).toMatchObject({ code: 'UNREADABLE', path: 'steps[1].schema' })
    expect(finding?.message).toContain('strnig')
  })

  it('[D15] finds mistakes of Dria workflows where they stand in their JSON', () => {
    const document = {
      config: { max_steps: 10, max_time: 60, tools: [] },
      external_memory: { topic: 'CUDA', unused: 'x' },
      tasks: [
        { id: '_end', operator: 'end', messages: [], inputs: [], outputs: [] },
        task('a', 'About {{topic}} and {{b}}', ['topic', 'b']),
        task('b', 'Judge {a}', ['a']),
        task('c', 'Lost {a}', ['a']),
      ],
      steps: [
        { source: 'a', target: 'b' },
        { source: 'b', target: '_end' },
      ],
      return_value: { input: { type: 'read', key: 'b' } },
    }
    expect(found(document)).toEqual([
      'error READ_BEFORE_WRITTEN tasks[1].inputs',
      'warning UNREACHABLE_STEP tasks[3]',
      'warning UNREAD_KEY tasks[3].outputs[0]',
      'warning UNREAD_INPUT external_memory.unused',
    ])
    expect(found({ ...document, return_value: {} })).toEqual([
      'error UNREADABLE return_value.input',
    ])
    const unwritten = { ...document, return_value: { input: { type: 'read', key: 'answer' } } }
    expect(found(unwritten)).toContain('warning UNWRITTEN_RETURN return_value.input')
  })
})
