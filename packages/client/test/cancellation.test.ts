import { describe, expect, it } from 'vitest'
import { Cancellation } from '../src/cancellation.ts'

const reason = new RangeError('enough')

describe('a cancellation', () => {
  it('reaches every listener once, and those that come late at once', () => {
    const cancellation = new Cancellation()
    const heard: string[] = []
    cancellation.listen(() => heard.push('a'))
    const leave = cancellation.listen(() => heard.push('b'))
    leave()
    cancellation.cancel(reason)
    cancellation.cancel(new RangeError('again'))
    cancellation.listen(() => heard.push('late'))
    expect(heard).toEqual(['a', 'late'])
    expect(cancellation.reason).toBe(reason)
  })

  it('goes down the tree, never up', () => {
    const run = new Cancellation()
    const left = run.branch()
    const right = run.branch()
    left.cancellation.cancel(reason)
    expect([run, right.cancellation].map((each) => each.isCancelled)).toEqual([false, false])
    run.cancel(reason)
    expect(right.cancellation.isCancelled).toBe(true)
  })

  it('no longer reaches a branch that left', () => {
    const run = new Cancellation()
    const { cancellation, leave } = run.branch()
    leave()
    run.cancel(reason)
    expect(cancellation.isCancelled).toBe(false)
  })

  it('is an AbortSignal for those who want one, before and after', () => {
    const early = new Cancellation()
    const { signal } = early
    early.cancel(reason)
    const late = new Cancellation()
    late.cancel(reason)
    expect(signal.reason).toBe(reason)
    expect(late.signal.reason).toBe(reason)
  })
})
