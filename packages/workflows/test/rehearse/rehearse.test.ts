import { describe, expect, it } from 'vitest'
import { step } from '../drive.ts'
import { questions, rehearsed, when } from './rehearsed.ts'

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

  it('[P12] names the operator, the schema and the branch around of what is asked', () => {
    const schema = { type: 'boolean' }
    const inner = { steps: [step('i', 'x', { schema })], returns: 'i' }
    const nested = {
      steps: [{ id: 'in', operator: 'parallel', branches: { deep: inner } }],
      returns: 'deep',
    }
    const rehearsal = rehearsed({
      tools: ['look'],
      steps: [
        { id: 'out', operator: 'parallel', branches: { wide: nested } },
        { id: 'use', operator: 'function_calling', prompt: '{{wide}}' },
        { id: 'raw', operator: 'function_calling_raw', prompt: '{{use}}' },
        { id: 'draw', operator: 'sample', from: { topic: { type: 'get_all', key: 'raw' } } },
      ],
      returns: ['wide', 'use', 'raw'],
    })
    const [asked, ...others] = rehearsal.steps
    expect(asked).toEqual({
      step: 'i',
      operator: 'generation',
      inside: 'out/wide/in/deep',
      messages: [{ role: 'user', content: 'x' }],
      schema,
    })
    expect(others).toEqual([
      { step: 'in', operator: 'parallel', inside: 'out/wide' },
      { step: 'out', operator: 'parallel' },
      {
        step: 'use',
        operator: 'function_calling',
        after: 'out',
        messages: [{ role: 'user', content: 'true' }],
        tools: ['look'],
      },
      {
        step: 'raw',
        operator: 'function_calling_raw',
        after: 'use',
        messages: [{ role: 'user', content: '‹use›' }],
        tools: ['look'],
      },
      {
        step: 'draw',
        operator: 'sample',
        after: 'raw',
        problem: "there is nothing to draw 'topic' from",
      },
    ])
    expect(rehearsal.output).toEqual({ wide: true, use: '‹use›', raw: [] })
  })

  it('[P12] takes one made-up call of a tool, and the result that stands for what cannot be asked', () => {
    const parameters = { properties: { n: { type: 'integer' } } }
    const tool = (name: string): object => ({ name, description: '', parameters })
    const rehearsal = rehearsed({
      tools: [tool('add'), tool('subtract')],
      steps: [
        { id: 'raw', operator: 'function_calling_raw', prompt: '{{topic}}' },
        { id: 'none', operator: 'sample', from: { x: 'empty' } },
        { id: 'find', operator: 'search', query: '{{late}}' },
        step('late', 'x'),
      ],
      memory: { empty: [] },
      returns: ['raw', 'none', 'find'],
    })
    expect(rehearsal.output).toEqual({
      raw: [{ name: 'add', arguments: { n: 1 } }],
      none: '‹none›',
      find: [{ title: '‹find title›', link: 'https://example.com/', snippet: '‹find snippet›' }],
    })
    expect(rehearsal.steps.map(({ problem }) => problem)).toEqual([
      undefined,
      "there is nothing to draw 'x' from",
      '{{late}} has no value',
      undefined,
    ])
  })

  it('[P12] maps over a list that it makes up where it is no list, by any way to read it', () => {
    const body = { steps: [step('e', '{{item}}')], returns: 'e' }
    const inputs = { own: { type: 'read', key: 'words' } }
    const each = (id: string, over: unknown): object => {
      return { id, operator: 'map', inputs, over, as: 'item', body }
    }
    const rehearsal = rehearsed({
      memory: { words: ['one', 'two'] },
      steps: [
        each('text', 'topic'),
        each('given', 'words'),
        each('taken', { type: 'get_all', key: 'words' }),
        each('renamed', 'own'),
      ],
      returns: ['text', 'given', 'taken', 'renamed'],
    })
    expect(questions(rehearsal).filter((line) => line.startsWith('e:'))).toEqual([
      'e: ‹item›',
      'e: one',
      'e: one',
      'e: one',
    ])
    expect(rehearsal.steps.map(({ inside }) => inside).filter(Boolean)).toEqual([
      'text',
      'given',
      'taken',
      'renamed',
    ])
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
