import { keyOfInput } from '../compile/compile-keys.ts'
import type { Condition, Expression, Input } from '../document/document.ts'
import { WorkflowError } from '../errors.ts'
import { describe } from '../schema/mismatch.ts'
import { taken, type Run, type Walk } from './run.ts'
import { DEFAULT_SIMILARITY, pieces, similarity } from './similarity.ts'
import { textOf } from '../template.ts'
import { isRecord } from '../records.ts'

type Expected = Condition['expected']
type Compare = (value: unknown, expected: Expected) => boolean

const COMPARE: Readonly<Record<Exclude<Expression, 'HaveSimilar'>, Compare>> = {
  Equal: equal,
  NotEqual: (value, expected) => !equal(value, expected),
  Contains: contains,
  NotContains: (value, expected) => !contains(value, expected),
  GreaterThan: (value, expected) => numeric(value) > numeric(expected),
  LessThan: (value, expected) => numeric(value) < numeric(expected),
  GreaterThanOrEqual: (value, expected) => numeric(value) >= numeric(expected),
  LessThanOrEqual: (value, expected) => numeric(value) <= numeric(expected),
}

/**
 * Whether a condition holds now. A key that is absent because an optional step left it so fulfils none; as a text
 * it is empty.
 *
 * @throws {WorkflowError} `NOT_A_NUMBER`, `MISSING_VALUE`
 */
export function* fulfilled(run: Run, condition: Condition): Walk<boolean> {
  const { input, expression, expected, text = false } = condition
  const found = run.memory.take(input)
  const isAbsent = found === undefined && absent(run, input)
  if (isAbsent && !text) return false
  const value = text ? textOf(found ?? '') : found
  if (expression !== 'HaveSimilar') return COMPARE[expression](value, expected)
  return yield* haveSimilar(run, value, expected)
}

/** Whether nothing is a value here; an error where something should be. */
function absent({ memory }: Run, input: Input): boolean {
  const key = keyOfInput(input)
  if (key === undefined || memory.absence(key) !== undefined) return true
  if (typeof input === 'object' && input.required === false) return false
  throw new WorkflowError('MISSING_VALUE', missingText(input, key))
}

function missingText(input: Input, key: string): string {
  return typeof input === 'object' && input.type === 'peek'
    ? `a condition reads the value ${input.index} of '${key}', counted from 0, which is not there`
    : `a condition reads '${key}', which has no value`
}

/**
 * Compares a value with an expected one.
 *
 * @throws {WorkflowError} `NOT_A_NUMBER` where an order is asked of what is no number
 */
export function compare(
  expression: Exclude<Expression, 'HaveSimilar'>,
  value: unknown,
  expected: Expected,
): boolean {
  return COMPARE[expression](value, expected)
}

/** The number that a value is or spells; `undefined` for everything else. */
export function asNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  if (typeof value !== 'string') return undefined
  const text = value.trim()
  return /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/.test(text) ? Number(text) : undefined
}

function numeric(value: unknown): number {
  const number = asNumber(value)
  if (number !== undefined) return number
  throw new WorkflowError(
    'NOT_A_NUMBER',
    `${describe(value)} is no number and cannot be compared as one`,
  )
}

/** Texts by character, numbers by value, also where one side spells its number as text. */
function equal(value: unknown, expected: Expected): boolean {
  if (value === expected) return true
  if (typeof value === 'number' || typeof expected === 'number') {
    const number = asNumber(value)
    return number !== undefined && number === asNumber(expected)
  }
  if (value === undefined) return false
  return textOf(value).trim() === String(expected).trim()
}

/** A text contains a part, a list contains an item, an object contains a key. */
function contains(value: unknown, expected: Expected): boolean {
  if (value === undefined) return false
  if (Array.isArray(value)) return value.some((item) => equal(item, expected))
  if (isRecord(value)) return Object.hasOwn(value, String(expected))
  return textOf(value).includes(String(expected))
}

/**
 * Whether a text that was inserted is like the one looked for: the expected text, or with a number as the least
 * similarity the value itself.
 */
function* haveSimilar(run: Run, value: unknown, expected: Expected): Walk<boolean> {
  const stored = run.memory.inserted.flatMap(pieces)
  if (stored.length === 0) return false
  const least = typeof expected === 'number' ? expected : DEFAULT_SIMILARITY
  const wanted = typeof expected === 'string' && expected !== '' ? expected : textOf(value ?? '')
  const answer = yield {
    kind: 'embed',
    step: run.tally.steps.at(-1) ?? '',
    texts: [wanted, ...stored],
  }
  const { vectors } = taken(answer, 'embedding')
  const [query, ...others] = vectors
  if (query === undefined || others.length !== stored.length) {
    throw new WorkflowError('STEP_FAILED', 'the embedding model did not give one vector per text')
  }
  return others.some((vector) => similarity(query, vector) >= least)
}
