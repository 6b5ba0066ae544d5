import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  END,
  Push,
  WorkflowBuilder,
  Write,
  interpret,
  type Answer,
  type Need,
} from '../src/index.ts'

function drive(
  run: Generator<Need, { output: unknown; steps: readonly string[] }, Answer>,
  answers: string[],
) {
  const needs: Need[] = []
  let next = run.next()
  for (let i = 0; next.done !== true; i += 1) {
    needs.push(next.value)
    next = run.next({
      kind: 'completion',
      text: answers[i] ?? '',
      model: 'm',
      finishReason: 'stop',
      usage: { input: 1, output: 1 },
      ms: 1,
    })
  }
  return { outcome: next.value, needs }
}

describe('a workflow', () => {
  it('[D1] [D10] rewrites', () => {
    const rewrite = new WorkflowBuilder('rewrite', { instruction: z.string() })
      .generativeStep({
        id: 'variations',
        prompt: 'Rewrite in 5 ways: {{instruction}}',
        schema: z.array(z.string()),
      })
      .setReturnValue('variations')
      .build()
    const { outcome, needs } = drive(interpret(rewrite.document, { instruction: 'a {{b}}' }), [
      'none',
      "```python\n['x', 'y']\n```",
    ])
    expect(outcome.output).toEqual(['x', 'y'])
    expect(needs).toMatchInlineSnapshot(`
      [
        {
          "attempt": 1,
          "kind": "completion",
          "messages": [
            {
              "content": "Rewrite in 5 ways: a {{b}}",
              "role": "user",
            },
          ],
          "schema": {
            "items": {
              "type": "string",
            },
            "type": "array",
          },
          "step": "variations",
        },
        {
          "attempt": 2,
          "kind": "completion",
          "messages": [
            {
              "content": "Rewrite in 5 ways: a {{b}}",
              "role": "user",
            },
            {
              "content": "none",
              "role": "assistant",
            },
            {
              "content": "That answer cannot be used: it holds no JSON. Answer again, with nothing but JSON that matches this schema: {"type":"array","items":{"type":"string"}}",
              "role": "user",
            },
          ],
          "schema": {
            "items": {
              "type": "string",
            },
            "type": "array",
          },
          "step": "variations",
        },
      ]
    `)
  })
  it('[D6] loops', () => {
    const research = new WorkflowBuilder('research', { topic: z.string() })
      .generativeStep({
        id: 'ask',
        prompt: 'A search query on {{topic}}',
        outputs: [Write('query'), Push('history')],
      })
      .generativeStep({
        id: 'check',
        prompt: 'Is "{{query}}" new? Earlier: {{#each history}}- {{this}}\n{{/each}} Yes or No',
        outputs: [Write('verdict')],
      })
      .edge('ask', 'check')
      .edge('check', END, { if: (m) => m.verdict.contains('Yes'), else: 'ask' })
      .setReturnValue('query', 'history')
      .build()
    const { outcome } = drive(interpret(research.document, { topic: 't' }), [
      'q1',
      'No',
      'q2',
      'Yes',
    ])
    expect(outcome.output).toEqual({ query: 'q2', history: ['q1', 'q2'] })
    expect(outcome.steps).toEqual(['ask', 'check', 'ask', 'check'])
  })
})
