import { describe, expect, it } from 'vitest'
import { checkWorkflow } from '../../src/index.ts'
import { step, workflow } from '../drive.ts'
import { found, topic, unless } from './found.ts'

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

/** Steps each of which goes on, back or out. */
function chain(count: number): object {
  return workflow({
    ...topic,
    steps: Array.from({ length: count }, (_, index) =>
      step(`s${index}`, index === 0 ? '{{topic}}' : `{{s${index - 1}}}`),
    ),
    edges: Array.from({ length: count - 1 }, (_, index) => ({
      from: `s${index}`,
      ...unless(`s${index}`, `s${index + 1}`, index % 2 === 0 ? '_end' : `s${index - 1}`),
    })),
    limits: { maxSteps: count },
    returns: 's0',
  })
}

describe('a check of what cannot be read', () => {
  it('[D4] names every missing part and every misspelt name, with those that there are', () => {
    const document = {
      ...workflow({ steps: [{ id: 'a', operator: 'generation', promt: 'x' }] }),
      retunrs: 'a',
    }
    expect(found(document)).toEqual([
      'error UNREADABLE steps[0]',
      'error MISSING_RETURN returns',
      'error UNREADABLE ',
    ])
    const mends = checkWorkflow(document).map(({ mend }) => mend)
    expect(mends[0]).toContain('prompt, images, schema')
    expect(mends[1]).toContain('"returns"')
    expect(mends[2]).toContain('returns, limits')
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
    expect(finding).toMatchObject({ code: 'UNREADABLE', path: 'steps[1]' })
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

describe('a check of a monster', () => {
  it('[D15] refuses 100,000 steps and a depth of 10,000', () => {
    expect(checkWorkflow(chain(100_000))[0]?.message).toContain('the workflow holds more than')
    let deep: unknown = 1
    for (let depth = 0; depth < 10_000; depth += 1) deep = { steps: [deep] }
    expect(checkWorkflow(deep)[0]?.message).toContain('nested deeper')
  })

  it('[D15] says when there are too many branches to follow all', { timeout: 60_000 }, () => {
    const codes = new Set(checkWorkflow(chain(9000)).map(({ code }) => code))
    expect(codes).toContain('PARTLY_CHECKED')
  })
})
