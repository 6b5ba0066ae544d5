import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { glanceOf } from '../src/glance.ts'

const Everything = z.strictObject({
  type: z.literal('everything'),
  name: z.string().min(1).max(3),
  count: z.int().positive(),
  share: z.number().nonnegative(),
  kind: z.enum(['one', 'other']),
  list: z.array(z.string().max(2)).max(3),
  record: z.record(z.string().max(2), z.unknown()),
  inner: z.strictObject({ deep: z.int().nonnegative() }),
  anything: z.unknown(),
  flag: z.boolean().optional(),
  index: z.int().optional(),
})

const whole = {
  type: 'everything',
  name: 'abc',
  count: 1,
  share: 0.5,
  kind: 'other',
  list: ['a', 'bc', ''],
  record: { a: 1, bc: [null] },
  inner: { deep: 0 },
  anything: null,
  flag: false,
  index: -4,
}

/** Values on both sides of every limit. */
const stray = fc.oneof(
  fc.constantFrom<unknown>('', 'abc', 'abcd', 0, -0, 1, -1, 1.5, 1e308, 2 ** 53, true, null),
  fc.constantFrom<unknown>([], ['a'], ['abc'], [1], ['', '', '', ''], {}, { abc: 1 }, { deep: -1 }),
  fc.jsonValue({ maxDepth: 2 }),
)
const changes = fc.array(
  fc.tuple(fc.constantFrom(...Object.keys(whole), 'more', '__proto__'), stray),
)

/** As it would come in a frame: `__proto__` is a field like any other. */
function changed(
  edits: readonly (readonly [string, unknown])[],
  without: readonly string[],
): unknown {
  const fields = new Map<string, unknown>([...Object.entries(whole), ...edits])
  for (const key of without) fields.delete(key)
  const texts = Array.from(
    fields,
    ([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`,
  )
  return JSON.parse(`{${texts.join(',')}}`)
}

describe('a glance', () => {
  const glance = glanceOf(Everything)

  it('takes what is whole, and what lacks only what may be absent', () => {
    expect(glance(whole)).toBe(true)
    expect(glance(changed([], ['flag', 'index']))).toBe(true)
  })

  it('takes nothing that the schema would not take as it is', () => {
    fc.assert(
      fc.property(changes, fc.subarray(Object.keys(whole)), (edits, without) => {
        const body = changed(edits, without)
        const taken: unknown = glance(body) ? Everything.parse(body) : body
        expect(taken).toEqual(body)
      }),
      { numRuns: 2_000 },
    )
  })

  it.each(Object.keys(whole))('looks at the field %s', (key) => {
    expect(glance(changed([[key, { wrong: { wrong: 1 } }]], []))).toBe(key === 'anything')
    expect(glance(changed([], [key]))).toBe(key === 'flag' || key === 'index')
  })

  it('keeps every limit', () => {
    const over: readonly (readonly [string, unknown])[] = [
      ['name', ''],
      ['name', 'abcd'],
      ['count', 0],
      ['count', 1.5],
      ['count', 2 ** 53],
      ['share', -0.1],
      ['list', ['abc']],
      ['list', ['', '', '', '']],
      ['record', { abc: 1 }],
      ['inner', { deep: -1 }],
      ['inner', { deep: 0, more: 0 }],
      ['inner', [0]],
      ['more', 0],
    ]
    expect(over.filter((edit) => glance(changed([edit], [])))).toEqual([])
  })

  it('leaves `__proto__` to the schema', () => {
    expect(glance(changed([['__proto__', {}]], []))).toBe(false)
    expect(glance(JSON.parse(JSON.stringify(whole).replace('"a":1', '"__proto__":1')))).toBe(false)
  })

  it('takes nothing of a schema that says more than it understands', () => {
    expect(glanceOf(z.union([z.string(), z.int()]))('text')).toBe(false)
    expect(glanceOf(z.string().regex(/^a/u))('a')).toBe(false)
    expect(glanceOf(z.strictObject({ a: z.int().multipleOf(2) }))({ a: 2 })).toBe(false)
    expect(glanceOf(z.array(z.int()).min(1))([1])).toBe(false)
  })
})
