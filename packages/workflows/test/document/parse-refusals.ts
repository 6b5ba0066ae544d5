import { step, workflow } from '../drive.ts'

/** A workflow's least. */
export const one = { steps: [step('a', 'x')], returns: 'a' }

/** Documents that are refused: what is wrong, the document, part of the message. */
export const REFUSALS: readonly (readonly [string, unknown, string])[] = [
  [
    'an unknown key',
    workflow({ ...one, stpes: 1 }),
    "stpes: 'stpes' is not known. Did you mean 'steps'?",
  ],
  [
    'an unknown key of a step',
    workflow({ ...one, steps: [step('a', 'x', { modle: 'm' })] }),
    "step 'a': steps[0].modle: 'modle' is not known. There are: id, title, description,",
  ],
  [
    'an unknown operator',
    workflow({ ...one, steps: [{ id: 'a', operator: 'think' }] }),
    "step 'a': steps[0].operator: 'think' is not known. There are: generation, function_calling,",
  ],
  [
    'a wrong value',
    workflow({ ...one, steps: [step('a', 'x', { maxTokens: -1 })] }),
    "step 'a': steps[0].maxTokens: expected more than 0, found -1. Make it more than 0.",
  ],
  [
    'a step without an id',
    workflow({ ...one, steps: [{ operator: 'generation' }] }),
    `steps[0].id: 'id' is missing. Add "id".`,
  ],
  [
    'a step without a prompt',
    workflow({ ...one, steps: [{ id: 'a', operator: 'generation' }] }),
    "step 'a': it has no prompt",
  ],
  [
    'two steps of one id',
    workflow({ steps: [step('a', 'x'), step('a', 'y')], returns: 'a' }),
    "step 'a': another step has the same id",
  ],
  [
    'a step called like the end',
    workflow({ steps: [step('_end', 'x')], returns: '_end' }),
    "step '_end': this id is that of the end",
  ],
  [
    'an unknown start',
    workflow({ ...one, start: 'b' }),
    "starts at 'b', but there is no such step",
  ],
  [
    'an edge from nowhere',
    workflow({ ...one, edges: [{ from: 'b', to: 'a' }] }),
    "an edge begins at 'b', but there is no such step; there are 'a'",
  ],
  [
    'an edge to nowhere',
    workflow({ ...one, edges: [{ from: 'a', to: 'b' }] }),
    "the edge from 'a' to 'b': there is no step 'b'; there are 'a', '_end'",
  ],
  [
    'an `else` to nowhere',
    workflow({
      ...one,
      edges: [
        {
          from: 'a',
          to: '_end',
          if: { input: 'a', expression: 'Equal', expected: '' },
          else: 'b',
        },
      ],
    }),
    "the edge from 'a' to '_end': there is no step 'b'",
  ],
  [
    'an `else` without an `if`',
    workflow({ ...one, edges: [{ from: 'a', to: '_end', else: 'a' }] }),
    "it has an 'else' but no 'if'",
  ],
  [
    'a fallback to nowhere',
    workflow({ ...one, edges: [{ from: 'a', to: '_end', fallback: 'b' }] }),
    "there is no step 'b'",
  ],
  [
    'an unknown variable',
    workflow({ ...one, steps: [step('a', '{{topic}}')], input: { topics: {} } }),
    "step 'a': {{topic}} is neither an input nor written by a step; there are 'topics', 'a'",
  ],
  [
    'an unknown variable in the system text',
    workflow({ ...one, steps: [step('a', 'x', { system: '{{y}}' })] }),
    "step 'a': {{y}} is neither",
  ],
  [
    'an unknown variable in a message',
    workflow({
      ...one,
      steps: [step('a', 'x', { messages: [{ role: 'user', content: '{{y}}' }] })],
    }),
    "step 'a': {{y}} is neither",
  ],
  [
    'an unknown variable in a query',
    workflow({ steps: [{ id: 'a', operator: 'search', query: '{{y}}' }], returns: 'a' }),
    "step 'a': {{y}} is neither",
  ],
  [
    'an unknown picture',
    workflow({ ...one, steps: [step('a', 'x', { images: ['photo'] })] }),
    "step 'a': 'photo' is neither",
  ],
  [
    'an unknown input of a step',
    workflow({ ...one, steps: [step('a', 'x', { inputs: { y: { type: 'pop', key: 'z' } } })] }),
    "step 'a': 'z' is neither",
  ],
  [
    'an unknown key of a condition',
    workflow({
      ...one,
      edges: [
        {
          from: 'a',
          to: '_end',
          if: { input: 'y', expression: 'Equal', expected: 1 },
          else: 'a',
        },
      ],
    }),
    "the edge from 'a' to '_end': 'y' is neither",
  ],
  [
    'an unknown key of a step condition',
    workflow({
      ...one,
      steps: [step('a', 'x', { when: { input: 'y', expression: 'Equal', expected: 1 } })],
    }),
    "step 'a': 'y' is neither",
  ],
  [
    'an unknown comparison',
    workflow({
      ...one,
      edges: [{ from: 'a', to: '_end', if: { input: 'a', expression: 'Like', expected: 1 } }],
    }),
    "edges[0].if.expression: 'Like' is not known. There are: Equal, NotEqual,",
  ],
  [
    'an unknown return value',
    workflow({ ...one, returns: 'b' }),
    "the return value: 'b' is neither",
  ],
  [
    'an unknown return value among several',
    workflow({ ...one, returns: ['a', 'b'] }),
    "the return value: 'b' is neither",
  ],
  ['no return value', workflow({ ...one, returns: {} }), 'the workflow returns nothing'],
  [
    'a broken prompt',
    workflow({ ...one, steps: [step('a', '{{#if}}')] }),
    "step 'a': the prompt cannot be read",
  ],
  [
    'a broken schema',
    workflow({ ...one, steps: [step('a', 'x', { schema: { type: 'text' } })] }),
    `step 'a': the schema cannot be used: the type "text" is not known`,
  ],
  [
    'a broken schema of an input',
    workflow({ ...one, input: { n: { minimum: 'x' } } }),
    "input 'n': the schema cannot be used",
  ],
  [
    'a pattern that cannot be matched safely',
    workflow({
      ...one,
      steps: [step('a', 'x', { schema: { type: 'string', pattern: '(?=a)' } })],
    }),
    'look-ahead',
  ],
  [
    'a map over an unknown key',
    workflow({
      steps: [{ id: 'a', operator: 'map', over: 'xs', as: 'x', body: one }],
      returns: 'a',
    }),
    "step 'a': 'xs' is neither",
  ],
  [
    'an unknown variable in a body',
    workflow({
      input: { xs: {} },
      steps: [
        {
          id: 'm',
          operator: 'map',
          over: 'xs',
          as: 'x',
          body: { steps: [step('a', '{{y}}')], returns: 'a' },
        },
      ],
      returns: 'm',
    }),
    "step 'm': its body: step 'a': {{y}} is neither",
  ],
  [
    'a variable of another branch',
    workflow({
      steps: [
        {
          id: 'p',
          operator: 'parallel',
          branches: {
            one: { steps: [step('a', 'x')], returns: 'a' },
            two: { steps: [step('b', '{{a}}')], returns: 'b' },
          },
        },
      ],
      returns: 'one',
    }),
    "step 'p': branch 'two': step 'b': {{a}} is neither",
  ],
  [
    'no branches',
    workflow({ ...one, steps: [{ id: 'a', operator: 'parallel', branches: {} }] }),
    "step 'a': it has no branches",
  ],
  [
    'a draw from nothing',
    workflow({ ...one, steps: [{ id: 'a', operator: 'sample', from: {} }] }),
    "step 'a': it draws from nothing",
  ],
  [
    'two tools of one name',
    workflow({
      ...one,
      tools: [
        { name: 't', description: '' },
        { name: 't', description: '' },
      ],
    }),
    "two tools are called 't'",
  ],
  [
    'an unknown tool',
    workflow({
      steps: [{ id: 'a', operator: 'function_calling', prompt: 'x', tools: ['t'] }],
      tools: ['u'],
      returns: 'a',
    }),
    "step 'a': there is no tool 't'; there are 'u'",
  ],
  [
    'a tool that no node can run',
    workflow({
      steps: [{ id: 'a', operator: 'function_calling', prompt: 'x' }],
      tools: [{ name: 't', description: '' }],
      returns: 'a',
    }),
    "step 'a': the tool 't' cannot run on a node: give it a request (http), or use the operator function_calling_raw",
  ],
  [
    'a broken template of a tool',
    workflow({
      ...one,
      tools: [{ name: 't', description: '', http: { method: 'GET', url: 'https://x/{{' } }],
    }),
    "tool 't': the prompt cannot be read",
  ],
  ['a reserved key', workflow({ ...one, input: { constructor: {} } }), 'reserved'],
  ['a key with a bracket', workflow({ ...one, input: { 'a]': {} } }), 'a name has no brackets'],
]
