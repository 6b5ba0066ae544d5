import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { END, Insert, parseWorkflow, Pop, Push, WorkflowBuilder, Write } from '../../src/index.ts'
import { drive, prompts, says } from '../drive.ts'

const text = new WorkflowBuilder('w', { instruction: z.string() })

function returns(builder: {
  build(): { readonly document: { readonly returns: unknown } }
}): unknown {
  return builder.build().document.returns
}

describe('a builder', () => {
  it('[D26] takes models in the spelling of the document, too, where no compiler looks', () => {
    const loose: object = { models: ['a', 'b'] }
    const built = text
      .generativeStep({ id: 'x', prompt: 'x', ...loose })
      .setReturnValue('x')
      .build()
    expect(built.document.steps[0]).toMatchObject({ models: ['a', 'b'] })
  })

  it('[D1] makes the document that one would write by hand', () => {
    const built = text
      .generativeStep({
        id: 'variations',
        prompt: 'Rewrite in 5 ways: {{instruction}}',
        schema: z.array(z.string()),
        system: 'You rewrite.',
        model: 'llama3.1:8b',
        temperature: 0.2,
        maxTokens: 200,
        title: 'Rewriting',
      })
      .setReturnValue('variations')
      .setMaxSteps(5)
      .setMaxTime(60_000)
      .setMaxTokens(500)
      .build()
    expect(built.toJSON()).toEqual({
      version: 1,
      name: 'w',
      input: { instruction: { type: 'string' } },
      steps: [
        {
          id: 'variations',
          operator: 'generation',
          title: 'Rewriting',
          prompt: 'Rewrite in 5 ways: {{instruction}}',
          system: 'You rewrite.',
          schema: { type: 'array', items: { type: 'string' } },
          models: ['llama3.1:8b'],
          sampling: { temperature: 0.2 },
          maxTokens: 200,
        },
      ],
      returns: 'variations',
      limits: { maxSteps: 5, maxTimeMs: 60_000, maxTokens: 500 },
    })
    expect(parseWorkflow(JSON.parse(JSON.stringify(built)))).toEqual(built.document)
  })

  it('[D5] reads the spelling of the original documentation', () => {
    const built = text
      .generativeStep({
        id: 'generate_variations',
        path: 'Rewrite 5 variations of given instruction by making small changes. Instruction: {{instruction}}. Output a single Python list for new instructions, and nothing else. New instructions:',
        operator: 'generation',
        outputs: [Write('variations')],
      })
      .edge('generate_variations', '_end')
      .setReturnValue('variations')
      .build()
    const driven = drive(
      built.document,
      { instruction: 'Write a haiku' },
      { script: { generate_variations: ["['a']"] } },
    )
    expect(prompts(driven)[0]).toContain('Instruction: Write a haiku. Output')
    expect(driven.outcome.output).toBe("['a']")
  })

  it('[D5] reads a prompt file with the function that it is given', () => {
    const draft = text.generativeStep({ id: 'a', path: 'prompts/a.md' }).setReturnValue('a')
    const built = draft.build({ readText: (path) => `From ${path}: {{instruction}}` })
    expect(built.document.steps[0]).toMatchObject({ prompt: 'From prompts/a.md: {{instruction}}' })
    expect(() => draft.build({ readText: () => '{{instuction}}' })).toThrow(
      "step 'a': {{instuction}} is neither",
    )
    expect(() => draft.build()).toThrow(
      "step 'a' reads its prompt from 'prompts/a.md': give build({ readText })",
    )
  })

  it('[D5] takes a `path` of several lines or with a variable for the text itself', () => {
    for (const path of ['Summarise\nREADME.md', 'Summarise {{instruction}}.md']) {
      const built = text.generativeStep({ id: 'a', path }).setReturnValue('a').build()
      expect(built.document.steps[0]).toMatchObject({ prompt: path })
    }
  })

  it('[D6] makes edges with conditions as data', () => {
    const built = text
      .generativeStep({
        id: 'ask',
        prompt: 'x',
        outputs: [Write('query'), Push('history'), Insert('seen')],
      })
      .generativeStep({ id: 'score', prompt: '{{query}}', schema: z.number() })
      .edge('ask', 'score')
      .edge('score', END, { if: (m) => m.score.above(7) })
      .edge('score', END, { if: (m) => m.query.similar(0.9) })
      .edge('score', 'ask', { if: (m) => m.history.sizeBelow(5), else: END, fallback: 'ask' })
      .setReturnValue('query')
      .build()
    expect(built.document.edges).toEqual([
      { from: 'ask', to: 'score' },
      { from: 'score', to: END, if: { input: 'score', expression: 'GreaterThan', expected: 7 } },
      { from: 'score', to: END, if: { input: 'query', expression: 'HaveSimilar', expected: 0.9 } },
      {
        from: 'score',
        to: 'ask',
        if: { input: { type: 'size', key: 'history' }, expression: 'LessThan', expected: 5 },
        else: END,
        fallback: 'ask',
      },
    ])
  })

  it('[D15] makes a switch of edges', () => {
    const built = text
      .generativeStep({ id: 'kind', prompt: 'x', schema: z.enum(['poem', 'story']) })
      .generativeStep({ id: 'poem', prompt: 'y' })
      .generativeStep({ id: 'story', prompt: 'z' })
      .switch('kind', 'kind', { cases: { poem: 'poem', story: 'story' }, otherwise: END })
      .setReturnValue('kind')
      .build()
    const steps = (answer: string) =>
      drive(
        built.document,
        { instruction: '' },
        { script: { kind: [answer], poem: ['p'], story: ['s'] } },
      ).outcome.steps
    expect(built.document.edges).toHaveLength(3)
    expect(steps('story')).toEqual(['kind', 'story'])
  })

  it('[D1] makes search, sample, parallel and map steps', () => {
    const built = new WorkflowBuilder('w', { topics: z.array(z.string()) })
      .sampleStep({ id: 'pick', from: 'topics' })
      .searchStep({ id: 'found', query: '{{pick}}', type: 'news', count: 3 })
      .parallelStep({
        id: 'both',
        branches: {
          pro: (branch) =>
            branch.generativeStep({ id: 'x', prompt: 'For {{found}}' }).setReturnValue('x'),
          con: (branch) =>
            branch.generativeStep({ id: 'x', prompt: 'Against {{pick}}' }).setReturnValue('x'),
        },
      })
      .mapStep(
        {
          id: 'all',
          over: 'topics',
          as: 'topic',
          indexAs: 'n',
          concurrency: 2,
          when: (m) => m.pro.contains('x'),
        },
        (item) =>
          item
            .generativeStep({ id: 'one', prompt: '{{n}} {{topic}} {{pro}}' })
            .edge('one', END, { if: (m) => m.one.contains('a'), else: 'one' })
            .setReturnValue('one'),
      )
      .setReturnValue('all', 'con')
      .build()
    expect(built.document.steps).toEqual([
      { id: 'pick', operator: 'sample', from: { topics: 'topics' } },
      { id: 'found', operator: 'search', query: '{{pick}}', type: 'news', count: 3 },
      {
        id: 'both',
        operator: 'parallel',
        branches: {
          pro: {
            steps: [{ id: 'x', operator: 'generation', prompt: 'For {{found}}' }],
            returns: 'x',
          },
          con: {
            steps: [{ id: 'x', operator: 'generation', prompt: 'Against {{pick}}' }],
            returns: 'x',
          },
        },
      },
      {
        id: 'all',
        operator: 'map',
        over: 'topics',
        as: 'topic',
        indexAs: 'n',
        concurrency: 2,
        when: { input: 'pro', expression: 'Contains', expected: 'x' },
        body: {
          steps: [{ id: 'one', operator: 'generation', prompt: '{{n}} {{topic}} {{pro}}' }],
          edges: [
            {
              from: 'one',
              to: END,
              if: { input: 'one', expression: 'Contains', expected: 'a' },
              else: 'one',
            },
          ],
          returns: 'one',
        },
      },
    ])
  })

  it('[D12] takes tools with a Zod schema, a request or by the name of the node', () => {
    const built = text
      .addTool({ name: 'sum', description: 'Adds', parameters: z.object({ a: z.number() }) })
      .addTool({
        name: 'get',
        description: 'Gets',
        http: { method: 'GET', url: 'https://x.example/{{id}}' },
      })
      .addTool('search')
      .generativeStep({
        id: 'a',
        operator: 'function_calling',
        prompt: 'x',
        tools: ['get', 'search'],
        rounds: 3,
      })
      .setReturnValue('a')
      .build()
    expect(built.document.tools).toEqual([
      {
        name: 'sum',
        description: 'Adds',
        parameters: {
          type: 'object',
          properties: { a: { type: 'number' } },
          required: ['a'],
          additionalProperties: false,
        },
      },
      {
        name: 'get',
        description: 'Gets',
        http: { method: 'GET', url: 'https://x.example/{{id}}' },
      },
      'search',
    ])
  })

  it('[D2] gives steps inputs of their own', () => {
    const built = text
      .generativeStep({ id: 'a', prompt: 'x', outputs: [Push('stack')] })
      .generativeStep({ id: 'b', prompt: '{{last}}', inputs: { last: Pop('stack') } })
      .setReturnValue('b')
      .build()
    const driven = drive(
      built.document,
      { instruction: '' },
      { script: { a: ['popped'], b: [says('y')] } },
    )
    expect(prompts(driven)[1]).toBe('popped')
  })

  it('[D9] makes JSON and processed return values', () => {
    const draft = text.generativeStep({ id: 'a', prompt: 'x' })
    expect(returns(draft.setReturnValue('a').returnJson())).toMatchObject({
      value: 'a',
      json: true,
    })
    expect(returns(draft.setReturnValue('a', 'instruction').returnJson())).toMatchObject({
      values: { a: 'a', instruction: 'instruction' },
      json: true,
    })
    expect(
      returns(
        draft
          .setReturnValue('a')
          .postProcess({ type: 'trim' })
          .postProcess({ type: 'to_upper' }, { type: 'append', text: '!' }),
      ),
    ).toMatchObject({
      value: 'a',
      process: [{ type: 'trim' }, { type: 'to_upper' }, { type: 'append', text: '!' }],
    })
  })

  it('[D24] lets inputs with an optional schema be left out', () => {
    const built = new WorkflowBuilder('w', {
      a: z.string(),
      b: z.number().optional(),
      c: z.string().default('x'),
    })
      .generativeStep({ id: 's', prompt: '{{a}}{{#if b}}{{b}}{{/if}}' })
      .setReturnValue('s')
      .build()
    expect(built.document.optionalInputs).toEqual(['b', 'c'])
  })

  it('is never changed by what is built on it', () => {
    const first = text.generativeStep({ id: 'x', prompt: 'a' }).setReturnValue('x').build()
    const second = text.generativeStep({ id: 'x', prompt: 'b' }).setReturnValue('x').build()
    expect([first.document.steps[0], second.document.steps[0]]).toMatchObject([
      { prompt: 'a' },
      { prompt: 'b' },
    ])
  })
})
