/* oxlint-disable typescript/no-unsafe-return -- what the compiler refuses has no type */
import { describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import {
  END,
  GetAll,
  Insert,
  Push,
  WorkflowBuilder,
  Write,
  type InferShape,
  type PromptVariables,
  type ToolCall,
  type Workflow,
} from '../../src/index.ts'

const b = new WorkflowBuilder('b', { instruction: z.string() })

/** Never called: the compiler reads it. */
function rejected(): void {
  // @ts-expect-error misspelt prompt variable
  b.generativeStep({ id: 'x', prompt: 'Do {{instuction}}' })
  // @ts-expect-error misspelt prompt variable in Dria's spelling
  b.generativeStep({ id: 'x', path: 'Do {{instuction}}' })
  // @ts-expect-error a variable that a later step writes is not there yet
  b.generativeStep({ id: 'x', prompt: '{{answer}}' }).generativeStep({
    id: 'answer',
    prompt: '{{x}}',
  })
  // @ts-expect-error misspelt subject of a loop
  b.generativeStep({ id: 'x', prompt: '{{#each instuctions}}{{this}}{{/each}}' })
  // @ts-expect-error misspelt variable after a loop
  b.generativeStep({ id: 'x', prompt: '{{#each instruction}}{{name}}{{/each}} {{name}}' })
  // @ts-expect-error misspelt variable in triple braces
  b.generativeStep({ id: 'x', prompt: '{{{instuction}}}' })
  // @ts-expect-error misspelt variable in a chained condition
  b.generativeStep({ id: 'x', prompt: '{{#if instruction}}a{{else if instuction}}b{{/if}}' })
  // @ts-expect-error duplicate step id
  b.generativeStep({ id: 'x', prompt: 'a' }).generativeStep({ id: 'x', prompt: 'a' })
  // @ts-expect-error edge to nowhere
  b.generativeStep({ id: 'x', prompt: 'a' }).edge('x', 'y')
  // @ts-expect-error edge from nowhere
  b.generativeStep({ id: 'x', prompt: 'a' }).edge('y', END)
  // @ts-expect-error fallback to nowhere
  b.generativeStep({ id: 'x', prompt: 'a' }).edge('x', END, { fallback: 'y' })
  // @ts-expect-error unknown return value
  b.generativeStep({ id: 'x', prompt: 'a' }).setReturnValue('y')
  // @ts-expect-error neither prompt nor path
  b.generativeStep({ id: 'x' })
  const score = b.generativeStep({ id: 'x', prompt: 'a', schema: z.number() })
  // @ts-expect-error a number contains nothing
  score.edge('x', END, { if: (m) => m.x.contains('a'), else: 'x' })
  // @ts-expect-error a text is not above anything
  score.edge('x', END, { if: (m) => m.instruction.above(1), else: 'x' })
  // @ts-expect-error a number is not equal to a text
  score.edge('x', END, { if: (m) => m.x.equals('a'), else: 'x' })
  // @ts-expect-error there is no such key
  score.edge('x', END, { if: (m) => m.y.equals(1), else: 'x' })
  // @ts-expect-error a map over what is no list
  b.mapStep({ id: 'all', over: 'instruction', as: 'item' }, (item) =>
    item.generativeStep({ id: 'x', prompt: 'a' }).setReturnValue('x'),
  )
  b.parallelStep({
    id: 'p',
    branches: {
      one: (i) => i.generativeStep({ id: 'x', prompt: 'a' }).setReturnValue('x'),
      // @ts-expect-error a branch does not know what another writes
      two: (i) => i.generativeStep({ id: 'y', prompt: '{{x}}' }).setReturnValue('y'),
    },
  })
  // @ts-expect-error an unknown case
  b.generativeStep({ id: 'x', prompt: 'a' }).switch('x', 'x', { cases: { a: 'y' }, otherwise: END })
}

type OutputOf<W> = W extends Workflow<never, infer Out> ? Out : never
type InputOf<W> = W extends Workflow<infer In, unknown> ? In : never

describe('the types of a workflow', () => {
  it('[D4] [X1] refuse what `build()` would refuse', () => {
    expect(rejected).toBeTypeOf('function')
  })

  it('[X1] find the names that a prompt reads', () => {
    expectTypeOf<
      PromptVariables<'a {{x}} {{ y.z }} {{#each xs}}{{this}} {{name}} {{@index}}{{/each}}'>
    >().toEqualTypeOf<'x' | 'y' | 'xs'>()
    expectTypeOf<
      PromptVariables<'{{#if a}}{{b}}{{else}}{{c}}{{/if}}{{#unless d}}{{/unless}}'>
    >().toEqualTypeOf<'a' | 'b' | 'c' | 'd'>()
    expectTypeOf<PromptVariables<'{{! note }}{{{raw}}}{{~tight~}}'>>().toEqualTypeOf<
      'raw' | 'tight'
    >()
    expectTypeOf<PromptVariables<'no names { x }'>>().toEqualTypeOf<never>()
  })

  it('[X1] carry the schema of a step to the output', () => {
    const built = b
      .generativeStep({ id: 'x', prompt: 'a', schema: z.array(z.number()) })
      .setReturnValue('x')
      .build()
    expectTypeOf<OutputOf<typeof built>>().toEqualTypeOf<number[]>()
    expectTypeOf<InputOf<typeof built>>().toEqualTypeOf<{ instruction: string }>()
  })

  it('[X1] give text for a step without a schema, and an object for several keys', () => {
    const built = b
      .generativeStep({
        id: 'x',
        prompt: 'a',
        outputs: [Write('query'), Push('history'), Insert('store')],
      })
      .setReturnValue('query', 'history')
      .build()
    expectTypeOf<OutputOf<typeof built>>().toEqualTypeOf<{
      query: string
      history: string[]
    }>()
  })

  it('[X1] give text for JSON and for post-processed values', () => {
    const draft = b
      .generativeStep({ id: 'x', prompt: 'a', schema: z.object({ n: z.number() }) })
      .setReturnValue('x')
    const json = draft.returnJson().build()
    expectTypeOf<OutputOf<typeof json>>().toEqualTypeOf<string>()
    const trimmed = draft.postProcess({ type: 'trim' }).build()
    expectTypeOf<OutputOf<typeof trimmed>>().toEqualTypeOf<string>()
  })

  it('[P11] give what an optional step writes as perhaps absent', () => {
    const built = b
      .generativeStep({ id: 'x', prompt: 'a', optional: true })
      .setReturnValue('x')
      .build()
    expectTypeOf<OutputOf<typeof built>>().toEqualTypeOf<string | undefined>()
  })

  it('[D12] give the calls of a step that returns them', () => {
    const built = b
      .addTool({ name: 'f', description: 'd', parameters: z.object({ n: z.number() }) })
      .generativeStep({ id: 'x', operator: 'function_calling_raw', prompt: 'a' })
      .setReturnValue('x')
      .build()
    expectTypeOf<OutputOf<typeof built>>().toEqualTypeOf<ToolCall[]>()
  })

  it('[D15] give the values of branches and maps', () => {
    const built = new WorkflowBuilder('m', { topics: z.array(z.string()) })
      .mapStep({ id: 'facts', over: 'topics', as: 'topic', indexAs: 'n' }, (item) =>
        item
          .generativeStep({ id: 'fact', prompt: '{{n}} {{topic}}', schema: z.number() })
          .setReturnValue('fact'),
      )
      .parallelStep({
        id: 'both',
        branches: {
          one: (branch) =>
            branch.generativeStep({ id: 'x', prompt: '{{facts}}' }).setReturnValue('x'),
          two: (branch) =>
            branch
              .generativeStep({ id: 'x', prompt: 'b', schema: z.boolean() })
              .setReturnValue('x'),
        },
      })
      .setReturnValue('facts', 'one', 'two')
      .build()
    expectTypeOf<OutputOf<typeof built>>().toEqualTypeOf<{
      facts: number[]
      one: string
      two: boolean
    }>()
  })

  it('[X1] know names that a step gives its own inputs', () => {
    const draft = b
      .generativeStep({ id: 'x', prompt: 'a', outputs: [Push('history')] })
      .generativeStep({
        id: 'y',
        prompt: '{{earlier}} {{instruction}}',
        inputs: { earlier: GetAll('history') },
      })
    expect(draft).toBeInstanceOf(WorkflowBuilder)
  })

  it('[D5] leave prompts in files to `build()`', () => {
    expect(b.generativeStep({ id: 'x', path: 'prompts/rewrite.md' })).toBeInstanceOf(
      WorkflowBuilder,
    )
  })

  it('[X1] let inputs with an optional schema be left out', () => {
    expectTypeOf<
      InferShape<{ readonly a: z.ZodString; readonly b: z.ZodOptional<z.ZodNumber> }>
    >().toEqualTypeOf<{ a: string; b?: number | undefined }>()
  })
})
