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
    'a key that is read before it is written, and a list',
    {
      input: topic,
      steps: [ask('a', '{{b}} {{topic}}'), ask('b', '{{#if c}}x{{/if}}'), ask('c', '{{b}}')],
      returns: 'c',
    },
    [
      "error READ_BEFORE_WRITTEN steps[0].prompt: step 'a' reads 'b', which nothing has written before / Let a step that comes before write 'b', give it a first value under 'memory', or read it inside {{#if b}}.",
      "warning NEVER_WRITTEN steps[1].prompt: step 'b' reads 'c', which nothing has written before / Let a step that comes before write 'c', give it a first value under 'memory', or read it inside {{#if c}}.",
      "warning UNREAD_KEY steps[0]: nothing reads 'a', which step 'a' writes / Return it, use it in a prompt, or do without the step's output.",
    ],
  ],
  [
    'keys that are not written on a way of many steps',
    {
      input: topic,
      steps: [
        ask('s', '{{topic}}'),
        ask('w', 'x'),
        ...Array.from({ length: 9 }, (_, n) => ask(`n${n}`, 'y', { outputs: [] })),
        ask('r', '{{w}}'),
      ],
      edges: [
        { from: 's', to: 'w', ...eq('topic', { else: 'n0' }) },
        { from: 'w', to: 'r' },
      ],
      returns: 'r',
    },
    [
      "warning MAYBE_UNWRITTEN steps[11].prompt: step 'r' reads 'w', which nothing writes on the way 's' → 'n0' → 'n1' → 'n2' → … → 'n7' → 'n8' → 'r' / Let a step that comes before write 'w', give it a first value under 'memory', or read it inside {{#if w}}.",
      "warning UNREAD_KEY steps[0]: nothing reads 's', which step 's' writes / Return it, use it in a prompt, or do without the step's output.",
    ],
  ],
  [
    'a return value that only one way writes',
    {
      input: topic,
      steps: [ask('s', '{{topic}}'), ask('w', 'x')],
      edges: [{ from: 's', to: 'w', ...eq('topic', { else: '_end' }) }],
      returns: 'w',
    },
    [
      "warning MAYBE_UNWRITTEN returns: the return value is 'w', which nothing writes on the way 's' → the end / Return a key that every way to the end writes, or give 'w' a first value under 'memory'.",
      "warning UNREAD_KEY steps[0]: nothing reads 's', which step 's' writes / Return it, use it in a prompt, or do without the step's output.",
    ],
  ],
  [
    'inputs that may be left out, and are needed',
    {
      input: { ...topic, o: {} },
      optionalInputs: ['topic', 'o'],
      steps: [ask('a', '{{topic}}')],
      returns: ['a', 'o'],
    },
    [
      "error UNWRITTEN_RETURN returns: the return value 'o' is written by no step / Let a step write 'o', or return a key that one writes.",
      "warning MAYBE_UNWRITTEN steps[0].prompt: step 'a' fails without the input 'topic', which may be left out / Give 'topic' a first value under 'memory', or read it inside {{#if topic}}.",
    ],
  ],
  [
    'what nobody reads',
    {
      input: { ...topic, o: {} },
      memory: { m: 1, o: 2 },
      steps: [
        ask('a', '{{topic}}', { outputs: [{ type: 'write', key: 'k' }, { type: 'insert' }] }),
        ask('b', 'x'),
      ],
      returns: 'b',
    },
    [
      "warning UNREAD_KEY steps[0].outputs[0]: nothing reads 'k', which step 'a' writes / Return it, use it in a prompt, or do without the step's output.",
      'warning UNREAD_KEY steps[0].outputs[1]: the text is stored to be looked up, and no condition looks it up / Add a condition with HaveSimilar, or write the text under a key.',
      "warning UNREAD_INPUT input.o: nothing reads 'o' / Use it in a prompt ({{o}}), or leave it out.",
      "warning UNREAD_INPUT memory.m: nothing reads 'm' / Use it in a prompt ({{m}}), or leave it out.",
    ],
  ],
  [
    'nothing of the whole input, which is read at once',
    {
      input: topic,
      steps: [ask('a', '{{all}}', { inputs: { all: { type: 'input' } } })],
      returns: 'a',
    },
    [],
  ],
  [
    'nothing where a key is drawn by its name',
    {
      input: { ...topic, o: {} },
      steps: [{ id: 'a', operator: 'sample', from: { x: { type: 'named', input: 'topic' } } }],
      returns: 'a',
    },
    [],
  ],
  [
    'a key drawn by a name that is known',
    {
      input: topic,
      memory: { xs: [], o: 1 },
      steps: [
        {
          id: 'a',
          operator: 'sample',
          inputs: { which: { type: 'string', value: 'xs' } },
          from: { x: { type: 'named', input: 'which' } },
        },
      ],
      returns: 'a',
    },
    [
      "warning UNREAD_INPUT input.topic: nothing reads 'topic' / Use it in a prompt ({{topic}}), or leave it out.",
      "warning UNREAD_INPUT memory.o: nothing reads 'o' / Use it in a prompt ({{o}}), or leave it out.",
    ],
  ],
]

