import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { graph, pipeline, plans, step, type AnyPipeline } from '../../src/index.ts'
import { withClient } from '../local-plans.ts'

const same = step({ name: 'same', input: z.unknown(), output: z.unknown(), run: (value) => value })

const double = step({
  name: 'double',
  input: z.object({ n: z.number() }),
  output: z.number(),
  run: ({ n }) => n * 2,
})

/** The graph of one step on such an input, read back from its JSON. */
function readBack(input: z.ZodType): AnyPipeline {
  const json: unknown = JSON.parse(JSON.stringify(taking(input)))
  return plans.fromJson(json, { same })
}

function taking(input: z.ZodType) {
  return graph('taking', { input }, (add, value) => add(same, value))
}

/** What a run on a value gives, or that it takes none such. */
async function outcome(plan: AnyPipeline, value: unknown): Promise<unknown> {
  return withClient(async (client) => {
    try {
      return (await client.run(plan, value)).output
    } catch {
      return 'refused'
    }
  })
}

describe('the input of a pipeline as data', () => {
  it.each<[string, z.ZodType, unknown, unknown]>([
    ['a choice of texts', z.enum(['a', 'b']), 'a', 'c'],
    ['a text of some length', z.string().min(1), 'x', ''],
    ['a pattern', z.string().regex(/^a+$/u), 'aa', 'b'],
    ['one value', z.literal('x'), 'x', 'y'],
    ['a day', z.iso.date(), '2020-01-01', 'today'],
    ['a text or null', z.string().nullable(), null, 3],
    ['one of several kinds', z.union([z.string(), z.number()]), 3, true],
    [
      'one of several objects',
      z.discriminatedUnion('k', [z.object({ k: z.literal('a') }), z.object({ k: z.literal('b') })]),
      { k: 'a' },
      { k: 'c' },
    ],
    ['a count', z.int().min(0), 3, -1],
    ['a value with a default', z.number().default(3), 4, 'x'],
    ['fields and whatever else', z.looseObject({ a: z.string() }), { a: 'x', b: 1 }, { a: 1 }],
    ['fields and nothing else', z.strictObject({ a: z.string() }), { a: 'x' }, { a: 'x', b: 1 }],
    [
      'a field that is called properties',
      z.object({ properties: z.object({ x: z.number() }) }),
      { properties: { x: 1 } },
      { properties: { x: 'one' } },
    ],
    ['a field that is called $ref', z.object({ $ref: z.string() }), { $ref: 'x' }, { $ref: 1 }],
    ['a field that is called type', z.object({ type: z.string() }), { type: 'x' }, { type: 1 }],
    [
      'a field that is called not',
      z.object({ not: z.string().min(1), type: z.enum(['object']) }),
      { not: 'x', type: 'object' },
      { not: '', type: 'object' },
    ],
  ])('[P8] reads back as %s', async (...[, input, fitting, other]) => {
    const back = readBack(input)
    expect(await outcome(back, fitting)).toEqual(fitting)
    expect(await outcome(back, other)).toBe('refused')
    expect(await outcome(taking(input), other)).toBe('refused')
  })

  it('[P8] tells the columns of branches from keywords of JSON Schema', async () => {
    const plan = pipeline('named', { n: z.number() }).parallel(
      { properties: double },
      { combined: z.object({ properties: z.number().min(1) }) },
    )
    const back = plans.fromJson(JSON.parse(JSON.stringify(plan)), { double })
    expect(JSON.stringify(back)).toBe(JSON.stringify(plan))
  })

  it('[P8] names what is no schema', () => {
    const input = { n: 5 }
    expect(() => plans.fromJson({ pipeline: 'p', input, steps: [] })).toThrow(
      'input.n must be a word',
    )
  })
})
