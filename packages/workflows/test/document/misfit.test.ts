import { describe, expect, it } from 'vitest'
import { ZodError } from 'zod'
import { Edge } from '../../src/document/document.ts'
import { misfitsOf } from '../../src/document/misfit.ts'
import { checkWorkflow, parseWorkflow } from '../../src/index.ts'
import { step, workflow } from '../drive.ts'

/** "place: what is wrong. What to do" for each wrong place. */
function wrongs(parts: object): readonly string[] {
  const document = workflow({ steps: [step('a', 'x')], returns: 'a', ...parts })
  return checkWorkflow(document).map(({ path, message, mend }) => `${path}: ${message}. ${mend}`)
}

function inStep(parts: object): object {
  return { steps: [step('a', 'x', parts)] }
}

const CASES: readonly (readonly [string, object, string])[] = [
  [
    'a text for a number',
    inStep({ maxTokens: 'many' }),
    'steps[0].maxTokens: expected a number, found a text. Write a number there.',
  ],
  [
    'a half for a whole number',
    inStep({ maxTokens: 1.5 }),
    'steps[0].maxTokens: expected a whole number, found 1.5. Write a whole number there.',
  ],
  [
    'a list for a text',
    inStep({ prompt: ['x'] }),
    'steps[0].prompt: expected a text, found a list. Write a text there.',
  ],
  [
    'an object for a list',
    { edges: {} },
    'edges: expected a list, found an object. Write a list there.',
  ],
  [
    'null for an object',
    { limits: null },
    'limits: expected an object, found null. Write an object there.',
  ],
  [
    'a text for a truth value',
    inStep({ optional: 'yes' }),
    'steps[0].optional: expected true or false, found a text. Write true or false there.',
  ],
  [
    'too much',
    inStep({ retry: 101 }),
    'steps[0].retry: expected at most 100, found 101. Make it at most 100.',
  ],
  [
    'too little',
    inStep({ sampling: { temperature: -1 } }),
    'steps[0].sampling.temperature: expected at least 0, found -1. Make it at least 0.',
  ],
  [
    'nothing where something must be',
    { limits: { maxSteps: 0 } },
    'limits.maxSteps: expected more than 0, found 0. Make it more than 0.',
  ],
  [
    'an empty list',
    { steps: [] },
    'steps: expected at least 1 item, found 0. Make it at least 1 item.',
  ],
  [
    'a long list',
    inStep({ sampling: { stop: Array.from({ length: 17 }, () => 'x') } }),
    'steps[0].sampling.stop: expected at most 16 items, found 17. Make it at most 16 items.',
  ],
  [
    'a long text',
    { name: 'x'.repeat(129) },
    'name: expected at most 128 characters, found 129. Make it at most 128 characters.',
  ],
  [
    'an empty text',
    inStep({ sampling: { stop: [''] } }),
    'steps[0].sampling.stop[0]: expected at least 1 character, found 0. Make it at least 1 character.',
  ],
  ['another version', { version: 2 }, 'version: expected 1, found 2. Write 1 there.'],
  [
    'an unknown kind of output',
    inStep({ outputs: [{ type: 'wrote', key: 'a' }] }),
    "steps[0].outputs[0].type: 'wrote' is not known. There are: write, push, insert.",
  ],
  [
    'a number for the kind of an output',
    inStep({ outputs: [{ type: 3, key: 'a' }] }),
    'steps[0].outputs[0].type: expected one of write, push, insert, found 3. Write one of write, push, insert there.',
  ],
  [
    'an unknown way to read, of many characters',
    inStep({ inputs: { y: { type: 'z'.repeat(60), key: 'a' } } }),
    `steps[0].inputs.y.type: '${'z'.repeat(40)}…' is not known. There are: read, pop, peek, get_all, size, string, input.`,
  ],
  [
    'an input that is neither',
    inStep({ inputs: { y: 3 } }),
    'steps[0].inputs.y: expected a text or an object, found 3. Write a text or an object there.',
  ],
  [
    'an input that lacks a part',
    inStep({ inputs: { y: { type: 'peek', key: 'a' } } }),
    `steps[0].inputs.y.index: 'index' is missing. Add "index".`,
  ],
  [
    'a return value of no kind',
    { returns: true },
    'returns: expected a text, a list or an object, found true. Write a text, a list or an object there.',
  ],
  [
    'a key of another kind in a return value',
    { returns: { value: 3 } },
    'returns.value: expected a text or an object, found 3. Write a text or an object there.',
  ],
  [
    'a name that cannot be one',
    { returns: 'a]' },
    'returns: a name has no brackets, slashes or line breaks. Choose another name.',
  ],
  [
    'a name that is reserved',
    { returns: 'constructor' },
    'returns: this name is reserved. Choose another name.',
  ],
  [
    'a key that is too long',
    { input: { ['k'.repeat(129)]: {} } },
    `input.${'k'.repeat(129)}: expected at most 128 characters, found 129. Choose another name.`,
  ],
  [
    'a key that cannot be one',
    { input: { 'a/b': {} } },
    'input["a/b"]: a name has no brackets, slashes or line breaks. Choose another name.',
  ],
  [
    'a schema that is none',
    { input: { a: 3 } },
    'input.a: expected a JSON Schema, which is an object. Write what is expected there.',
  ],
]

