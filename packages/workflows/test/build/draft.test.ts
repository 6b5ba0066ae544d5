import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { END, WorkflowBuilder, WorkflowError, type Step } from '../../src/index.ts'

const text = new WorkflowBuilder('w', { instruction: z.string() })
const asked = text.generativeStep({ id: 'a', prompt: 'x' })

const readText = (path: string) => `text of ${path}`

/** The first step of a workflow with this one, as a program without types would write it. */
function stepOf(parts: object, read?: (path: string) => string): Step | undefined {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- JavaScript has no types
  const built = text.generativeStep({ id: 'a', ...(parts as { readonly prompt: 'x' }) })
  const options = read === undefined ? {} : { readText: read }
  return built.setReturnValue('a').build(options).document.steps[0]
}

function invalid(message: string): WorkflowError {
  return new WorkflowError('INVALID_DOCUMENT', message)
}

describe('a step of a builder', () => {
  it('[D5] reads a file for its `path` only where it has no prompt and the path is one', () => {
    expect(stepOf({ path: 'a.md' }, readText)).toMatchObject({ prompt: 'text of a.md' })
    expect(stepOf({ path: 'a.md', prompt: 'x' }, readText)).toMatchObject({ prompt: 'x' })
    expect(stepOf({ path: 'a.txt' }, readText)).toMatchObject({ prompt: 'a.txt' })
    expect(stepOf({ path: 'a.md' }, readText)).not.toHaveProperty('path')
  })

  it('[D5] reads no file on its own', () => {
    const draft = text.generativeStep({ id: 'a', path: 'a.md' }).setReturnValue('a')
    expect(() => draft.build()).toThrow(
      invalid(
        "step 'a' reads its prompt from 'a.md': give build({ readText }) a function that reads files, or the text itself as prompt:",
      ),
    )
  })

  it('[D26] takes one model or several, and a temperature beside the rest of its sampling', () => {
    expect(stepOf({ prompt: 'x', model: 'm' })).toMatchObject({ models: ['m'] })
    expect(stepOf({ prompt: 'x', model: ['m', 'n'] })).toMatchObject({ models: ['m', 'n'] })
    expect(stepOf({ prompt: 'x', sampling: { topK: 1 }, temperature: 0 })).toMatchObject({
      sampling: { topK: 1, temperature: 0 },
    })
    expect(stepOf({ prompt: 'x', sampling: { topK: 1 } })).toMatchObject({ sampling: { topK: 1 } })
    expect(stepOf({ prompt: 'x' })).toEqual({ id: 'a', operator: 'generation', prompt: 'x' })
  })

  it('[D10] takes JSON Schema as it is, and refuses what is no schema', () => {
    const schema = { type: 'object', properties: {} }
    expect(stepOf({ prompt: 'x', schema })).toMatchObject({ schema })
    for (const wrong of [null, 'text']) {
      expect(() => stepOf({ prompt: 'x', schema: wrong })).toThrow("step 'a': schema: ")
    }
  })

  it('[D15] names its own place where something is wrong in it', () => {
    expect(() => stepOf({ prompt: 7 })).toThrow(
      expect.objectContaining({ code: 'INVALID_DOCUMENT', step: 'a' }),
    )
  })
})

describe('a body inside a step', () => {
  const memory = new WorkflowBuilder('w', { list: z.array(z.string()), said: z.string() })

  it('[D15] has conditions on what is around it, the item and its index', () => {
    const all = memory
      .generativeStep({ id: 'before', prompt: 'x' })
      .mapStep({ id: 'all', over: 'list', as: 'item', indexAs: 'n' }, (body) =>
        body
          .generativeStep({ id: 'one', prompt: '{{item}}' })
          .edge('one', 'one', { if: (m) => m.said.equals('x') })
          .edge('one', 'one', { if: (m) => m.before.equals('x') })
          .edge('one', 'one', { if: (m) => m.item.equals('x') })
          .edge('one', END, { if: (m) => m.n.equals(1) })
          .setReturnValue('one'),
      )
      .setReturnValue('all')
      .build().document.steps[1]
    const condition = { expression: 'Equal', expected: 'x' }
    expect(all).toMatchObject({
      indexAs: 'n',
      body: {
        edges: [
          { from: 'one', to: 'one', if: { input: 'said', ...condition } },
          { from: 'one', to: 'one', if: { input: 'before', ...condition } },
          { from: 'one', to: 'one', if: { input: 'item', ...condition } },
          { from: 'one', to: END, if: { input: 'n', expression: 'Equal', expected: 1 } },
        ],
      },
    })
    const unknown: object = { if: (m: Readonly<Record<string, unknown>>) => m['n'] }
    const made = () =>
      memory.mapStep({ id: 'all', over: 'list', as: 'item' }, (body) => {
        const one = body.generativeStep({ id: 'one', prompt: 'x' })
        return one.edge('one', END, unknown).setReturnValue('one')
      })
    expect(made).toThrow(
      "a condition reads 'n', which is neither an input nor written by a step; there are 'list', 'said', 'item', 'one'",
    )
  })
})

describe('a workflow of a builder', () => {
  it('[D8] has limits, edges and tools only where it was told some', () => {
    expect(asked.setReturnValue('a').build().document).toEqual({
      version: 1,
      name: 'w',
      input: { instruction: { type: 'string' } },
      steps: [{ id: 'a', operator: 'generation', prompt: 'x' }],
      returns: 'a',
    })
  })

  it.each([
    [
      'no step',
      () => text.setReturnValue('instruction').build(),
      "'w' has no step: each call returns a new builder, so chain them",
    ],
    ['no return value', () => asked.build(), "'w' returns nothing: add .setReturnValue('a')"],
    [
      'JSON of nothing',
      () => asked.returnJson(),
      'say what the workflow returns first: setReturnValue()',
    ],
  ])('[D4] is told what it lacks: %s', (_, run, message) => {
    expect(run).toThrow(invalid(message))
  })
  it('[D4] is told what is known where it has more', () => {
    const tool: object = { name: 't', description: '', frobnicate: 1 }
    expect(() => text.addTool(Object.assign({ name: 't', description: '' }, tool))).toThrow(
      invalid(
        "frobnicate: 'frobnicate' is not known. There are: name, description, parameters, http.",
      ),
    )
    const options: object = { frobnicate: 1 }
    expect(() => asked.edge('a', END, options)).toThrow(
      invalid("frobnicate: 'frobnicate' is not known. There are: from, to, if, else, fallback."),
    )
  })
})
