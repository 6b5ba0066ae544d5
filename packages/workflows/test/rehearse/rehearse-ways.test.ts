import { describe, expect, it } from 'vitest'
import { step } from '../drive.ts'
import { questions, rehearsed, when } from './rehearsed.ts'

/** An edge from the step a. */
function edge(to: string, more: object = {}): object {
  return { from: 'a', to, ...more }
}

describe('the ways of a rehearsal', () => {
  it('[P12] shows four different questions of one step at most, and none twice', () => {
    const rounds = Array.from({ length: 9 }, (_, index) =>
      step(`s${index}`, 'x', { outputs: [{ type: 'push', key: 'seen' }] }),
    )
    const ask = step('ask', '{{#each seen}}{{this}}{{/each}}')
    // Comes back to the same question after each step, with one more that was seen.
    const edges = rounds.flatMap(({ id }, index) => [
      { from: id, to: 'ask' },
      {
        from: 'ask',
        to: `s${index}`,
        if: { input: 'topic', expression: 'Equal', expected: index },
      },
    ])
    const rehearsal = rehearsed({
      steps: [ask, ...rounds],
      edges: [...edges, { from: 'ask', to: '_end' }],
      returns: 'ask',
    })
    const asked = questions(rehearsal).filter((line) => line.startsWith('ask:'))
    expect(new Set(asked).size).toBe(asked.length)
    expect(asked.length).toBeLessThanOrEqual(4)
    expect(asked[0]).toBe('ask: ')
  })

  it('[P12] follows edges in order up to the one that is always taken', () => {
    const condition = { if: { input: 'topic', expression: 'Equal', expected: 'x' } }
    const steps = ['a', 'b', 'c', 'd', 'e'].map((id) => step(id, id))
    const end = ['b', 'c', 'd', 'e'].map((id) => ({ from: id, to: '_end' }))
    const walked = (edges: readonly object[]): readonly string[] =>
      rehearsed({ steps, edges: [...edges, ...end], returns: 'a' }).steps.map(({ step: id }) => id)
    expect(walked([edge('b', condition), edge('c'), edge('d')])).toEqual(['a', 'b', 'c'])
    expect(walked([edge('b', { ...condition, else: 'd' }), edge('c')])).toEqual(['a', 'b', 'd'])
    expect(walked([edge('b', condition), edge('c', condition)])).toEqual(['a', 'b', 'c'])
    expect(walked([edge('b', { fallback: '_end' })])).toEqual(['a', 'b'])
    expect(walked([edge('_end', { fallback: 'e' })])).toEqual(['a', 'e'])
  })

  it('[P12] gives each way a memory of its own', () => {
    const push = { outputs: [{ type: 'push', key: 'seen' }] }
    const rehearsal = rehearsed({
      steps: [
        step('sort', 'x'),
        step('left', 'l', push),
        step('right', '{{#each seen}}{{this}}{{/each}}', push),
      ],
      edges: [
        { from: 'sort', ...when('sort', 'left', 'right') },
        { from: 'left', to: '_end' },
      ],
      returns: { value: { type: 'get_all', key: 'seen' } },
    })
    expect(questions(rehearsal)).toEqual(['sort: x', 'left: l', 'right: '])
    expect(rehearsal.output).toEqual(['‹left›'])
  })

  it('[P12] has no output where its return value is not there, and none of a body without an end', () => {
    const lost = rehearsed({
      steps: [step('a', 'x', { outputs: [{ type: 'insert' }] }), step('b', 'y')],
      edges: [{ from: 'a', to: '_end' }],
      returns: 'b',
    })
    expect(lost).toMatchObject({ output: undefined, complete: true })
    const round = rehearsed({
      steps: [step('a', 'x')],
      edges: [{ from: 'a', to: 'a' }],
      returns: 'a',
    })
    expect(round.output).toBeUndefined()
  })
})
