import type { Condition, Expression, Input } from './document.ts'
import { WorkflowError } from './errors.ts'

type Expected = Condition['expected']
type Method = (expected: Expected) => Condition

const METHODS: Readonly<Record<string, readonly [Expression, 'read' | 'size']>> = {
  equals: ['Equal', 'read'],
  notEquals: ['NotEqual', 'read'],
  contains: ['Contains', 'read'],
  notContains: ['NotContains', 'read'],
  includes: ['Contains', 'read'],
  similarTo: ['HaveSimilar', 'read'],
  above: ['GreaterThan', 'read'],
  below: ['LessThan', 'read'],
  atLeast: ['GreaterThanOrEqual', 'read'],
  atMost: ['LessThanOrEqual', 'read'],
  sizeAbove: ['GreaterThan', 'size'],
  sizeBelow: ['LessThan', 'size'],
}

/**
 * One object of condition makers per known key. Reading another key is an error that names it, as
 * JavaScript programs have no compiler to tell them.
 */
export function referencesTo(
  known: ReadonlySet<string>,
): Readonly<Record<string, Readonly<Record<string, Method>>>> {
  return new Proxy(Object.create(null) as Record<string, Readonly<Record<string, Method>>>, {
    get(_, key) {
      if (typeof key === 'string' && known.has(key)) return referenceTo(key)
      throw new WorkflowError(
        'INVALID_DOCUMENT',
        `a condition reads '${String(key)}', but there is only ${[...known].map((name) => `'${name}'`).join(', ')}`,
      )
    },
  })
}

function referenceTo(key: string): Readonly<Record<string, Method>> {
  return Object.fromEntries(
    Object.entries(METHODS).map(([method, [expression, type]]) => {
      const input: Input = type === 'size' ? { type: 'size', key } : key
      return [method, (expected: Expected): Condition => ({ input, expression, expected })]
    }),
  )
}
