import { describe, expect, it } from 'vitest'
import { checkWorkflow } from '../../src/index.ts'
import { step, workflow } from '../drive.ts'

const SCHEMAS =
  'JSON Schema is read without if/then/else, references to other documents, and look-around in patterns.'

/** What is wrong with a document of one step. */
function errors(parts: object): readonly unknown[] {
  const document = workflow({ steps: [step('a', 'x')], returns: 'a', ...parts })
  return checkWorkflow(document)
    .filter(({ severity }) => severity === 'error')
    .map(({ code, path, message, mend }) => [code, path, message, mend])
}

/** A tool that sends a request. */
function tool(name: string, parts: object = {}): object {
  return { name, description: '', http: { method: 'GET', url: 'https://x/' }, ...parts }
}

function mapped(body: object): object {
  return {
    input: { xs: {} },
    steps: [{ id: 'm', operator: 'map', over: 'xs', as: 'x', body }],
    returns: 'm',
  }
}

describe('a check of the parts of a document', () => {
  it('[D4] names the place in a schema that cannot be used', () => {
    const schema = {
      properties: {
        people: { items: { anyOf: [{ type: 'null' }, { $ref: '#/$defs/a~1b' }] } },
      },
      $defs: { 'a/b': { properties: { age: { type: 'strnig' } } } },
    }
    const unknown = 'the schema cannot be used: the type "strnig" is not known'
    expect(errors({ steps: [step('a', 'x', { schema })] })).toEqual([
      ['UNREADABLE', 'steps[0].schema.$defs["a/b"].properties.age', unknown, SCHEMAS],
    ])
  })

  it.each([
    [{ prefixItems: [{}, { type: 'x' }] }, '.prefixItems[1]'],
    [{ items: { type: 'x' } }, '.items'],
    [{ additionalProperties: { type: 'x' } }, '.additionalProperties'],
    [{ propertyNames: { type: 'x' } }, '.propertyNames'],
    [{ allOf: [{}, { oneOf: [{ type: 'x' }] }] }, '.allOf[1].oneOf[0]'],
    [{ not: { type: 'x' } }, '.not'],
    [{ type: 'x' }, ''],
  ])('[D4] names the place in a schema: %j', (schema, place) => {
    expect(errors({ input: { n: schema } })).toEqual([
      [
        'UNREADABLE',
        `input.n${place}`,
        'the schema cannot be used: the type "x" is not known',
        SCHEMAS,
      ],
    ])
  })

  it('[D4] names every pattern that cannot be used, also of steps in a body', () => {
    const schema = { type: 'string', pattern: '(?=a)' }
    const reason = 'the pattern (?=a) cannot be used: look-ahead cannot be checked in bounded time'
    const body = {
      steps: [step('a', '{{x}}', { schema }), step('b', '{{a}}', { schema })],
      returns: 'b',
    }
    expect(errors(mapped(body))).toEqual([
      ['UNREADABLE', 'steps[0].body.steps[0].schema', reason, SCHEMAS],
      ['UNREADABLE', 'steps[0].body.steps[1].schema', reason, SCHEMAS],
    ])
  })

  it('[D15] names tools that cannot be made, each with its mend', () => {
    const tools = [
      'look',
      tool('t'),
      tool('t'),
      tool('u', { parameters: { properties: { n: { type: 'x' } } } }),
      tool('v', { http: { method: 'GET', url: 'https://x/{{' } }),
    ]
    expect(errors({ tools })).toEqual([
      ['UNREADABLE', 'tools[2].name', "two tools are called 't'", 'Give one of them another name.'],
      [
        'UNREADABLE',
        'tools[3].parameters.properties.n',
        'the schema cannot be used: the type "x" is not known',
        SCHEMAS,
      ],
      [
        'UNREADABLE',
        'tools[4].http',
        "tool 'v': the prompt cannot be read on line 1, near 'https://x/{{'",
        'Texts of a request have {{argument}}; write \\{{ for a brace.',
      ],
    ])
  })

  it("[D4] names a step that is called like the end, an 'else' without an 'if', and an empty return value", () => {
    expect(errors({ steps: [step('_end', 'x')], returns: '_end' })).toEqual([
      [
        'SAME_ID',
        'steps[0].id',
        "'_end' is the id of the end",
        'Give it an id of its own, also in the edges that lead to it.',
      ],
    ])
    expect(errors({ edges: [{ from: 'a', to: '_end', else: 'a' }] })).toEqual([
      [
        'UNREADABLE',
        'edges[0].else',
        "it has an 'else' but no 'if'",
        "Add a condition under 'if', or leave out 'else'.",
      ],
    ])
    expect(errors({ returns: {} })).toEqual([
      [
        'MISSING_RETURN',
        'returns',
        'the workflow returns nothing',
        'Name a key under "value", or keys under "values".',
      ],
    ])
  })
})
