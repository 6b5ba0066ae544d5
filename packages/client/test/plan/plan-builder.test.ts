import { WorkflowBuilder } from '@skein/workflows'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { graph, pipeline, step } from '../../src/index.ts'
import { PlanBuilder } from '../../src/plan/plan-builder.ts'
import { double } from '../local-plans.ts'
import { execute, rewrite } from '../workflows.ts'

const start = PlanBuilder.start('start', { instruction: z.string() })
/** What JavaScript lets through. */
function careless(options: object): object {
  return options
}

function many({ plan }: PlanBuilder): unknown {
  return plan.many
}

const builder = new WorkflowBuilder('unbuilt', { instruction: z.string() })

describe('a plan', () => {
  it('is never changed: each verb returns a new one', () => {
    const one = pipeline('p', { instruction: z.string() })
    const two = one.step(execute)
    const three = two.map((answer) => answer.length)
    expect(one.plan.nodes).toHaveLength(0)
    expect(two.plan.nodes).toHaveLength(1)
    expect(three.plan.nodes).toHaveLength(2)
    expect(() => Object.assign(two.plan.nodes[0] ?? {}, { label: 'other' })).toThrow(TypeError)
  })

  it('numbers steps of the same name, so that each has its own', () => {
    const plan = pipeline('p', { instruction: z.string() }).step(execute).step(execute)
    expect(plan.step(execute).plan.nodes.map(({ label }) => label)).toEqual([
      'execute',
      'execute-2',
      'execute-3',
    ])
  })

  it.each<[string, () => unknown, string]>([
    ['a name', () => PlanBuilder.start('', {}), 'pipeline() needs a name'],
    ['a shape', () => PlanBuilder.start('p', 3), "pipeline 'p' needs the shape of its input"],
    ['known options', () => PlanBuilder.start('p', {}, { x: 1 }), "has an unknown option 'x'"],
    [
      'a version as text',
      () => PlanBuilder.start('p', {}, { version: 1 }),
      "version of pipeline 'p'",
    ],
    ['schemas in its shape', () => PlanBuilder.start('p', { a: 1 }), "input 'a' of pipeline 'p'"],
    [
      'something to run',
      () => start.step(undefined),
      'step() needs a workflow, a step or a pipeline',
    ],
    ['built workflows', () => start.step(builder), 'call its .build() first'],
    ['map for plain functions', () => start.step(() => 1), 'use map() for a plain function'],
    [
      'known options',
      () => start.step(execute, careless({ retry3: 1 })),
      "unknown option 'retry3'",
    ],
    [
      'lists of models',
      () => start.step(execute, careless({ models: 'x' })),
      "models of step 'execute'",
    ],
    [
      'functions as mappings',
      () => start.step(execute, careless({ with: 'x' })),
      "with of step 'execute'",
    ],
    [
      'functions as fallbacks',
      () => start.step(execute, careless({ fallback: 1 })),
      'fallback of step',
    ],
    ['names of columns', () => start.step(execute, { as: '' }), "as of step 'execute'"],
    ['whole retries', () => start.step(execute, { retries: 1.5 }), "step 'execute': retries"],
    [
      'ratios up to 1',
      () => start.step(execute, { minSuccessRatio: 2 }),
      'minSuccessRatio must be',
    ],
    [
      'known options of retry',
      () => start.step(execute, careless({ retry: { attempts: 2, max: 3 } })),
      "step 'execute': retry has an unknown option 'max'",
    ],
    ['concurrency from 1', () => start.step(execute, { concurrency: 0 }), 'concurrency must be'],
    ['durations', () => start.step(execute, careless({ timeout: 'soon' })), "timeout of 'execute'"],
    [
      'retries said once',
      () => start.step(execute, { retries: 1, retry: { attempts: 3 } }),
      "step 'execute': say retries or retry, not both",
    ],
    ['no object to run', () => start.step({}), 'not an object'],
    [
      'functions alone in map',
      () => start.map(Boolean, { retries: 3 }),
      'map() takes no more than that, not an object; policies such as retries are said of a step',
    ],
    ['functions alone in tap', () => start.tap(Boolean, { as: 'x' }), 'tap() takes no more'],
    ['functions alone in filter', () => start.filter(Boolean, {}), 'filter() takes no more'],
    ['functions alone in callback', () => start.callback(Boolean, {}), 'callback() takes no more'],
    ['cases alone in choose', () => start.choose(Boolean, { a: execute }, {}), 'choose() takes no'],
    ['pipelines alone in pipe', () => start.pipe(Boolean, {}), 'pipe() takes no more'],
    ['columns alone in scatter', () => start.scatter('x', {}), 'scatter() takes no more'],
    ['sizes alone in batch', () => start.scatter().batch(2, {}), 'batch() takes no more'],
    [
      'known options of aggregate',
      () => start.scatter().aggregate(careless({ buy: 'a' })),
      "aggregate() has an unknown option 'buy'",
    ],
    [
      'groups or sizes, not both',
      () => start.scatter().aggregate({ by: 'a', size: 2 }),
      'aggregate() takes by or size, not both',
    ],
    [
      'known options of broadcast',
      () => start.broadcast([1], careless({ as: 'x', add: 1 })),
      "broadcast() has an unknown option 'add'",
    ],
    ['functions in map', () => start.map('x'), 'map() needs a function'],
    ['functions in tap', () => start.tap(1), 'tap() needs a function'],
    ['functions in filter', () => start.filter(true), 'filter() needs a function'],
    ['functions in callback', () => start.callback(undefined), 'callback() needs a function'],
    ['names of columns in scatter', () => start.scatter(3), 'scatter() takes the name of a column'],
    ['whole copies', () => start.broadcast(0), 'broadcast() takes a whole number from 1'],
    ['a column for values', () => start.broadcast([1, 2]), 'broadcast([…]) needs the column'],
    ['many rows to aggregate', () => start.aggregate(), 'aggregate() needs many rows'],
    ['whole batches', () => start.scatter().batch(0), 'batch() takes a whole number from 1'],
    ['groups by column', () => start.scatter().aggregate({ by: {} }), 'aggregate({ by })'],
    ['branches', () => start.parallel({}), 'parallel() needs at least one step'],
    ['steps as branches', () => start.parallel({ a: 1 }), "'a' of parallel() needs a workflow"],
    [
      'names of branches that a column can have',
      () => start.parallel({ ['__proto__']: execute }),
      "'__proto__' of parallel() needs another name",
    ],
    ['cases', () => start.choose(() => 'a', {}), 'choose() needs at least one step'],
    [
      'one row out of a branch',
      () => start.when(Boolean, (p: PlanBuilder) => p.broadcast(2)),
      'must lead to one row',
    ],
    ['pipelines in pipe', () => start.pipe(execute), 'pipe() must be a pipeline'],
    [
      'no models for pipelines',
      () => start.step(start, { retries: 2, models: ['m'] }),
      "'models' cannot be said about pipeline 'start'",
    ],
  ])('[F8] wants %s', (_, build, message) => {
    expect(build).toThrow(expect.objectContaining({ code: 'INVALID_PLAN' }))
    expect(build).toThrow(message)
  })

  it('knows whether it leads to one row or many', () => {
    expect(many(start.step(execute).map(String))).toBe(false)
    expect(many(start.scatter())).toBe(true)
    expect(many(start.scatter().aggregate())).toBe(false)
    expect(many(start.scatter().aggregate({ size: 2 }))).toBe(true)
    expect(many(start.filter(Boolean))).toBe(true)
    expect(many(start.step(execute, { models: 'all' }))).toBe(true)
    expect(many(start.callback(String))).toBe('dynamic')
    expect(many(start.pipe(start.scatter()))).toBe(true)
  })
})

