import { expect } from 'vitest'
import { checkWorkflow, type Finding } from '../../src/index.ts'

/** Inputs of most documents of these tests. */
export const topic = { input: { topic: { type: 'string' } } }

/** "error READ_BEFORE_WRITTEN steps[0].prompt" for each finding. */
export function found(document: unknown): readonly string[] {
  return checkWorkflow(document).map(({ severity, code, path }) => `${severity} ${code} ${path}`)
}

/** The one thing that is found. */
export function only(document: unknown): Finding {
  const [first, ...others] = checkWorkflow(document)
  expect(others).toEqual([])
  if (first === undefined) throw new TypeError('nothing was found')
  return first
}

/** The targets of an edge that is taken when a key says yes. */
export function unless(key: string, to: string, otherwise: string): object {
  return { to, if: { input: key, expression: 'Contains', expected: 'Yes' }, else: otherwise }
}
