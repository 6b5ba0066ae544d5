import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { END, parseWorkflow, WorkflowBuilder } from '../../src/index.ts'

const shape = { text: z.string(), pictures: z.array(z.string()), names: z.array(z.string()) }
const start = new WorkflowBuilder('all', shape)

/** What stands in the document wherever every kind of step may say it. */
const COMMON = {
  title: 'A title',
  description: 'What it is for',
  when: { input: 'text', expression: 'Contains', expected: 'x' },
  retry: 4,
} as const

const NAMES = { names: { type: 'array', items: { type: 'string' } } }

function body(id: string, prompt: string) {
  return { steps: [{ id, operator: 'generation', prompt }], returns: id }
}

function documentOf(step: object) {
  return { version: 1, name: 'w', input: NAMES, steps: [step], returns: 'names' }
}

describe('options of the builder', () => {
  it('[D1] [F24] of a generative step: all stand in the document', () => {
    const said = {
      ...COMMON,
      id: 'answer',
      system: 'You are brief.',
      messages: [{ role: 'user', content: 'Before.' }],
      images: [{ type: 'read', key: 'pictures' }],
      sampling: {
        topP: 0.9,
        topK: 40,
        minP: 0.05,
        repeatPenalty: 1.1,
        seed: 7,
        stop: ['END'],
      },
      maxTokens: 50,
      timeoutMs: 1000,
      tools: ['look'],
      rounds: 3,
      outputs: [{ type: 'write', key: 'kept' }],
      optional: true,
    } as const
    const { document } = start
      .addTool({
        name: 'look',
        description: 'Looks it up',
        parameters: z.object({ a: z.string() }),
        http: { method: 'GET', url: 'https://example.com/' },
      })
      .generativeStep({
        ...said,
        operator: 'function_calling',
        prompt: 'About {{about}}',
        inputs: { about: { type: 'read', key: 'text' } },
        model: ['a', 'b'],
        temperature: 0.7,
        schema: z.string().max(9),
      })
      .setReturnValue('kept')
      .build()
    expect(document.steps).toEqual([
      {
        ...said,
        operator: 'function_calling',
        prompt: 'About {{about}}',
        inputs: { about: { type: 'read', key: 'text' } },
        models: ['a', 'b'],
        sampling: { ...said.sampling, temperature: 0.7 },
        schema: { type: 'string', maxLength: 9 },
      },
    ])
    expect(document.tools).toMatchObject([
      { name: 'look', description: 'Looks it up', parameters: { required: ['a'] } },
    ])
  })

  it('[D1] [F24] of a search, a sample, a map and branches: all stand in the document', () => {
    const search = {
      type: 'news',
      language: 'sv',
      count: 9,
      timeoutMs: 1000,
      query: 'about {{text}}',
    } as const
    const { document } = start
      .searchStep({ ...COMMON, ...search, id: 'found', outputs: [{ type: 'write', key: 'hits' }] })
      .sampleStep({ ...COMMON, id: 'one', from: 'names' })
      .mapStep(
        { ...COMMON, id: 'each', over: 'names', as: 'name', indexAs: 'n', concurrency: 2 },
        (item) => item.generativeStep({ id: 'a', prompt: '{{n}} {{name}}' }).setReturnValue('a'),
      )
      .parallelStep({
        ...COMMON,
        id: 'both',
        branches: {
          left: (branch) => branch.generativeStep({ id: 'b', prompt: 'l' }).setReturnValue('b'),
        },
      })
      .setReturnValue('text')
      .build()
    expect(document.steps).toEqual([
      {
        ...COMMON,
        ...search,
        id: 'found',
        operator: 'search',
        outputs: [{ type: 'write', key: 'hits' }],
      },
      { ...COMMON, id: 'one', operator: 'sample', from: { names: 'names' } },
      {
        ...COMMON,
        id: 'each',
        operator: 'map',
        over: 'names',
        as: 'name',
        indexAs: 'n',
        concurrency: 2,
        body: body('a', '{{n}} {{name}}'),
      },
      { ...COMMON, id: 'both', operator: 'parallel', branches: { left: body('b', 'l') } },
    ])
  })

  it.each<[string, object]>([
    ['sample', { from: { names: 'names' } }],
    ['map', { over: 'names', as: 'name', body: body('b', 'x') }],
    ['parallel', { branches: { left: body('b', 'x') } }],
  ])('[F24] timeoutMs: refused of a %s, which asks for nothing itself', (operator, parts) => {
    const step = { id: 'a', operator, ...parts }
    expect(parseWorkflow(documentOf(step)).steps).toEqual([step])
    expect(() => parseWorkflow(documentOf({ ...step, timeoutMs: 1000 }))).toThrow('timeoutMs')
  })

  it('[D4] [F24] of edges and limits: all stand in the document', () => {
    const { document } = start
      .generativeStep({ id: 'a', prompt: 'a' })
      .generativeStep({ id: 'b', prompt: 'b' })
      .edge('a', 'b', { if: COMMON.when, else: END, fallback: 'b' })
      .switch('b', 'text', { cases: { yes: 'a' }, otherwise: END })
      .setReturnValue('text')
      .setMaxSteps(9)
      .setMaxTime(5000)
      .setMaxTokens(70)
      .build()
    expect(document.edges).toEqual([
      { from: 'a', to: 'b', if: COMMON.when, else: END, fallback: 'b' },
      { from: 'b', to: 'a', if: { input: 'text', expression: 'Equal', expected: 'yes' } },
      { from: 'b', to: END },
    ])
    expect(document.limits).toEqual({ maxSteps: 9, maxTimeMs: 5000, maxTokens: 70 })
  })
})
