import { describe, expect, it } from 'vitest'
import { parseWorkflow, rehearse, type Rehearsal } from '../../src/index.ts'
import { step, workflow } from '../drive.ts'

function rehearsed(parts: object, input?: Readonly<Record<string, unknown>>): Rehearsal {
  return rehearse(
    parseWorkflow(workflow({ input: { topic: { type: 'string' } }, ...parts })),
    input,
  )
}

/** "draft: About geese" for each question. */
function questions({ steps }: Rehearsal): readonly string[] {
  return steps.map(
    ({ step: id, messages, query, problem }) =>
      `${id}: ${messages?.at(-1)?.content ?? query ?? problem ?? ''}`,
  )
}

function when(key: string, to: string, otherwise: string): object {
  return { to, if: { input: key, expression: 'Equal', expected: 'yes' }, else: otherwise }
}

describe('a rehearsal', () => {
  it('[P12] renders the prompts of every branch with values made from the schemas', () => {
    const rehearsal = rehearsed({
      steps: [
        step('sort', 'Sort {{topic}}', { schema: { enum: ['short', 'long'] } }),
        step('short', 'In short: {{topic}}, which is {{sort}}'),
        step('long', 'At length: {{topic}}'),
      ],
      edges: [
        { from: 'sort', ...when('sort', 'short', 'long') },
        { from: 'short', to: '_end' },
      ],
      returns: 'topic',
    })
    expect(questions(rehearsal)).toEqual([
      'sort: Sort ‹topic›',
      'short: In short: ‹topic›, which is short',
      'long: At length: ‹topic›',
    ])
    expect(rehearsal).toMatchObject({ output: '‹topic›', complete: true })
    expect(rehearsal.steps.map(({ after }) => after)).toEqual([undefined, 'sort', 'sort'])
  })

  it('[P12] takes what is known of the input', () => {
    const rehearsal = rehearsed(
      { steps: [step('a', '{{topic}}', { system: 'Be terse' })], returns: 'a' },
      { topic: 'geese' },
    )
    expect(rehearsal.steps[0]?.messages).toEqual([
      { role: 'system', content: 'Be terse' },
      { role: 'user', content: 'geese' },
    ])
    expect(rehearsal.output).toBe('‹a›')
  })

  it('[P12] shows what a circle asks in its first round and in a later one, and ends', () => {
    const rehearsal = rehearsed({
      steps: [
        step('draft', '{{topic}}{{#if note}}; mend: {{note}}{{/if}}'),
        step('judge', '{{draft}}', { outputs: [{ type: 'write', key: 'note' }] }),
      ],
      edges: [{ from: 'judge', ...when('note', '_end', 'draft') }],
      returns: 'draft',
    })
    expect(questions(rehearsal)).toEqual([
      'draft: ‹topic›',
      'judge: ‹draft›',
      'draft: ‹topic›; mend: ‹judge›',
    ])
  })

  it('[P12] walks fallbacks with memory as it was before the failure', () => {
    const rehearsal = rehearsed({
      steps: [step('a', '{{topic}}'), step('b', '{{#if a}}after {{a}}{{else}}without{{/if}}')],
      edges: [{ from: 'a', to: '_end', fallback: 'b' }],
      returns: 'a',
    })
    expect(questions(rehearsal)).toEqual(['a: ‹topic›', 'b: without'])
  })

  it('[P12] says on which way a prompt cannot be rendered', () => {
    const rehearsal = rehearsed({
      steps: [step('a', '{{b}}'), step('b', '{{topic}}')],
      returns: 'b',
    })
    expect(questions(rehearsal)).toEqual(['a: {{b}} has no value', 'b: ‹topic›'])
  })

  it('[P12] goes into branches and bodies, searches, draws and calls of tools', () => {
    const rehearsal = rehearsed({
      input: { topic: { type: 'string' }, list: { type: 'array', items: { type: 'integer' } } },
      memory: { styles: ['plain'] },
      tools: [
        'look',
        { name: 'add', description: '', parameters: { properties: { a: { type: 'integer' } } } },
      ],
      steps: [
        { id: 'style', operator: 'sample', from: { style: 'styles' } },
        { id: 'find', operator: 'search', query: '{{topic}}, {{style}}' },
        {
          id: 'both',
          operator: 'parallel',
          branches: {
            pro: { steps: [step('p', 'For {{topic}}')], returns: 'p' },
            con: { steps: [step('c', 'Against {{topic}}')], returns: 'c' },
          },
        },
        {
          id: 'each',
          operator: 'map',
          over: 'list',
          as: 'item',
          indexAs: 'place',
          body: { steps: [step('e', '{{place}}: {{item}}')], returns: 'e' },
        },
        {
          id: 'call',
          operator: 'function_calling_raw',
          prompt: '{{pro}} {{con}} {{each}} {{find}}',
        },
      ],
      returns: ['call', 'each'],
    })
    expect(questions(rehearsal)).toEqual([
      'style: ',
      'find: ‹topic›, plain',
      'p: For ‹topic›',
      'c: Against ‹topic›',
      'both: ',
      'e: 0: 1',
      'each: ',
      'call: ‹p› ‹c› ["‹e›"] [{"title":"‹find title›","link":"https://example.com/","snippet":"‹find snippet›"}]',
    ])
    expect(rehearsal.steps.map(({ inside }) => inside).filter(Boolean)).toEqual([
      'both/pro',
      'both/con',
      'each',
    ])
    expect(rehearsal.steps.at(-1)?.tools).toEqual(['add', 'look'])
    expect(rehearsal.output).toEqual({
      call: [{ name: 'add', arguments: { a: 1 } }],
      each: ['‹e›'],
    })
  })

  it('[P12] says that a list to map over is empty', () => {
    const rehearsal = rehearsed(
      {
        input: { list: { type: 'array' } },
        steps: [
          {
            id: 'each',
            operator: 'map',
            over: 'list',
            as: 'item',
            body: { steps: [step('e', '{{item}}')], returns: 'e' },
          },
        ],
        returns: 'each',
      },
      { list: [] },
    )
    expect(questions(rehearsal)).toEqual(['each: the list is empty here'])
  })

  it('[P12] of a monster is bounded, and says so', { timeout: 60_000 }, () => {
    const count = 3000
    const steps = Array.from({ length: count }, (_, index) =>
      step(`s${index}`, `{{big}} {{#if s${(index + 1) % count}}}again{{/if}} {{topic}}`),
    )
    const edges = steps.map((_, index) => ({
      from: `s${index}`,
      ...when('topic', `s${(index + 1) % count}`, `s${(index * 7) % count}`),
      fallback: `s${(index * 3) % count}`,
    }))
    const parts = { steps, edges, returns: 'topic' }
    const small = rehearsed({ ...parts, memory: { big: 'x' } })
    expect(small.complete).toBe(true)
    expect(new Set(small.steps.map(({ step: id }) => id)).size).toBe(count)
    const large = rehearsed({ ...parts, memory: { big: 'x'.repeat(10_000) } })
    expect(large.complete).toBe(false)
    expect(large.steps.length).toBeLessThan(2000)
  })
})
