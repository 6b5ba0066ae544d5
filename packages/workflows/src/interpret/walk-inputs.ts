import { keyOfInput } from '../compile/compile-keys.ts'
import type { Input } from '../document/document.ts'
import { WorkflowError } from '../errors.ts'
import type { Visit } from './run.ts'

/**
 * An input that a step names for itself: a bare name is one of its inputs or of memory.
 *
 * @throws {WorkflowError} `MISSING_VALUE`
 */
export function keyed({ run, lookup }: Visit, input: Input): unknown {
  const value = typeof input === 'string' ? lookup(input) : run.memory.take(input)
  if (value !== undefined) return value
  const name = keyOfInput(input) ?? 'the input'
  throw new WorkflowError('MISSING_VALUE', `'${name}' has no value`)
}
