import { listed } from '../compile/compile-keys.ts'
import type { Condition, Expression, Input } from '../document/document.ts'
import { WorkflowError } from '../errors.ts'
import { DEFAULT_SIMILARITY } from '../interpret/similarity.ts'

type Expected = Condition['expected']
type Maker = (expected?: Expected) => Condition

const METHODS: Readonly<Record<string, Expression>> = {
  equals: 'Equal',
  notEquals: 'NotEqual',
  contains: 'Contains',
  notContains: 'NotContains',
  includes: 'Contains',
  lacks: 'NotContains',
  similar: 'HaveSimilar',
  above: 'GreaterThan',
  below: 'LessThan',
  atLeast: 'GreaterThanOrEqual',
  atMost: 'LessThanOrEqual',
  sizeAbove: 'GreaterThan',
  sizeBelow: 'LessThan',
}

/** Those that compare how many values a key was pushed. */
const OF_SIZE: ReadonlySet<string> = new Set(['sizeAbove', 'sizeBelow'])

/**
 * One object of condition makers per known key. Reading another key is an error that names it, as programs in
 * JavaScript have no compiler to tell them.
 */
export function referencesTo(known: ReadonlySet<string>): object {
  return new Proxy(Object.freeze({}), {
    get(_, key) {
      if (typeof key === 'string' && known.has(key)) return referenceTo(key)
      throw new WorkflowError(
        'INVALID_DOCUMENT',
        `a condition reads '${String(key)}', which is neither an input nor written by a step; there are ${listed(known)}`,
      )
    },
  })
}

function referenceTo(key: string): Readonly<Record<string, Maker>> {
  return Object.fromEntries(
    Object.entries(METHODS).map(([method, expression]) => {
      const input: Input = OF_SIZE.has(method) ? { type: 'size', key } : key
      const make: Maker = (expected = DEFAULT_SIMILARITY) => ({ input, expression, expected })
      return [method, make]
    }),
  )
}
