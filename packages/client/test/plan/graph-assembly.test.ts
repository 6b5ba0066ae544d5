import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { chain, graph, pipeline, plans, step } from '../../src/index.ts'
import { PlanBuilder } from '../../src/plan/plan-builder.ts'
import { double, withClient } from '../local-plans.ts'
import { judge } from '../workflows.ts'

const number = { input: z.number() }
const pair = step({
  name: 'pair',
  input: z.object({ a: z.number(), b: z.number(), c: z.number().optional() }),
  output: z.object({ sum: z.number() }),
  run: ({ a, b }) => ({ sum: a + b }),
})
const upper = step({
  name: 'upper',
  input: z.string(),
  output: z.string(),
  run: (text) => text.toUpperCase(),
})
const size = step({ name: 'size', input: z.string(), output: z.number(), run: (s) => s.length })

type Loose = (...values: unknown[]) => unknown

/** What JavaScript lets through. */
function build(...parts: readonly [unknown, unknown, unknown]): unknown {
  const made: unknown = Reflect.apply(graph, undefined, parts)
  return made
}

function chainOfNothing(): unknown {
  return Reflect.apply(chain, undefined, ['c'])
}

/** The other way to add a step. */
function whenOf(g: Loose): Loose {
  const when: unknown = Reflect.get(g, 'when')
  return (...values) => Reflect.apply(Object(when), g, values)
}

/** A graph of one number. */
function wired(wire: (g: Loose, input: unknown) => unknown): unknown {
  return build('g', number, wire)
}

describe('a graph', () => {
  it.each<[string, () => unknown, string]>([
    ['a name', () => build('', number, Number), 'graph() needs a name'],
    ['an input', () => build('g', {}, Number), "graph 'g' needs its input"],
    ['a function', () => build('g', number, 3), "graph 'g' needs a function"],
    ['a step', () => wired((_, n) => n), "graph 'g' has no step"],
    ['steps', () => wired((g, n) => g(Number, n)), "graph 'g' needs a workflow, a step"],
    [
      'inputs that are there',
      () => wired((g) => g(double, undefined)),
      "the input of 'double' is undefined",
    ],
    ['every input', () => wired((g, a) => g(pair, { a })), "the input of 'pair' lacks 'b'"],
    [
      'every input of a workflow',
      () => wired((g) => g(judge, { instruction: 'x' })),
      "the input of 'judge' lacks 'answer'",
    ],
    [
      'names of its own for each',
      () => wired((g, n) => [g(double, n, { name: 'x' }), g(double, n, { name: 'x' })]),
      "graph 'g' has two steps named 'x'",
    ],
    [
      'fields that are there',
      () => wired((g, n) => Reflect.get(Object(g(pair, { a: n, b: n })), 'total')),
      "the output of 'pair' has no field 'total'; it has sum",
    ],
    [
      'references of its own',
      () => {
        let foreign: unknown
        graph('other', number, (g, n) => (foreign = g(double, n)))
        return wired((g) => g(double, foreign))
      },
      "the input of 'double' is wired to the output of 'double' of another graph",
    ],
    [
      'known options',
      () => wired((g, n) => g(double, n, { retrys: 1 })),
      "step 'double' has an unknown option 'retrys'",
    ],
    [
      'to be wired at once',
      () => wired(async (g, n) => Promise.resolve(g(double, n))),
      "graph 'g' is wired at once: its function cannot be async",
    ],
    [
      'to be wired at once, also by a function that throws',
      () => wired(async () => Promise.reject(new RangeError('late'))),
      "graph 'g' is wired at once: its function cannot be async",
    ],
    [
      'one condition for each',
      () => wired((g, n) => whenOf(g)(n, Boolean, double, n, { when: () => false })),
      "step 'double' of a graph has two conditions",
    ],
  ])('[F8] wants %s', (_, mistake, message) => {
    expect(mistake).toThrow(expect.objectContaining({ code: 'INVALID_PLAN' }))
    expect(mistake).toThrow(message)
  })

  it('numbers steps that come twice', () => {
    const plan = graph('g', number, (g, n) => g(double, g(double, n)))
    expect(plan.describe()).toContain('double-2')
  })
})

