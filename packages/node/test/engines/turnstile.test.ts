import { describe, expect, it } from 'vitest'
import { Turnstile } from '../../src/engines/turnstile.ts'
import { failureOf } from './engine-contract.ts'

const never = new AbortController().signal

describe('a turnstile', () => {
  it('lets so many in, and the others in their order', async () => {
    const turnstile = new Turnstile(1)
    const order: string[] = []
    await turnstile.enter(never)
    const waiting = ['first', 'second'].map(async (name) => {
      await turnstile.enter(never)
      order.push(name)
      turnstile.leave()
    })
    expect(turnstile.tryEnter()).toBe(false)
    turnstile.leave()
    await Promise.all(waiting)
    expect(order).toEqual(['first', 'second'])
    expect(turnstile.tryEnter()).toBe(true)
  })

  it('loses no place when one who waits gives up', async () => {
    const turnstile = new Turnstile(1)
    await turnstile.enter(never)
    const controller = new AbortController()
    const reason = new Error('enough')
    const gaveUp = failureOf(turnstile.enter(controller.signal))
    const next = turnstile.enter(never)
    controller.abort(reason)
    expect(await gaveUp).toBe(reason)
    turnstile.leave()
    await next
    turnstile.leave()
    expect(turnstile.tryEnter()).toBe(true)
  })

  it('lets nobody in whose signal is aborted already', async () => {
    const reason = new Error('late')
    expect(await failureOf(new Turnstile(1).enter(AbortSignal.abort(reason)))).toBe(reason)
  })
})
