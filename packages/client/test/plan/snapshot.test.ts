import { WorkflowBuilder } from '@skein/workflows'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ClientError, graph, pipeline, plans, step } from '../../src/index.ts'

interface Parts {
  readonly prompt?: string
  readonly output?: z.ZodType<number>
  readonly version?: string
  readonly rate?: number
  readonly options?: object
  readonly change?: (n: number) => number
}

function twice(n: number): number {
  return n * 2
}
function thrice(n: number): number {
  return n * 3
}

/** The same inside another. */
function around(version: string) {
  return pipeline('outer', { text: z.string() }).parallel({ n: planOf({ version }) })
}

/** A plan that can be changed in one thing at a time. */
function planOf({
  prompt = 'Count {{text}}',
  output = z.number(),
  version = '1',
  rate = 0.1,
  options = {},
  change = twice,
}: Parts = {}) {
  const count = new WorkflowBuilder('count', { text: z.string() })
    .generativeStep({ id: 'n', prompt: `${prompt} {{text}}`, schema: z.number() })
    .setReturnValue('n')
    .build()
  const weigh = step({
    name: 'weigh',
    version,
    input: z.number(),
    context: z.object({ rate: z.number().default(rate) }),
    output,
    run: (n) => n,
  })
  return pipeline('sealed', { text: z.string() }).step(count, options).map(change).step(weigh)
}

const any = step({ name: 'any', input: z.any(), output: z.any(), run: (v: unknown) => v })

describe('a snapshot', () => {
  const { hash } = planOf().freeze()

  it.each<[string, Parts]>([
    ['a prompt', { prompt: 'Measure' }],
    ['a schema', { output: z.int() }],
    ['the version of a step', { version: '2' }],
    ['a default of the context', { rate: 0.2 }],
    ['a function', { change: thrice }],
    ['the models', { options: { models: ['m'] } }],
    ['how many may fail', { options: { minSuccessRatio: 0.5 } }],
    ['what is made up after a failure', { options: { fallback: () => 0 } }],
  ])('[F14] has another hash when %s is another', (_, parts) => {
    expect(planOf(parts).freeze().hash).not.toBe(hash)
  })

  it('[F14] has another hash when the version of the plan is another', () => {
    const shape = { text: z.string() }
    const [one, two] = ['1', '2'].map((version) => pipeline('v', shape, { version }))
    expect(one?.freeze().hash).not.toBe(two?.freeze().hash)
    const json: unknown = JSON.parse(JSON.stringify(one))
    expect(json).toMatchObject({ version: '1' })
    expect(plans.fromJson(json).freeze().hash).toBe(one?.freeze().hash)
    expect(plans.diff(pipeline('v', shape), pipeline('v', shape, { version: '1' }))).toEqual([
      { kind: 'change', step: '', what: ['version'] },
    ])
  })

  it.each([
    [new Map([['a', 1]]), new Map([['a', 2]])],
    [new Set([1]), new Set([2])],
    [1n, 2n],
    [NaN, null],
    [undefined, null],
    [[undefined], [null]],
    [0, -0],
    [new Date(0), new Date(0).toISOString()],
    [new Date(0), new Date(1)],
    [new URL('x:y'), 'x:y'],
    [/a/, /b/],
    [/a/, '/a/'],
    [[new Date(0)], [new Date(0).toISOString()]],
  ])('[F14] has another hash when a value is %o instead of %o', (one, other) => {
    const [first, second] = [one, other].map((v) => {
      const values: unknown[] = [v]
      return pipeline('b', { n: z.number() }).broadcast(values, { as: 'v' }).freeze()
    })
    expect(first?.hash).not.toBe(second?.hash)
    expect(first?.verify()).toBe(true)
    const [wired, otherwise] = [one, other].map((v) =>
      graph('g', { input: z.unknown() }, (g) => g(any, v)).freeze(),
    )
    expect(wired?.hash).not.toBe(otherwise?.hash)
    const [before, after] = [one, other].map((v) => planOf().withContext({ v }))
    expect(before?.freeze().hash).not.toBe(after?.freeze().hash)
  })

  it('[F14] has another hash when an edge is another', () => {
    expect(planOf().map(twice).freeze().hash).not.toBe(hash)
    const number = { input: z.object({ a: z.number(), b: z.number() }) }
    const id = step({ name: 'id', input: z.number(), output: z.number(), run: twice })
    const one = graph('g', number, (g, input) => g(id, input.a))
    const other = graph('g', number, (g, input) => g(id, input.b))
    expect(one.freeze().hash).not.toBe(other.freeze().hash)
  })

  it.each<[string, object]>([
    ['how many run at once', { concurrency: 3 }],
    ['how often it is tried', { retries: 3 }],
    ['how long it may take', { timeout: '5s' }],
    ['whether it is remembered', { cache: true }],
    ['whether the first failure ends it', { failFast: true }],
  ])('[F14] has the same hash whatever is said about %s', (_, options) => {
    expect(planOf({ options }).freeze().hash).toBe(hash)
  })

  it('[F14] is the same wherever it is taken', () => {
    expect(planOf().freeze().hash).toBe(hash)
    expect(hash).toMatch(/^[0-9a-f]{64}$/)
    const fixed = pipeline('fixed', { xs: z.array(z.string()) })
      .scatter('xs')
      .aggregate()
    expect(fixed.freeze().hash).toBe(
      '20fb106652166df1b180b545580959afdd5e7c86139be7633ef8179a45548b67',
    )
  })

  it('[F14] that was edited is not what was sealed', () => {
    const snapshot = planOf().freeze()
    expect(snapshot.verify()).toBe(true)
    const text = JSON.stringify(snapshot)
    expect(plans.verify(JSON.parse(text))).toBe(true)
    expect(plans.verify(JSON.parse(text.replace('Count', 'Guess')))).toBe(false)
    expect(plans.verify({ hash })).toBe(false)
    expect(() => Object.assign(snapshot.plan, { pipeline: 'x' })).toThrow(TypeError)
  })
})