const EVERY_PLACE = {
  steps: [
    ask('a', '{{p}}', {
      system: '{{s}}',
      messages: [{ role: 'user', content: '{{m}}', images: ['mi'] }],
      images: [{ type: 'read', key: 'i' }],
      inputs: { y: { type: 'size', key: 'z' } },
      when: { input: 'w', expression: 'Equal', expected: 1 },
    }),
    { id: 'b', operator: 'search', query: '{{q}}' },
    {
      id: 'c',
      operator: 'map',
      over: 'o',
      as: 'x',
      indexAs: 'n',
      body: { steps: [ask('d', '{{x}} {{n}} {{bx}}')], returns: 'd' },
    },
    {
      id: 'e',
      operator: 'sample',
      from: {
        f: 'fs',
        g: { type: 'named', input: { type: 'string', value: 'gs' } },
        h: { type: 'named', input: 'hs' },
      },
      prompt: '{{f}} {{g}} {{sp}}',
    },
    {
      id: 'p',
      operator: 'parallel',
      branches: { pro: { steps: [ask('q', '{{bp}}')], returns: 'br' } },
    },
  ],
  edges: [{ from: 'a', to: 'b', ...eq('ek', { else: 'c' }) }],
  returns: ['a', 'r'],
}

describe('the words of a check about keys', () => {
  it.each(CASES)('[D15] tells %s', (_, parts, lines) => {
    const found = checkWorkflow(workflow({ ...parts }))
    expect(found.map((f) => `${f.severity} ${f.code} ${f.path}: ${f.message} / ${f.mend}`)).toEqual(
      lines,
    )
  })

  it('[D15] tells every place that reads a name which nothing gives', () => {
    const found = checkWorkflow(workflow(EVERY_PLACE))
    expect(
      found.map(({ code, path, message }) => `${code} ${path} ${/'(\w+)'/.exec(message)?.[1]}`),
    ).toEqual([
      'UNKNOWN_KEY steps[0].inputs.y z',
      'UNKNOWN_KEY steps[0].when.input w',
      'UNKNOWN_KEY steps[0].system s',
      'UNKNOWN_KEY steps[0].messages[0].content m',
      'UNKNOWN_KEY steps[0].messages[0].images[0] mi',
      'UNKNOWN_KEY steps[0].prompt p',
      'UNKNOWN_KEY steps[0].images[0] i',
      'UNKNOWN_KEY steps[1].query q',
      'UNKNOWN_KEY steps[2].over o',
      'UNKNOWN_KEY steps[3].from.f fs',
      'UNKNOWN_KEY steps[3].from.g gs',
      'UNKNOWN_KEY steps[3].from.h hs',
      'UNKNOWN_KEY steps[3].prompt sp',
      'UNKNOWN_KEY edges[0].if.input ek',
      'UNWRITTEN_RETURN returns r',
      'UNKNOWN_KEY steps[2].body.steps[0].prompt bx',
      'UNKNOWN_KEY steps[4].branches.pro.steps[0].prompt bp',
      'UNWRITTEN_RETURN steps[4].branches.pro.returns br',
    ])
    expect(found[0]?.message).toBe("'z' is neither an input nor written by a step")
    expect(found[0]?.mend).toBe(
      "There are 'a', 'b', 'c', 'e', 'pro'. Name one of them, or let a step write 'z', or make it an input.",
    )
    expect(found[14]?.message).toBe(
      "the return value 'r' is neither an input nor written by a step",
    )
  })
})
