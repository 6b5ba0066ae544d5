import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { WorkflowBuilder, type Step } from '../../src/index.ts'

const text = new WorkflowBuilder('w', { instruction: z.string() })

/** The same builder for programs without types. */
interface Untyped {
  generativeStep(step: object): Untyped
  searchStep(step: object): Untyped
  mapStep(step: object, body: (item: Untyped) => unknown): Untyped
  edge(from: string, to: string, options?: object): Untyped
  switch(from: string, on: string, options: object): Untyped
  addTool(tool: unknown): Untyped
  setReturnValue(...keys: string[]): Untyped
  returnJson(): Untyped
  postProcess(...process: object[]): Untyped
  setMaxSteps(count: number): Untyped
  build(options?: object): { readonly document: { readonly steps: readonly Step[] } }
}

function untyped(builder: unknown): Untyped {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- JavaScript has no types
  return builder as Untyped
}

const js = untyped(text)

describe('a builder without types', () => {
  const a = js.generativeStep({ id: 'a', prompt: 'x' })

  it.each<[string, () => unknown, string]>([
    [
      'a misspelt variable',
      () => js.generativeStep({ id: 'a', prompt: '{{instuction}}' }).setReturnValue('a').build(),
      "step 'a': {{instuction}} is neither an input nor written by a step; there are 'instruction', 'a'",
    ],
    [
      'a duplicate id',
      () => a.generativeStep({ id: 'a', prompt: 'y' }).setReturnValue('a').build(),
      "step 'a': another step has the same id",
    ],
    [
      'an edge to nowhere',
      () => a.edge('a', 'b').setReturnValue('a').build(),
      "there is no step 'b'",
    ],
    [
      'an unknown return value',
      () => a.setReturnValue('b').build(),
      "the return value: 'b' is neither",
    ],
    [
      'a condition on an unknown key',
      () =>
        a.edge('a', '_end', {
          if: (m: Record<string, { equals(value: string): object }>) => m['b']?.equals('x'),
        }),
      "a condition reads 'b', which is neither an input nor written by a step; there are 'instruction', 'a'",
    ],
    ['a condition that is none', () => a.edge('a', '_end', { if: () => 'yes' }), 'if: '],
    [
      'no steps',
      () => js.setReturnValue('instruction').build(),
      "'w' has no step: each call returns a new builder, so chain them",
    ],
    ['no return value', () => a.build(), "'w' returns nothing: add .setReturnValue('a')"],
    ['JSON before the return value', () => a.returnJson(), 'say what the workflow returns first'],
    [
      'a step without a prompt',
      () => js.generativeStep({ id: 'a' }).setReturnValue('a').build(),
      "step 'a': it has no prompt",
    ],
    [
      'an unknown option',
      () => js.generativeStep({ id: 'a', prompt: 'x', modle: 'm' }),
      `step 'a': modle: 'modle' is not known. There are: id, title,`,
    ],
    [
      'a wrong option',
      () => js.generativeStep({ id: 'a', prompt: 'x', temperature: -1 }),
      "step 'a': sampling.temperature: expected at least 0, found -1",
    ],
    ['a wrong limit', () => a.setMaxSteps(0).setReturnValue('a').build(), 'limits.maxSteps'],
    ['a tool without a name', () => js.addTool({ description: 'd' }), 'name'],
    [
      'a body that returns nothing',
      () =>
        js.mapStep({ id: 'm', over: 'instruction', as: 'i' }, (item) =>
          item.generativeStep({ id: 'x', prompt: 'y' }),
        ),
      "'body' returns nothing",
    ],
    [
      'a body that is no builder',
      () => js.mapStep({ id: 'm', over: 'instruction', as: 'i' }, () => 1),
      "'body' must return the builder it was given",
    ],
    [
      'a transform',
      () =>
        js.generativeStep({
          id: 'a',
          prompt: 'x',
          schema: z.string().transform((value) => value.length),
        }),
      "step 'a': the schema cannot travel to a node",
    ],
    [
      'a check of its own',
      () =>
        js.generativeStep({
          id: 'a',
          prompt: 'x',
          schema: z.array(z.string().refine((value) => value !== '')),
        }),
      "step 'a': the schema cannot travel to a node: it has a check of its own (.refine)",
    ],
    [
      'flags of a pattern',
      () => js.generativeStep({ id: 'a', prompt: 'x', schema: z.string().regex(/a/i) }),
      'flags of a pattern are lost',
    ],
    [
      'a date',
      () =>
        untyped(new WorkflowBuilder('w', { day: z.date() }))
          .generativeStep({ id: 'a', prompt: 'x' })
          .setReturnValue('a')
          .build(),
      "input 'day': the schema cannot travel to a node",
    ],
  ])('[D4] is told the culprit: %s', (_, run, message) => {
    expect(run).toThrow(message)
    expect(run).toThrow(expect.objectContaining({ name: 'WorkflowError' }))
  })
})
