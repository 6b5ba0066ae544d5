import { describe, expect, it } from 'vitest'
import { checkWorkflow } from '../../src/index.ts'
import { workflow } from '../drive.ts'

/** What is wrong, the document, and each finding: "severity CODE place: what is wrong / what to do". */
type Case = readonly (readonly [string, object, readonly string[]])[]

/** A condition, and where it leads else. */
function eq(input: unknown, more: object = {}): object {
  return { if: { input, expression: 'Equal', expected: 'x' }, ...more }
}

const topic = { topic: { type: 'string' } }
function ask(id: string, prompt: string, more: object = {}): object {
  return { id, operator: 'generation', prompt, ...more }
}

const CASES: Case = [
  [
    'prompts that cannot be read, in a branch, too',
    {
      steps: [
        {
          id: 'p',
          operator: 'parallel',
          branches: { pro: { steps: [ask('q', '{{#if}}')], returns: 'q' } },
        },
      ],
      returns: 'pro',
    },
    [
      "error UNREADABLE steps[0].branches.pro.steps[0].prompt: the prompt cannot be read on line 1, near '{{#if}}' / A prompt has {{name}}, {{#each list}}…{{/each}}, {{#if name}}…{{else}}…{{/if}} and {{#unless name}}…{{/unless}}.",
    ],
  ],
  [
    'links that lead nowhere, and an id that is there twice',
    {
      steps: [ask('a', 'x'), ask('a', 'y')],
      start: 'c',
      edges: [
        { from: '_end', to: 'a' },
        { from: 'b', to: 'a' },
        { from: 'a', to: 'd', fallback: 'e' },
      ],
      returns: 'a',
    },
    [
      "error SAME_ID steps[1].id: another step has the id 'a', too / Give it an id of its own, also in the edges that lead to it.",
      "error UNKNOWN_STEP start: there is no step 'c' / There are 'a', '_end'.",
      "error UNKNOWN_STEP edges[0].from: there is no step '_end' / There are 'a', '_end'.",
      "error UNKNOWN_STEP edges[1].from: there is no step 'b' / There are 'a', '_end'.",
      "error UNKNOWN_STEP edges[2].to: there is no step 'd' / There are 'a', '_end'.",
      "error UNKNOWN_STEP edges[2].fallback: there is no step 'e' / There are 'a', '_end'.",
    ],
  ],
  [
    'steps and edges that never come',
    {
      steps: [ask('a', 'x'), ask('b', 'y'), ask('c', 'z')],
      edges: [
        { from: 'a', to: 'c' },
        { from: 'a', to: 'b' },
      ],
      returns: ['a', 'b', 'c'],
    },
    [
      "error UNWRITTEN_RETURN returns: the return value is 'b', which nothing has written before / Return a key that every way to the end writes, or give 'b' a first value under 'memory'.",
      "warning UNREACHABLE_STEP steps[1]: step 'b' never runs: no way leads to it from the first step / Add an edge to 'b', or remove the step.",
      "warning UNREACHABLE_EDGE edges[1]: the edge from 'a' to 'b' is never tried: an edge before it is always taken / Edges of one step are tried in order: give those before it an 'if' without an 'else', or remove this one.",
    ],
  ],
  [
    'a circle of two without an end, and one step alone',
    { steps: [ask('a', 'x'), ask('b', '{{a}}')], edges: [{ from: 'b', to: 'a' }], returns: 'b' },
    [
      "error NO_END steps[0]: steps 'a', 'b' lead round in a circle and never to the end of the workflow / Add an edge from one of them to '_end', or to a step that leads there.",
    ],
  ],
  [
    'a step alone in a body that goes round',
    {
      input: { xs: {} },
      steps: [
        {
          id: 'm',
          operator: 'map',
          over: 'xs',
          as: 'x',
          body: { steps: [ask('a', '{{x}}')], edges: [{ from: 'a', to: 'a' }], returns: 'a' },
        },
      ],
      returns: 'm',
    },
    [
      "error NO_END steps[0].body.steps[0]: step 'a' leads round in a circle and never to the end of this body / Add an edge from one of them to '_end', or to a step that leads there.",
    ],
  ],
  [
    'a step that may have no way on',
    {
      steps: [ask('a', 'x'), ask('b', '{{a}}')],
      edges: [{ from: 'a', to: 'b', ...eq('a') }],
      returns: 'b',
    },
    [
      "warning NO_WAY_ON edges[0]: step 'a' fails when the condition of none of its edges holds / Give its last edge an 'else', or add an edge without 'if' after it.",
    ],
  ],
  [
    'a circle that nothing in it ends',
    {
      input: topic,
      steps: [ask('b', '{{topic}}'), ask('a', '{{b}}')],
      edges: [{ from: 'a', to: '_end', ...eq('topic', { else: 'b' }) }],
      returns: 'a',
    },
    [
      "warning ENDLESS_CIRCLE steps[0]: the circle of 'b', 'a' is left on 'topic', which no step in it writes: it is left at the first try or never / Let a step of the circle write 'topic', or use what it does write in the condition. limits.maxSteps ends it otherwise.",
    ],
  ],
  [
    'a circle that looks up what it does not store',
    {
      input: topic,
      steps: [ask('b', '{{topic}}', { outputs: [{ type: 'insert' }] }), ask('a', '{{topic}}')],
      edges: [
        {
          from: 'a',
          to: 'a',
          if: { input: 'topic', expression: 'HaveSimilar', expected: 'x' },
          else: '_end',
        },
      ],
      returns: 'a',
    },
    [
      "warning ENDLESS_CIRCLE steps[1]: the circle of 'a' is left on 'topic', which no step in it writes: it is left at the first try or never / Let a step of the circle write 'topic', or use what it does write in the condition. limits.maxSteps ends it otherwise.",
    ],
  ],
  [
    'a circle that pops, and one that stores what it looks up',
    {
      input: { xs: {} },
      steps: [
        ask('a', 'x'),
        ask('b', '{{a}}', { outputs: [{ type: 'insert' }, { type: 'write', key: 'b' }] }),
      ],
      edges: [
        { from: 'a', to: 'a', ...eq({ type: 'pop', key: 'xs' }, { else: 'b' }) },
        {
          from: 'b',
          to: '_end',
          if: { input: 'xs', expression: 'HaveSimilar', expected: 'x' },
          else: 'b',
        },
      ],
      returns: 'b',
    },
    [],
  ],
  [
    'too few steps',
    { steps: [ask('a', 'x'), ask('b', '{{a}}')], limits: { maxSteps: 1 }, returns: 'b' },
    [
      'error TOO_FEW_STEPS limits.maxSteps: the shortest way to the end takes 2 steps, and 1 are allowed / Set limits.maxSteps to 2 or more.',
    ],
  ],
  [
    'nothing where steps may be skipped',
    {
      steps: [ask('a', 'x', { optional: true }), ask('b', 'y')],
      limits: { maxSteps: 1 },
      returns: ['a', 'b'],
    },
    [],
  ],
  [
    'nothing where a step has a condition',
    {
      input: topic,
      steps: [
        ask('a', 'x', { when: { input: 'topic', expression: 'Equal', expected: 'x' } }),
        ask('b', 'y'),
      ],
      limits: { maxSteps: 1 },
      returns: ['a', 'b'],
    },
    [],
  ],
  [
    'a step that does not compile',
    { steps: [ask('a', 'x'), { id: 'b', operator: 'generation' }], returns: ['a', 'b'] },
    [
      "error UNREADABLE steps[1]: step 'b': it has no prompt: write one under 'prompt', or a conversation under 'messages' / Change what it names.",
    ],
  ],
]

describe('the words of a check about ways', () => {
  it.each(CASES)('[D15] tells %s', (_, parts, lines) => {
    const found = checkWorkflow(workflow({ ...parts }))
    expect(found.map((f) => `${f.severity} ${f.code} ${f.path}: ${f.message} / ${f.mend}`)).toEqual(
      lines,
    )
  })
})