describe('a chain', () => {
  it('[F12] equals the pipeline written by hand', async () => {
    const chained = chain('c', upper, upper, size)
    await withClient(async (client) => {
      expect((await client.run(chained, 'ab')).output).toBe(2)
    })
    const byHand = pipeline('c', { a: z.number(), b: z.number() }).step(pair)
    const pairs = chain('c', pair)
    expect(pairs.plan.nodes).toMatchObject(
      byHand.plan.nodes.map(({ label, kind }) => ({ label, kind })),
    )
    expect(chained.describe()).toBe('c\n  step upper\n  step upper-2\n  step size')
  })

  it('[F12] goes on with a value where a step has one input, as a pipeline does', async () => {
    const half = step({
      name: 'half',
      input: z.object({ n: z.number() }),
      output: z.number(),
      run: ({ n }) => n / 2,
    })
    await withClient(async (client) => {
      expect((await client.run(chain('c', half, half), { n: 4 })).output).toBe(1)
    })
  })

  const split = z.string().transform((line) => line.split(','))
  const parse = step({
    name: 'parse',
    input: z.object({ line: split, least: z.number().default(1) }),
    output: z.number(),
    run: ({ line, least }) => Math.max(line.length, least),
  })
  const next = z.number().transform((n) => n + 1)
  const add = step({
    name: 'add',
    input: z.object({ n: next }),
    output: z.object({ n: z.number() }),
    run: (row) => row,
  })
  const line = { line: z.string() }

  it.each([
    ['as it is', chain('c', parse)],
    ['in a pipeline', pipeline('p', line).step(chain('c', parse))],
    ['in a chain', chain('d', chain('c', parse))],
    ['tried as a whole', pipeline('p', line).step(chain('c', parse), { retries: 1 })],
    ['piped', pipeline('p', line).pipe(chain('c', parse))],
    ['read from JSON', plans.fromJson(chain('c', parse).toJSON(), { parse })],
  ])(
    '[F12] leaves the input to its first step, whose schema makes another of it once: %s',
    async (_, plan) => {
      expect(plan.validate()).toMatchObject({ ok: true, errors: [] })
      await withClient(async (client) => {
        expect((await client.run(plan, { line: 'a,b,c' })).output).toBe(3)
      })
    },
  )

  it('[F12] lets each step make its own of what it is given, once', async () => {
    await withClient(async (client) => {
      expect((await client.run(chain('c', add, add), { n: 0 })).output).toEqual({ n: 2 })
    })
  })

  it('[F12] refuses an input that its first step does not take, before it runs', async () => {
    const plan = plans.fromJson(chain('c', parse).toJSON(), { parse })
    await withClient(async (client) => {
      for (const chained of [chain('c', parse), plan]) {
        const running = client.run(chained, JSON.parse('{"line":1}'))
        await expect(running).rejects.toThrow("the input of 'c': line: ")
      }
    })
  })

  it('[F12] wants a name and steps', () => {
    expect(() => chain('', upper)).toThrow('chain() needs a name')
    expect(chainOfNothing).toThrow("chain 'c' needs at least one step")
  })
})

describe('[P4][P5] branches side by side', () => {
  const start = PlanBuilder.start('start', { text: z.string() })
  const whole = z.object({ a: z.string(), b: z.string() })

  it.each<[string, unknown, object, string]>([
    ['[P5] at least one', {}, {}, 'parallel() needs at least one step'],
    ['[P5] names that the row has not', { text: upper }, {}, "the column 'text' is there already"],
    [
      '[P5] names that differ from the column of them all',
      { a: upper, b: upper },
      { combined: whole, each: true, as: 'a' },
      "the column 'a' is there already",
    ],
    [
      '[P4] a field for each of them',
      { a: upper, b: upper, c: upper },
      { combined: whole },
      "combined of parallel() has no field 'c'",
    ],
    [
      '[P4] each for a field',
      { a: upper },
      { combined: whole },
      "needs 'b', which no branch gives",
    ],
    [
      '[P4] one for each of its fields',
      { a: upper },
      { combined: whole.extend({ c: z.string() }) },
      "needs 'b' and 'c', which no branch gives",
    ],
    ['an object to combine to', { a: upper }, { combined: z.string() }, 'must be a Zod object'],
    ['a column for what both is', { a: upper, b: upper }, { combined: whole, each: true }, ': as'],
    ['something to name', { a: upper }, { as: 'x' }, 'say combined'],
    ['to give something', { a: upper }, { each: false }, 'needs each, combined, or both'],
    ['known options', { a: upper }, { colect: true }, "unknown option 'colect'"],
    ['known answers to errors', { a: upper }, { onError: 'ignore' }, "'fail' or 'collect'"],
  ])('want %s', (...[, branches, options, message]) => {
    const mistake = () => start.parallel(branches, options)
    expect(mistake).toThrow(expect.objectContaining({ code: 'INVALID_PLAN' }))
    expect(mistake).toThrow(message)
  })

  it('[P4] may leave out what is optional', () => {
    const some = whole.partial({ b: true })
    expect(start.parallel({ a: upper }, { combined: some }).plan.nodes).toHaveLength(1)
  })
})
