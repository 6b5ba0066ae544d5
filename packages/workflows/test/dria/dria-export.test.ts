import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { fromDria, parseWorkflow, Push, toDria, WorkflowBuilder } from '../../src/index.ts'
import * as documents from './documents.ts'
import { schemas, structured } from './structured.ts'
import { step, workflow } from '../drive.ts'

const { custom, facts, inputs, lines, personas, poem, research } = documents

describe("a workflow written as one of Dria's", () => {
  it.each([
    ['poem', poem],
    ['research', research],
    ['lines', lines],
    ['personas', personas],
    ['facts', facts],
    ['custom', custom],
    ['inputs', inputs],
    ['object', structured(schemas.object)],
    ['text', structured(schemas.text)],
  ])('[D14] is the same when read again: %s', (_, json) => {
    const document = fromDria(json)
    const titled = document.steps.map((one) =>
      Object.assign({ title: one.id, description: '' }, one),
    )
    expect(fromDria(toDria(document))).toEqual(parseWorkflow({ ...document, steps: titled }))
  })

  it('[D14] has what its executor reads', () => {
    expect(toDria(fromDria(research))).toMatchObject({
      config: { max_steps: 10, max_time: 90, tools: ['ALL'], max_tokens: 750 },
      external_memory: research.external_memory,
      tasks: [
        {
          id: 'query',
          name: 'Task',
          messages: [
            { role: 'user', content: 'Write a search query about {topic}. Avoid: {history}' },
          ],
          inputs: research.tasks[0]?.inputs,
          outputs: research.tasks[0]?.outputs,
        },
        {
          messages: [{ content: '{"query":"{q}","search_type":"news","lang":"en","n_results":3}' }],
        },
        {
          messages: [
            { role: 'system' },
            { content: 'Is {results} about {q}? {other} {"a": {"b": 1}}' },
          ],
        },
        { id: '_end', operator: 'end' },
      ],
      steps: research.steps,
      return_value: research.return_value,
    })
  })

  it('[D14] has inputs for what its prompts read, and the values that are given', () => {
    const built = new WorkflowBuilder('w', { topic: z.string(), n: z.number() })
      .generativeStep({
        id: 'a',
        prompt: 'On {{topic}}',
        outputs: [Push('all')],
        schema: z.array(z.string()),
      })
      .generativeStep({ id: 'b', prompt: '{{all}} {{n}}' })
      .edge('b', '_end', { if: (m) => m.b.contains('x') })
      .edge('b', 'a')
      .setReturnValue('all')
      .postProcess(
        { type: 'replace', find: 'a', with: 'b' },
        { type: 'append', text: 'c' },
        { type: 'prepend', text: 'd' },
      )
      .build()
    const json = toDria(built.document, { topic: 'geese', n: 3 })
    expect(json).toMatchObject({
      external_memory: { topic: 'geese', n: '3' },
      tasks: [
        {
          inputs: [{ name: 'topic', value: { type: 'read', key: 'topic' }, required: true }],
          schema: '{"type":"array","items":{"type":"string"}}',
        },
        {
          inputs: [
            { name: 'all', value: { type: 'get_all', key: 'all' } },
            { name: 'n', value: { type: 'read', key: 'n' } },
          ],
        },
        {},
      ],
      steps: [
        { source: 'a', target: 'b' },
        { source: 'b', target: '_end', condition: { expected: 'x', target_if_not: 'a' } },
      ],
      return_value: {
        input: { type: 'get_all', key: 'all' },
        to_json: true,
        post_process: [
          { process_type: 'replace', lhs: 'a', rhs: 'b' },
          { process_type: 'append', rhs: 'c' },
          { process_type: 'prepend', lhs: 'd' },
        ],
      },
    })
    expect(() => toDria(built.document, { topic: 'geese' })).toThrow("'n' has no value: give one")
  })

  const plain = { steps: [step('a', 'x')], returns: 'a' }
  const is = { input: 'a', expression: 'Equal', expected: 'x' }

  it.each([
    [
      { ...plain, steps: [step('a', '{{#if x}}{{/if}}')], input: { x: {} }, optionalInputs: ['x'] },
      'names only, no blocks',
    ],
    [
      { ...plain, steps: [step('a', '{{x.y}}')], input: { x: {} }, optionalInputs: ['x'] },
      'names only, no blocks',
    ],
    [
      { ...plain, steps: [step('a', 'x', { models: ['m'] })] },
      "step 'a': cannot be written as one of Dria's workflows: a step of its own has no 'models'",
    ],
    [{ ...plain, steps: [step('a', 'x', { optional: true })] }, 'it may be skipped'],
    [
      { ...plain, steps: [step('a', 'x', { inputs: { all: { type: 'input' } } })] },
      'not all inputs together',
    ],
    [{ ...plain, edges: [{ from: 'a', to: '_end', if: is }] }, 'somewhere to go'],
    [
      {
        ...plain,
        edges: [
          {
            from: 'a',
            to: '_end',
            if: { ...is, expression: 'HaveSimilar', expected: 0.5 },
            else: 'a',
          },
        ],
      },
      'no similarity of its own',
    ],
    [
      {
        steps: [
          { id: 'a', operator: 'map', over: { type: 'get_all', key: 'a' }, as: 'i', body: plain },
        ],
        returns: 'a',
      },
      "no steps of the kind 'map'",
    ],
    [
      { ...plain, steps: [{ id: 'a', operator: 'sample', from: { x: 'a' } }] },
      'draws from the lists that its inputs name',
    ],
    [
      {
        ...plain,
        tools: [{ name: 't', description: '', http: { method: 'GET', url: 'https://x/{{a}}' } }],
      },
      "the tool 't' has its arguments in the body only",
    ],
  ])('[D14] is refused where theirs cannot say it', (parts, message) => {
    expect(() => toDria(parseWorkflow(workflow(parts)))).toThrow(message)
  })
})
