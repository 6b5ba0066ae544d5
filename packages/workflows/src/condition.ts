import type { Condition, Expression } from './document.ts'
import { WorkflowError } from './errors.ts'

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
 * Whether a value stands to the expected one as the expression says.
 *
 * @throws {WorkflowError} `NOT_A_NUMBER` where an order is asked of what is no number
 */
export function holds(
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
  const text = JSON.stringify(value) ?? 'nothing'
  const shown = text.length > 60 ? `${text.slice(0, 57)}…` : text
  throw new WorkflowError('NOT_A_NUMBER', `${shown} is no number and cannot be compared as one`)
}

/** Texts by character, numbers by value, also where one side spells its number as text. */
function equal(value: unknown, expected: Expected): boolean {
  if (value === expected) return true
  if (typeof value === 'number' || typeof expected === 'number') {
    const number = asNumber(value)
    return number !== undefined && number === asNumber(expected)
  }
  if (typeof value === 'boolean' || typeof expected === 'boolean') {
    return String(value) === String(expected)
  }
  return typeof value === 'object' && value !== null && JSON.stringify(value) === expected
}

/** A text contains a part, a list contains an item. */
function contains(value: unknown, expected: Expected): boolean {
  if (Array.isArray(value)) return value.some((item) => equal(item, expected))
  if (typeof value === 'object' && value !== null) return Object.hasOwn(value, String(expected))
  return value !== undefined && String(value).includes(String(expected))
}
