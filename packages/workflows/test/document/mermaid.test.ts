import { describe, expect, it } from 'vitest'
import { mermaid } from '../../src/document/mermaid.ts'
import { parseWorkflow } from '../../src/index.ts'
import { step, workflow } from '../drive.ts'

/** The diagram of a workflow, line by line. */
function drawn(parts: Readonly<Record<string, unknown>>): readonly string[] {
  return mermaid(parseWorkflow(workflow(parts))).split('\n')
}

const inner = { steps: [step('x', 'hi')], returns: 'x' }

describe('the diagram of a workflow', () => {
  it('[D6] leads from step to step where there are no edges', () => {
    expect(drawn({ steps: [step('a', 'hi'), step('b', 'hi')], returns: 'b' })).toEqual([
      'flowchart TD',
      '  s_start(( )) --> s0',
      '  s0["a"]',
      '  s1["b"]',
      '  s_end(("end"))',
      '  s0 --> s1',
      '  s1 --> s_end',
    ])
  })

  it('[D6] shows where it starts, conditions, other ways, and ways on failure', () => {
    const edges = [
      {
        from: 'a',
        to: 'b',
        if: { input: 'a', expression: 'Equal', expected: 'yes' },
        else: '_end',
      },
      { from: 'b', to: 'a', fallback: '_end' },
    ]
    expect(
      drawn({ steps: [step('a', 'hi'), step('b', 'hi')], start: 'b', edges, returns: 'a' }).slice(
        1,
      ),
    ).toEqual([
      '  s_start(( )) --> s1',
      '  s0["a"]',
      '  s1["b"]',
      '  s_end(("end"))',
      '  s0 -->|"a = yes"| s1',
      '  s0 -->|else| s_end',
      '  s1 --> s0',
      '  s1 -.->|on failure| s_end',
    ])
  })

  it.each([
    ['Equal', 7, 'a = 7'],
    ['NotEqual', true, 'a ≠ true'],
    ['Contains', 'x', 'a contains x'],
    ['NotContains', 'x', 'a lacks x'],
    ['GreaterThan', 1, 'a #gt; 1'],
    ['LessThan', 1, 'a #lt; 1'],
    ['GreaterThanOrEqual', 1, 'a ≥ 1'],
    ['LessThanOrEqual', 1, 'a ≤ 1'],
    ['HaveSimilar', 'x', 'a is like x'],
  ])('[D7] says %s with a sign or a word', (expression, expected, text) => {
    const edges = [{ from: 'a', to: '_end', if: { input: 'a', expression, expected } }]
    expect(drawn({ steps: [step('a', 'hi')], edges, returns: 'a' })).toContain(
      `  s0 -->|"${text}"| s_end`,
    )
  })

  it.each([
    [{ type: 'size', key: 'a' }, 'size a = 1'],
    [{ type: 'input' }, 'input = 1'],
  ])('[D7] says how a condition reads: %j', (input, text) => {
    const edges = [{ from: 'a', to: '_end', if: { input, expression: 'Equal', expected: 1 } }]
    expect(drawn({ steps: [step('a', 'hi')], edges, returns: 'a' })).toContain(
      `  s0 -->|"${text}"| s_end`,
    )
  })

  it('[D15] has what is inside a map and a parallel step in a box', () => {
    const steps = [
      { id: 'm', operator: 'map', over: 'list', as: 'i', body: inner },
      { id: 'p', operator: 'parallel', branches: { left: inner, right: inner } },
    ]
    expect(drawn({ memory: { list: [] }, steps, returns: 'm' })).toEqual([
      'flowchart TD',
      '  s_start(( )) --> s0',
      '  subgraph s0 ["m (map)"]',
      '    s0m_start(( )) --> s0m0',
      '    s0m0["x"]',
      '    s0m_end(("end"))',
      '    s0m0 --> s0m_end',
      '  end',
      '  subgraph s1 ["p (parallel)"]',
      '    subgraph s1b0 ["left"]',
      '      s1b0s_start(( )) --> s1b0s0',
      '      s1b0s0["x"]',
      '      s1b0s_end(("end"))',
      '      s1b0s0 --> s1b0s_end',
      '    end',
      '    subgraph s1b1 ["right"]',
      '      s1b1s_start(( )) --> s1b1s0',
      '      s1b1s0["x"]',
      '      s1b1s_end(("end"))',
      '      s1b1s0 --> s1b1s_end',
      '    end',
      '  end',
      '  s_end(("end"))',
      '  s0 --> s1',
      '  s1 --> s_end',
    ])
  })

  it('[X6] holds no name that would end its label or begin markup', () => {
    const steps = [step('a"b#c<d>e', 'hi'), { id: 'search it', operator: 'search', query: 'q' }]
    expect(drawn({ steps, returns: 'search it' }).slice(2, 4)).toEqual([
      '  s0["a#quot;b#35;c#lt;d#gt;e"]',
      '  s1["search it (search)"]',
    ])
    const edges = [
      { from: 'a', to: '_end', if: { input: 'a', expression: 'Equal', expected: 'one\n  two' } },
    ]
    expect(drawn({ steps: [step('a', 'hi')], edges, returns: 'a' })).toContain(
      '  s0 -->|"a = one two"| s_end',
    )
  })
})
