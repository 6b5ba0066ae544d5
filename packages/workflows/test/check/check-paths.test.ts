import { describe, expect, it } from 'vitest'
import { checkWorkflow } from '../../src/index.ts'
import { step, workflow } from '../drive.ts'
import { found, only } from './found.ts'

const person = {
  type: 'object',
  properties: { name: { type: 'string' }, tags: { type: 'array' }, age: { type: 'number' } },
}

/** A step that reads an input of a schema. */
function reading(prompt: string, schema: object, more: object = {}): object {
  return workflow({ input: { t: schema }, steps: [step('a', prompt)], returns: 'a', ...more })
}

describe('a check of what prompts look for in values', () => {
  it('[D15] names a member of a text, which fails in every run', () => {
    expect(only(reading('{{t.name}}', { type: 'string' }))).toEqual({
      severity: 'error',
      code: 'UNKNOWN_KEY',
      path: 'steps[0].prompt',
      message: "{{t.name}} has no value: 't' is a text",
      mend: "Name what there is, or give what writes 't' a schema that has it.",
    })
    expect(only(reading('{{t.age.years}}', person)).message).toBe(
      "{{t.age.years}} has no value: 't.age' is a number",
    )
  })

  it('[D15] names a member that a schema does not list: a warning where it may be there', () => {
    const document = reading('{{t.nope}}', person)
    expect(only(document)).toMatchObject({
      severity: 'warning',
      message: "{{t.nope}} has no value: the schema of 't' lists no 'nope'",
      mend: "There are 'name', 'tags', 'age'. Name what there is, or give what writes 't' a schema that has it.",
    })
    const closed = { ...person, additionalProperties: false }
    expect(found(reading('{{t.nope}}', closed))).toEqual(['error UNKNOWN_KEY steps[0].prompt'])
  })

  it('[D15] warns of a loop over a text, which never runs', () => {
    expect(only(reading('{{#each t}}{{this}}{{/each}}', { type: 'string' }))).toMatchObject({
      severity: 'warning',
      code: 'NEVER_WRITTEN',
      message: "{{#each t}} has nothing to loop over: 't' is a text",
    })
    expect(found(reading('{{#each t.name}}x{{/each}}', person))).toHaveLength(1)
  })

  it('[D15] knows what steps write, in the bodies of others too', () => {
    const inner = { steps: [step('x', '{{a.name}} {{item.name}}')], returns: 'x' }
    const document = workflow({
      input: { xs: {} },
      steps: [
        step('a', 'x'),
        { id: 'm', operator: 'map', over: 'xs', as: 'item', body: inner },
        step('b', '{{m.name}} {{a.b}}'),
      ],
      returns: 'b',
    })
    expect(found(document)).toEqual([
      'error UNKNOWN_KEY steps[1].body.steps[0].prompt',
      'error UNKNOWN_KEY steps[2].prompt',
    ])
  })

  it('[D15] only warns where a failure leads on', () => {
    const edges = [{ from: 'a', to: '_end', fallback: '_end' }]
    const returns = { value: { type: 'read', key: 'a', required: false } }
    const findings = found(reading('{{t.name}}', { type: 'string' }, { edges, returns }))
    expect(findings).toContain('warning UNKNOWN_KEY steps[0].prompt')
  })

  it.each([
    ['a member that there is', '{{t.name}} {{#each t.tags}}{{this}}{{/each}}', person],
    ['a member that may be there', '{{#if t.nope}}{{t.nope}}{{/if}}', person],
    ['any schema', '{{t.a.b}} {{#each t}}x{{/each}}', {}],
    ['an item and a length', '{{t.0.name}} {{t.length}}', { type: 'array', items: person }],
    ['one of several', '{{t.a}}', { anyOf: [{ type: 'string' }, { type: 'object' }] }],
    ['several types', '{{t.a}}', { type: ['string', 'object'] }],
    ['free members', '{{t.a}}', { ...person, additionalProperties: { type: 'string' } }],
    ['a loop over members', '{{#each t}}{{this}}{{/each}}', person],
  ])('[D15] finds nothing in %s', (_, prompt, schema) => {
    expect(checkWorkflow(reading(prompt, schema))).toEqual([])
  })

  it('[D15] finds nothing where one of the writers may have it, or the step has its own', () => {
    const two = workflow({
      steps: [
        step('a', 'x'),
        step('b', 'x', { schema: person, outputs: [{ type: 'write', key: 'a' }] }),
        step('c', '{{a.name}}'),
      ],
      returns: 'c',
    })
    expect(checkWorkflow(two)).toEqual([])
    const inputs = { t: { type: 'peek', key: 'xs', index: 0 } }
    const own = workflow({
      input: { xs: { type: 'array' }, t: { type: 'string' } },
      steps: [step('a', '{{t.name}}', { inputs })],
      returns: 'a',
    })
    expect(found(own).filter((line) => line.startsWith('error'))).toEqual([])
  })
})