describe('the difference of two plans', () => {
  const steps = Object.fromEntries(
    ['a', 'b', 'c', 'd'].map((name) => [
      name,
      step({ name, input: z.number(), output: z.number(), run: twice }),
    ]),
  )

  /** A chain of steps by name. */
  function chained(...names: readonly string[]) {
    const json = { pipeline: 'p', input: 'number', steps: names.map((name) => ({ step: name })) }
    return plans.fromJson(json, steps)
  }

  it('[F14] of equal plans is empty', () => {
    expect(plans.diff(planOf(), planOf())).toEqual([])
  })

  it('[F14] tells what is new, gone, changed and moved', () => {
    expect(plans.diff(chained('a', 'b'), chained('a', 'b', 'c'))).toEqual([
      { kind: 'add', step: 'c' },
    ])
    expect(plans.diff(chained('a', 'b'), chained('b'))).toEqual([{ kind: 'remove', step: 'a' }])
    expect(plans.diff(chained('a', 'b', 'c', 'd'), chained('a', 'd', 'b', 'c'))).toEqual([
      { kind: 'move', step: 'd' },
    ])
    expect(plans.diff(planOf(), planOf({ version: '2', prompt: 'Measure' }))).toEqual([
      { kind: 'change', step: 'count', what: ['workflow'] },
      { kind: 'change', step: 'weigh', what: ['definition'] },
    ])
  })

  it('[F14] is refused by name where one is no pipeline', () => {
    // @ts-expect-error -- a snapshot holds its plan as data
    expect(() => plans.diff(planOf(), planOf().freeze())).toThrow('the second is none')
    // @ts-expect-error -- nothing is no pipeline
    expect(() => plans.diff(undefined, planOf())).toThrow('the first is none')
    // @ts-expect-error -- a step is no pipeline
    expect(() => plans.diff(any, planOf())).toThrow(ClientError)
  })

  it('[F14] reaches into plans inside plans, and sees other inputs', () => {
    expect(plans.diff(around('1'), around('2'))).toEqual([
      { kind: 'change', step: 'parallel.n/sealed/weigh', what: ['definition'] },
    ])
    const one = pipeline('p', { a: z.string() })
    expect(plans.diff(one, pipeline('p', { a: z.number() }))).toEqual([
      { kind: 'change', step: '', what: ['input'] },
    ])
  })
})

