import { WorkflowError } from './errors.ts'

/**
 * How large a value may become. Steps that cost nothing can nest a value in itself over and over, and double it each
 * time: the value stays small in memory, and its text grows beyond every machine.
 */

/** Nesting of a value: deeper would exhaust the stack of whoever checks or writes it. */
const MAX_DEPTH = 256
/** Characters of a value's text: more than any model reads. */
export const MAX_TEXT_CHARS = 32 * 1024 * 1024

interface Weight {
  readonly chars: number
  readonly depth: number
}

const EMPTY: Weight = { chars: 8, depth: 0 }

/** Weights of objects that were seen before: what is in a value many times is weighed once. */
const weights = new WeakMap<object, Weight>()

/**
 * The value, which is small enough to be written as text.
 *
 * @throws {WorkflowError} `STEP_FAILED`
 */
export function bounded<T>(value: T): T {
  refuseLong(typeof value === 'string' ? value.length : weigh(value, 1).chars)
  return value
}

/** @throws {WorkflowError} `STEP_FAILED` for a text of so many characters */
export function refuseLong(chars: number): void {
  if (chars <= MAX_TEXT_CHARS) return
  throw new WorkflowError('STEP_FAILED', 'a value becomes larger than any model can read')
}

/** Types that JSON has no text for. */
const UNWRITABLE: ReadonlySet<string> = new Set(['bigint', 'function', 'symbol'])

function weigh(value: unknown, depth: number): Weight {
  if (typeof value === 'string') return { chars: value.length + 2, depth: 0 }
  if (UNWRITABLE.has(typeof value)) throw unwritable(value)
  if (typeof value !== 'object' || value === null) return EMPTY
  const known = weights.get(value) ?? weighMembers(value, depth)
  if (depth + known.depth > MAX_DEPTH) throw tooDeep()
  return known
}

function weighMembers(value: object, depth: number): Weight {
  if (depth > MAX_DEPTH) throw tooDeep()
  const members: readonly unknown[] = Array.isArray(value) ? value : Object.values(value)
  let chars = 2 + members.length
  let deepest = 0
  for (const member of members) {
    const inner = weigh(member, depth + 1)
    chars += inner.chars
    deepest = Math.max(deepest, inner.depth + 1)
  }
  if (!Array.isArray(value)) for (const key of Object.keys(value)) chars += key.length + 3
  const weight = { chars, depth: deepest }
  weights.set(value, weight)
  return weight
}

function tooDeep(): WorkflowError {
  return new WorkflowError(
    'STEP_FAILED',
    `a value is nested deeper than ${MAX_DEPTH} levels, or contains itself`,
  )
}

function unwritable(value: unknown): WorkflowError {
  return new WorkflowError('STEP_FAILED', `a ${typeof value} is no JSON value`)
}