const UNKNOWN: readonly (readonly [object, string])[] = [
  [{ nmae: 1 }, "nmae: 'nmae' is not known. Did you mean 'name'?"],
  [inStep({ max_tokens: 9 }), "Did you mean 'maxTokens'?"],
  [inStep({ output: [] }), "Did you mean 'outputs'?"],
  [inStep({ rettry: 1 }), "Did you mean 'retry'?"],
  [inStep({ ritry: 1 }), "Did you mean 'retry'?"],
  [inStep({ Prompt: 1 }), "Did you mean 'prompt'?"],
  [inStep({ prompts: 1 }), "Did you mean 'prompt'?"],
  [inStep({ proompt: 1 }), "Did you mean 'prompt'?"],
  [inStep({ rpompt: 1 }), "Did you mean 'prompt'?"],
  [inStep({ prampts: 1 }), 'There are: id, title, description, inputs,'],
  [{ steps: [{ id: 'a', heat: 1 }] }, "steps[0].operator: 'operator' is missing"],
  [inStep({ erty: 1 }), 'There are: id, title, description, inputs,'],
  [inStep({ yrter: 1 }), 'There are: id, title, description, inputs,'],
  [inStep({ sampling: { heat: 1 } }), 'There are: temperature, topP, topK,'],
  [inStep({ when: { input: 'a', is: 1 } }), 'There are: input, expression, expected, text.'],
  [{ edges: [{ from: 'a', to: '_end', cost: 1 }] }, 'There are: from, to, if, else, fallback.'],
  [
    { edges: [{ from: 'a', to: '_end', if: { iput: 'a', expression: 'Equal', expected: 1 } }] },
    "Did you mean 'input'?",
  ],
  [{ limits: { money: 1 } }, 'There are: maxSteps, maxTimeMs, maxTokens.'],
  [{ returns: { vlaue: 'a' } }, "returns.vlaue: 'vlaue' is not known. Did you mean 'value'?"],
  [
    { tools: [{ name: 't', description: '', url: '' }] },
    "tools[0].url: 'url' is not known. There are: name, description, parameters, http.",
  ],
  [
    {
      steps: [
        {
          id: 'm',
          operator: 'map',
          over: 'a',
          as: 'i',
          body: { steps: [step('b', 'x', { heat: 1 })], returns: 'b', begin: 'b' },
        },
      ],
    },
    "steps[0].body.begin: 'begin' is not known. There are: steps, start, edges, returns.",
  ],
  [
    {
      steps: [
        {
          id: 'p',
          operator: 'parallel',
          branches: { steps: { steps: [step('b', 'x')], returns: 'b', begin: 'b' } },
        },
      ],
    },
    "steps[0].branches.steps.begin: 'begin' is not known. There are: steps, start, edges, returns.",
  ],
  [
    inStep({ inputs: { y: { type: 'read', key: 'a', deep: 1 } } }),
    "'deep' is not known. Leave it out.",
  ],
]

function read(parts: object): () => unknown {
  return () => parseWorkflow(workflow({ returns: 'a', ...parts }))
}

describe('a wrong place of a document', () => {
  it.each(CASES)('[D4] is told in words of ours, with the mend: %s', (_, parts, text) => {
    expect(wrongs(parts)).toContain(text)
  })

  it.each(UNKNOWN)('[D4] that has an unknown key is told what there is: %j', (parts, text) => {
    expect(wrongs(parts).join('\n')).toContain(text)
  })

  it('[D4] has the step in the error where it is in one, and what Zod found', () => {
    const cause: unknown = expect.objectContaining({ name: 'ZodError' })
    const inA = { steps: [step('b', 'x'), step('a', 'x', { retry: -1 })] }
    expect(read(inA)).toThrow(
      expect.objectContaining({
        code: 'INVALID_DOCUMENT',
        step: 'a',
        message: "step 'a': steps[1].retry: expected at least 0, found -1. Make it at least 0.",
        cause,
      }),
    )
    const inEdge = { steps: [step('a', 'x')], edges: [{ from: 'a', to: 3 }] }
    expect(read(inEdge)).toThrow(
      expect.objectContaining({
        step: undefined,
        message: 'edges[0].to: expected a text, found 3. Write a text there.',
      }),
    )
    const unnamed = { steps: [{ ...step('a', 'x'), id: 3 }] }
    expect(read(unnamed)).toThrow(
      expect.objectContaining({
        step: undefined,
        message: 'steps[0].id: expected a text, found 3. Write a text there.',
      }),
    )
  })

  it('[D4] knows the names of a part that stands alone', () => {
    const wrong = Edge.safeParse({ from: 'a', to: 'b', cost: 1 }).error
    expect(misfitsOf(wrong ?? new ZodError([]), { from: 'a', to: 'b', cost: 1 }, 'edges')).toEqual([
      {
        kind: 'unknown',
        path: ['cost'],
        message: "'cost' is not known",
        mend: 'There are: from, to, if, else, fallback.',
      },
    ])
  })

  it('[D4] that is missing is said how to write: the return value, ours and that of Dria', () => {
    const ours = `returns: 'returns' is missing. Say which key the workflow returns: "returns": "…".`
    expect(wrongs({ returns: undefined })).toEqual([ours])
    const theirs = {
      config: { max_steps: 1, max_time: 1 },
      tasks: [{ id: 'a', operator: 'check' }],
    }
    expect(checkWorkflow(theirs).map(({ code, mend }) => [code, mend])).toEqual([
      [
        'UNREADABLE',
        "Dria's executor knows no 'check' any more: put a condition on the edge of the step before.",
      ],
      [
        'MISSING_RETURN',
        'Say what the workflow returns: "return_value": {"input": {"type": "read", "key": "…"}}.',
      ],
    ])
  })

  it('[D4] is told of the document itself, too', () => {
    expect(() => parseWorkflow(null)).toThrow(
      'the document: expected an object, found null. Write an object there.',
    )
    expect(() => parseWorkflow(undefined)).toThrow(
      'the document: expected an object, found nothing',
    )
  })

  it('[D4] is never told by quoting a text of the document', () => {
    expect(wrongs(inStep({ maxTokens: 'a secret' })).join()).not.toContain('secret')
  })
})