describe('a check', () => {
  const texts = step({
    name: 'texts',
    input: z.array(z.string()),
    output: z.string(),
    run: (all) => all.join(''),
  })
  const numbers = { pipeline: 'p', input: { xs: 'number[]' } }

  it('[F8] tells a list of texts from a list of numbers, before anything runs', () => {
    const plan = plans.fromJson({ ...numbers, steps: [{ step: 'texts' }] }, { texts })
    expect(plan.validate()).toMatchObject({
      ok: false,
      errors: [
        {
          step: 'texts',
          message: 'what it is given does not fit its input: it is object, not string[]',
        },
      ],
      warnings: [],
    })
    const wired = {
      graph: { steps: [{ step: 'texts', wire: '$input.xs' }], output: '$texts' },
    }
    const [error] = plans.fromJson({ ...numbers, steps: [wired] }, { texts }).validate().errors
    expect(error?.message).toContain('[] is number, not string')
    const right = { pipeline: 'p', input: { xs: 'string[]' }, steps: [wired] }
    expect(plans.fromJson(right, { texts }).validate()).toMatchObject({
      ok: true,
      errors: [],
      warnings: [],
    })
  })

  it('[F8] warns of outputs that nobody uses, and of steps that lead nowhere', () => {
    const id = step({ name: 'id', input: z.number(), output: z.number(), run: twice })
    const plan = graph('g', { input: z.number() }, (g, input) => {
      const lost = g(id, input, { name: 'lost' })
      g(id, lost, { name: 'dead' })
      return g(id, input, { name: 'used' })
    })
    expect(plan.validate()).toMatchObject({
      ok: true,
      errors: [],
      warnings: [
        {
          step: 'lost',
          message: 'nothing of it reaches the output: it leads only to steps that nobody uses',
        },
        { step: 'dead', message: 'nobody uses its output' },
      ],
    })
  })

  it.each<[string, z.ZodType, z.ZodType, string | undefined]>([
    ['a whole number', z.int(), z.number(), undefined],
    ['a number', z.number(), z.string(), 'it is number, not string'],
    ['lists', z.array(z.number()), z.array(z.string()), '[] is number, not string'],
    [
      'a field',
      z.object({ a: z.number() }),
      z.object({ a: z.string(), b: z.any() }),
      'a is number, not string',
    ],
    ['a field that is missing', z.object({}), z.object({ a: z.string() }), 'a is missing'],
    [
      'fields that are missing',
      z.object({ b: z.string() }),
      z.object({ a: z.string(), b: z.string(), c: z.string() }),
      'a and c are missing',
    ],
    ['an optional field', z.object({}), z.object({ a: z.string().optional() }), undefined],
    ['choices', z.enum(['x', 'y']), z.enum(['z']), 'it is "x" or "y", which is not wanted'],
    ['choices that may be those wanted', z.enum(['x', 'y']), z.enum(['x']), undefined],
    ['a number that may be whole', z.number(), z.int(), undefined],
    ['what is coerced', z.string(), z.coerce.number(), undefined],
    ['what is caught', z.string(), z.object({ a: z.number().catch(0) }), undefined],
    ['a field of any name', z.record(z.string(), z.any()), z.object({ a: z.string() }), undefined],
    ['a field that may be anything', z.object({}), z.object({ a: z.any() }), undefined],
    ['anything', z.any(), z.string(), undefined],
  ])('compares schemas: %s', (...[, given, wanted, message]) => {
    const made = step({ name: 'made', input: z.string(), output: given, run: () => ({}) })
    const takes = step({ name: 'takes', input: wanted, output: z.any(), run: () => 1 })
    const steps = [{ step: 'made' }, { step: 'takes' }]
    const plan = plans.fromJson({ pipeline: 'p', input: 'string', steps }, { made, takes })
    const prefix = 'what it is given does not fit its input: '
    const found = plan.validate().errors.map((error) => error.message.slice(prefix.length))
    expect(found).toEqual(message === undefined ? [] : [message])
  })
})
