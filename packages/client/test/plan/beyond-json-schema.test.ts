import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { pipeline, step } from '../../src/index.ts'
import { createMemoryStore } from '../../src/store/memory-store.ts'
import { clientOn } from '../durable-client.ts'
import { definitionOf } from '../../src/plan/step.ts'
import { beyondJsonSchema } from '../../src/plan/beyond-json-schema.ts'

class Goose {
  readonly wings = 2
}
class Duck {
  readonly wings = 2
}
const WRONG = { code: 'custom' as const, message: 'no', input: 1 }

const PAIRS: readonly (readonly [string, () => z.ZodType, () => z.ZodType])[] = [
  ['types', () => z.date(), () => z.bigint()],
  ['maps', () => z.map(z.string(), z.date()), () => z.map(z.string(), z.bigint())],
  [
    'transforms',
    () => z.number().transform((n) => n + 1),
    () => z.number().transform((n) => n + 2),
  ],
  ['refinements', () => z.number().refine((n) => n > 1), () => z.number().refine((n) => n > 2)],
  ['customs', () => z.custom((v) => v === 1), () => z.custom((v) => v === 2)],
  ['trimming', () => z.string().trim(), () => z.string()],
  ['cases', () => z.string().toLowerCase(), () => z.string().toUpperCase()],
  ['coercion', () => z.coerce.number(), () => z.number()],
  [
    'preprocessing',
    () => z.preprocess(Number, z.number()),
    () => z.preprocess((v) => v, z.number()),
  ],
  ['classes', () => z.instanceof(Goose), () => z.instanceof(Duck)],
  [
    'described classes',
    () => z.instanceof(Goose).describe('a bird'),
    () => z.instanceof(Duck).describe('a bird'),
  ],
  [
    'properties',
    () => z.instanceof(Goose).check(z.property('wings', z.number().min(1))),
    () => z.instanceof(Goose).check(z.property('wings', z.number().min(2))),
  ],
  ['words', () => z.stringbool({ truthy: ['a'] }), () => z.stringbool({ truthy: ['b'] })],
  ['letters of words', () => z.stringbool({ case: 'sensitive' }), () => z.stringbool()],
  [
    'normal forms',
    () => z.string().normalize('NFC').trim(),
    () => z.string().normalize('NFKC').trim(),
  ],
  ['overwriting', () => z.string().overwrite((v) => `${v}1`), () => z.string().overwrite(String)],
  ['flags of patterns', () => z.string().regex(/goose/i), () => z.string().regex(/goose/)],
  ['addresses', () => z.url({ hostname: /^a$/ }), () => z.url({ hostname: /^b$/ })],
  ['tokens', () => z.jwt({ alg: 'HS256' }), () => z.jwt({ alg: 'RS256' })],
  ['widths of bigints', () => z.int64(), () => z.uint64()],
  [
    'checks that are functions',
    () => z.string().check((p) => void (p.value === '1' && p.issues.push(WRONG))),
    () => z.string().check((p) => void (p.value === '2' && p.issues.push(WRONG))),
  ],
  [
    'what follows a transform',
    () => z.string().transform(Number).pipe(z.number().min(1)),
    () => z.string().transform(Number).pipe(z.number().min(2)),
  ],
  [
    'what stands before a transform',
    () => z.string().min(1).transform(Number),
    () => z.string().min(2).transform(Number),
  ],
  ['what is put in before', () => z.string().prefault('a'), () => z.string().prefault('b')],
  ['bounds of dates', () => z.date().min(new Date(1)), () => z.date().min(new Date(2))],
]

function sealed(input: z.ZodType, output: z.ZodType = z.unknown()): string {
  const made = step({ name: 's', input: z.any(), output, run: (value: unknown) => value })
  return pipeline('p', { value: input }).step(made).freeze().hash
}

function defined(output: z.ZodType): string {
  return definitionOf(step({ name: 's', input: z.any(), output, run: (value: unknown) => value }))
}

function plus(more: string) {
  return z.number().transform(more === '1' ? (n) => n + 1 : (n) => n + 2)
}

function endless(): z.ZodType {
  return z.lazy(() => z.array(endless()))
}

describe('what JSON Schema cannot say', () => {
  it.each(PAIRS)('[F14] changes the hash of a plan: %s', (_, one, other) => {
    expect(sealed(one())).not.toBe(sealed(other()))
    expect(sealed(z.any(), one())).not.toBe(sealed(z.any(), other()))
    expect(sealed(one(), one())).toBe(sealed(one(), one()))
  })

  it.each(PAIRS)('[F1] changes the definition of a step: %s', (_, one, other) => {
    expect(defined(one())).not.toBe(defined(other()))
    expect(defined(one())).toBe(defined(one()))
  })

  it('[F14] is nothing where JSON Schema says all, also of what holds itself', () => {
    const Tree = z.object({
      name: z.string().min(1),
      get children() {
        return z.array(Tree)
      },
    })
    expect(beyondJsonSchema(Tree)).toBe('')
    expect(beyondJsonSchema(z.lazy(() => z.email().optional()))).toBe('')
    expect(beyondJsonSchema(endless())).toBe('')
    expect(beyondJsonSchema(z.lazy(() => z.date()))).not.toBe('')
  })

  it('[F1] keeps a cached answer from being given after a transform was edited', async () => {
    await using client = clientOn(createMemoryStore())
    const answer = async (input: z.ZodType<number>, output: z.ZodType<number>) => {
      const made = step({ name: 's', input, output, run: (n) => n })
      const plan = pipeline('p', { n: z.number() })
        .map(({ n }) => n)
        .step(made, { cache: true })
      return (await client.run(plan, { n: 1 })).output
    }
    expect(await answer(z.number(), plus('1'))).toBe(2)
    expect(await answer(z.number(), plus('2'))).toBe(3)
    expect(await answer(plus('1'), z.number())).toBe(2)
    expect(await answer(plus('2'), z.number())).toBe(3)
  })
})
