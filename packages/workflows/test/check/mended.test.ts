import { describe, expect, it } from 'vitest'
import { step, workflow } from '../drive.ts'
import { found, topic, unless } from './found.ts'

/** Reads a key before it is written. */
const early = { ...topic, steps: [step('a', '{{b}} {{topic}}'), step('b', '{{a}}')], returns: 'b' }

describe('a document with a mistake in its form', () => {
  it('[D15] is checked for its flow as well: a key that means nothing does not matter', () => {
    const steps = [step('a', '{{b}} {{topic}}', { colour: 'red' }), step('b', '{{a}}')]
    expect(found(workflow({ ...early, steps, extra: 1 }))).toEqual([
      'error UNREADABLE steps[0].colour',
      'error UNREADABLE extra',
      'error READ_BEFORE_WRITTEN steps[0].prompt',
    ])
  })

  it('[D15] is read as if its misspelt keys were right, and named by what it says', () => {
    const steps = [
      { id: 'a', operator: 'generation', promt: '{{b}}', outptus: [{ type: 'write', key: 'c' }] },
      step('b', '{{c}} {{topic}}'),
    ]
    expect(found(workflow({ ...early, steps }))).toEqual([
      'error UNREADABLE steps[0].promt',
      'error UNREADABLE steps[0].outptus',
      'error READ_BEFORE_WRITTEN steps[0].promt',
    ])
    const unread = {
      ...topic,
      steps: [step('a', '{{topic}}'), { ...step('b', 'x'), outpts: [{ type: 'write', key: 'd' }] }],
    }
    expect(found(workflow({ ...unread, returns: 'a' }))).toEqual([
      'error UNREADABLE steps[1].outpts',
      'warning UNREAD_KEY steps[1].outpts[0]',
    ])
  })

  it('[D15] is checked without values that its flow does not depend on', () => {
    const odd = {
      maxTokens: -1,
      sampling: { temperature: 'hot', topP: 2 },
      retry: 'often',
      schema: 3,
    }
    const steps = [step('a', '{{b}} {{topic}}', odd), step('b', '{{a}}')]
    expect(found(workflow({ ...early, steps, description: 3 }))).toEqual([
      'error UNREADABLE description',
      'error UNREADABLE steps[0].retry',
      'error UNREADABLE steps[0].schema',
      'error UNREADABLE steps[0].sampling.temperature',
      'error UNREADABLE steps[0].sampling.topP',
      'error UNREADABLE steps[0].maxTokens',
      'error READ_BEFORE_WRITTEN steps[0].prompt',
    ])
  })

  it('[D15] is not told of what it lacks only because it was left out', () => {
    const steps = Array.from({ length: 51 }, (_, index) =>
      step(`s${index}`, index === 0 ? '{{topic}}' : `{{s${index - 1}}}`),
    )
    const document = { ...topic, steps, returns: 's50' }
    expect(found(workflow(document))).toEqual(['error TOO_FEW_STEPS limits'])
    expect(found(workflow({ ...document, limits: { maxSteps: 'all' } }))).toEqual([
      'error UNREADABLE limits.maxSteps',
    ])
  })

  it('[D15] is not followed where its flow would be a guess', () => {
    const edges = [{ from: 'a', ...unless('b', 'b', '_end') }]
    expect(found(workflow({ ...early, edges: [{ ...edges[0], to: 3 }] }))).toEqual([
      'error UNREADABLE edges[0].to',
    ])
    const inputs = { title: { type: 'read', key: 3 } }
    const steps = [step('a', '{{b}}', { inputs }), step('b', '{{a}}')]
    expect(found(workflow({ ...early, steps }))).toEqual([
      'error UNREADABLE steps[0].inputs.title.key',
    ])
  })

  it('[D15] keeps the key that is right beside its misspelt twin', () => {
    const steps = [step('a', '{{b}} {{topic}}', { prmpt: '{{topic}}' }), step('b', '{{a}}')]
    expect(found(workflow({ ...early, steps }))).toEqual([
      'error UNREADABLE steps[0].prmpt',
      'error READ_BEFORE_WRITTEN steps[0].prompt',
    ])
  })

  it('[D15] with very much wrong is told of that only', () => {
    const steps = Array.from({ length: 101 }, (_, index) => step(`s${index}`, '{{s0}}', { x: 1 }))
    const codes = found(workflow({ ...topic, steps, returns: 's0' }))
    expect(codes).toHaveLength(101)
    expect(new Set(codes.map((line) => line.split(' ')[1]))).toEqual(new Set(['UNREADABLE']))
  })
})