describe('a local step', () => {
  it.each<[string, object, string]>([
    ['a name', { name: '' }, 'a step needs a name'],
    ['an input', { input: undefined }, "step 's' needs a Zod schema as its input"],
    ['an output', { output: 3 }, "step 's' needs a Zod schema as its output"],
    ['a function', { run: 'x' }, "step 's' needs a function 'run'"],
    ['known options', { retry: 3 }, '.step(s, { retry: … })'],
    ['options with the right names', { versoin: '2' }, 'its options are name, version,'],
  ])('wants %s', (_, change, message) => {
    const whole = { name: 's', input: z.string(), output: z.string(), run: String }
    expect(() => step({ ...whole, ...change })).toThrow(message)
  })
})

describe('the text of a plan', () => {
  const inner = pipeline('inner', { instruction: z.string() }).step(rewrite).scatter().aggregate()
  const plan = pipeline('outer', { instruction: z.string() })
    .step(inner, { as: 'variations' })
    .scatter('variations')
    .broadcast(['a', 'b'], { as: 'model' })
    .step(execute, { models: ({ model }) => [model], as: 'answer', retries: 2, timeout: '90s' })
    .when(
      (row) => row.answer === '',
      (empty) => empty.map((row) => row),
    )
    .aggregate({ by: 'model' })
    .callback((results) => results.length)

  it('[F9] describes each verb in a line', () => {
    expect(plan.describe()).toMatchInlineSnapshot(`
      "outer ← instruction
        pipeline inner as variations
            step rewrite
            scatter
            aggregate
        scatter variations
        broadcast 2 as model
        step execute as answer
        when
          passed
            map
        aggregate by group
        callback"
    `)
  })

  it('[F9] draws it, the same each time', () => {
    expect(plan.toMermaid()).toBe(plan.toMermaid())
    expect(plan.toMermaid()).toMatchInlineSnapshot(`
      "flowchart TD
        start(["outer"])
        start --> n0["pipeline inner as variations"]
        n0 --> n0_0(["inner"])
        n0_0 --> n0_0_0["step rewrite"]
        n0_0_0 --> n0_0_1["scatter"]
        n0_0_1 --> n0_0_2["aggregate"]
        n0_end(( ))
        n0_0_2 --> n0_end
        n0_end --> n1["scatter variations"]
        n1 --> n2["broadcast 2 as model"]
        n2 --> n3["step execute as answer"]
        n3 --> n4["when"]
        n4 --> n4_0(["passed"])
        n4_0 --> n4_0_0["map"]
        n4_end(( ))
        n4_0_0 --> n4_end
        n4_end --> n5["aggregate by group"]
        n5 --> n6["callback"]"
    `)
  })

  it('[F9] of a graph names what each step waits for', () => {
    const nested = pipeline('nested', { n: z.number() })
      .map(({ n }) => n)
      .step(double)
    const wired = graph('wired', { input: { n: z.number() } }, (g, input) => {
      const left = g(double, input.n, { name: 'left' })
      const right = g(nested, input, { name: 'right' })
      g(double, left, { name: 'both' })
      return [left, right]
    })
    expect(wired.describe()).toMatchInlineSnapshot(`
      "wired ← n
        graph
          step left
          pipeline right
              map
              step double
          step both ← left"
    `)
    expect(wired.toMermaid()).toMatchInlineSnapshot(`
      "flowchart TD
        start(["wired"])
        start --> n0["graph"]
        n0_0(["left"])
        n0 --> n0_0
        n0_1(["right"])
        n0 --> n0_1
        n0_1 --> n0_1_0["pipeline right"]
        n0_1_0 --> n0_1_0_0(["right"])
        n0_1_0_0 --> n0_1_0_0_0["map"]
        n0_1_0_0_0 --> n0_1_0_0_1["step double"]
        n0_1_0_end(( ))
        n0_1_0_0_1 --> n0_1_0_end
        n0_2(["both"])
        n0_0 --> n0_2
        n0_end(( ))
        n0_1_0_end --> n0_end
        n0_2 --> n0_end"
    `)
  })

  it('is JSON with the workflows in it and the places of functions', () => {
    const json: unknown = JSON.parse(JSON.stringify(plan.step(double)))
    expect(json).toMatchObject({
      pipeline: 'outer',
      input: { instruction: 'string' },
      steps: [
        {
          pipeline: 'inner',
          as: 'variations',
          steps: [{}, { scatter: true }, { aggregate: true }],
        },
        { scatter: 'variations' },
        { broadcast: ['a', 'b'], as: 'model' },
        { workflow: { name: 'execute' }, retry: { attempts: 3 }, timeout: 90_000, as: 'answer' },
        { when: 'anonymous', steps: [{ map: 'anonymous-2' }] },
        { aggregate: true, by: 'model' },
        { callback: 'anonymous-3' },
        { step: 'double', version: '1' },
      ],
    })
  })
})
