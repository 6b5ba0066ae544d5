import { describe, expect, it } from 'vitest'
import { WorkflowError } from '../src/index.ts'
import { blame } from '../src/errors.ts'

describe('an error of a workflow', () => {
  it('[D4] has its code, and says neither step nor hope where nothing is known of them', () => {
    const error = new WorkflowError('INVALID_INPUT', 'no')
    expect(error).toMatchObject({ name: 'WorkflowError', code: 'INVALID_INPUT', message: 'no' })
    expect([error.step, error.retryable, error.cause]).toEqual([undefined, false, undefined])
  })

  it('[D4] gets its place in front, once', () => {
    const cause = new WorkflowError('STEP_FAILED', 'no', { retryable: true })
    const blamed = blame(cause, "step 'a'", 'a')
    expect(blamed).toMatchObject({
      name: 'WorkflowError',
      code: 'STEP_FAILED',
      message: "step 'a': no",
      step: 'a',
      retryable: true,
      cause,
    })
    expect(blame(blamed, "step 'b'", 'b')).toBe(blamed)
    const placed = blame(cause, 'input')
    expect(placed).toMatchObject({ message: 'input: no', step: undefined })
    expect(blame(placed, 'whole')).toMatchObject({ message: 'whole: input: no' })
  })

  it('[D4] is not what others throw', () => {
    const other = new TypeError('no')
    expect(blame(other, "step 'a'", 'a')).toBe(other)
  })
})
