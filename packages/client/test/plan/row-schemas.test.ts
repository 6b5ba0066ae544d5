import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { plans, step } from '../../src/index.ts'
import { withClient } from '../local-plans.ts'

const text = z.string()
const number = z.number()

/** A step of that name that gives the value. */
function giving(name: string, output: z.ZodType, value: unknown) {
  return step({ name, input: z.any(), output, run: () => value })
}

/** A step of that name that takes columns. */
function taking(name: string, columns: z.ZodRawShape) {
  return step({ name, input: z.object(columns), output: number, run: () => 1 })
}

const known = {
  size: giving('size', number, 7),
  word: giving('word', text, 'goose'),
  words: giving('words', z.array(text), ['goose']),
  sizes: giving('sizes', z.array(number), [7]),
  goose: giving('goose', z.enum(['goose', 'gander']), 'goose'),
  heron: giving('heron', z.enum(['heron']), 'heron'),
  loose: giving('loose', z.looseObject({ n: number }), { n: 1 }),
  likesHerons: step({
    name: 'likesHerons',
    input: z.enum(['heron']),
    output: number,
    run: () => 1,
  }),
  any: giving('any', z.any(), { n: 1 }),
  needs: taking('needs', { n: number, size: number }),
  needsBird: taking('needsBird', { n: number, bird: text }),
  needsText: taking('needsText', { size: text, n: number }),
  sum: step({
    name: 'sum',
    input: z.array(z.object({ n: number })),
    output: number,
    run: (rows) => rows.length,
  }),
  sumOfText: step({
    name: 'sumOfText',
    input: z.array(z.object({ n: text })),
    output: number,
    run: (rows) => rows.length,
  }),
  Both: z.object({ size: number, word: text }),
  Numbers: z.object({ size: number, word: number }),
  same: (row: unknown) => row,
  isBig: () => true,
  kind: () => 'a',
}
const input = { n: 'number' }
/** A step for rows that pass. */
const when = (then: unknown, otherwise?: unknown) => ({
  when: 'isBig',
  steps: [then],
  ...(otherwise !== undefined && { otherwise: [otherwise] }),
})
const choose = (a: unknown, b: unknown) => ({ choose: 'kind', cases: { a, b } })
const asSize = (name: string) => ({ step: name, as: 'size' })
const beside = { parallel: { size: 'size', word: 'word' } }
const twice = { broadcast: 2 }

function planOf(...steps: readonly unknown[]) {
  return plans.fromJson({ pipeline: 'p', input, steps }, known)
}

const MISFIT = 'what it is given does not fit its input: '

describe('a row after other verbs', () => {
  it.each([
    ['needsBird', `${MISFIT}bird is missing`, [beside, 'needsBird']],
    ['needsText', `${MISFIT}size is number, not string`, [beside, 'needsText']],
    ['needs', `${MISFIT}n is missing`, [{ ...beside, combined: 'Both' }, 'needs']],
    [
      'needsBird',
      `${MISFIT}bird is missing`,
      [{ ...beside, combined: 'Both', as: 'both' }, 'needsBird'],
    ],
    ['needsText', `${MISFIT}size is number, not string`, [{ map: 'same' }, beside, 'needsText']],
    ['sumOfText', `${MISFIT}[].n is number, not string`, [twice, { batch: 2 }, 'sumOfText']],
    ['sumOfText', `${MISFIT}[].n is number, not string`, [twice, { aggregate: true }, 'sumOfText']],
    ['needs', `${MISFIT}it is object[], not object`, [twice, { batch: 2 }, 'needs']],
    ['needs', `${MISFIT}size is missing`, [twice, { batch: 2 }, { scatter: true }, 'needs']],
    ['parallel', 'only a row with columns can gain one', ['size', beside]],
    [
      'parallel',
      'what the branches give does not combine: word is string, not number',
      [{ ...beside, combined: 'Numbers' }],
    ],
    ['needsBird', `${MISFIT}bird is missing`, [when(asSize('size')), 'needsBird']],
    ['sumOfText', `${MISFIT}it is object, not object[]`, [when({ tap: 'same' }), 'sumOfText']],
    ['needs', `${MISFIT}it is number, not object`, [when('size', 'size'), 'needs']],
    [
      'needsText',
      `${MISFIT}size is number, not string`,
      [when(asSize('size'), asSize('size')), 'needsText'],
    ],
    ['sumOfText', `${MISFIT}it is string, not object[]`, [choose('word', 'word'), 'sumOfText']],
    ['sum', `${MISFIT}[] is string, not object`, [choose('words', 'words'), 'sum']],
    [
      'words',
      'only a row with columns can gain one',
      [twice, { batch: 2 }, { step: 'words', as: 'words' }],
    ],
  ])('[P4] [F8] is told not to fit %s: %s', (name, message, steps) => {
    expect(planOf(...steps).validate().errors).toEqual([{ step: name, message }])
  })

  it.each([
    ['columns of branches', [beside, 'needs']],
    [
      'what branches combine to',
      [{ ...beside, combined: 'Both' }, { step: 'any', as: 'n' }, 'needs'],
    ],
    [
      'what branches combine to as a column',
      [{ ...beside, combined: 'Both', as: 'both', each: true }, 'needs'],
    ],
    ['columns of branches beside others that nobody knows', [{ map: 'same' }, beside, 'needs']],
    ['a branch that gives anything', [{ parallel: { size: 'any' } }, 'needsText']],
    ['a column that one way only gives', [when(asSize('size')), 'needs']],
    ['a column of another type on one way', [when(asSize('word'), asSize('size')), 'needs']],
    ['another row on one way', [when('word'), 'needs']],
    ['another row on each way', [choose('size', 'word'), 'needs']],
    ['a way that nobody knows', [when({ map: 'same' }), 'needsBird']],
    ['a list of other elements on one way', [choose('words', 'sizes'), 'sum']],
    ['one of the choices of one way', [choose('goose', 'heron'), 'likesHerons']],
    ['columns that nobody names on one way', [when('loose'), 'needsBird']],
    ['a batch', [twice, { batch: 2 }, 'sum']],
    ['a batch of anything', [twice, 'any', { batch: 2 }, 'sumOfText']],
    ['a batch that is scattered again', [beside, twice, { batch: 2 }, { scatter: true }, 'needs']],
  ])('[P4] [F8] is not refused: %s', (_, steps) => {
    expect(planOf(...steps).validate().errors).toEqual([])
  })

  it('[P4] that lacks a column is told before a step runs', async () => {
    await withClient(async (client) => {
      const run = client.run(planOf(beside, 'needsBird'), { n: 1 })
      await expect(run).rejects.toMatchObject({
        code: 'INVALID_PLAN',
        message: `pipeline 'p' cannot work: step 'needsBird': ${MISFIT}bird is missing`,
      })
    })
  })
})
