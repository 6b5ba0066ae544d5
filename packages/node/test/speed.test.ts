import { describe, expect, it } from 'vitest'
import { Speed } from '../src/speed.ts'

describe('the speed of a model', () => {
  it('[D31] is unknown until something was measured', () => {
    const speed = new Speed()
    speed.note(1, 100)
    speed.note(100, 0)
    expect(speed.tokensPerSecond).toBeUndefined()
  })

  it('[D31] follows what is measured, in two digits', () => {
    const speed = new Speed()
    speed.note(500, 1000)
    expect(speed.tokensPerSecond).toBe(500)
    speed.note(1000, 1000)
    expect(speed.tokensPerSecond).toBe(600)
    for (let count = 0; count < 50; count += 1) speed.note(1234, 1000)
    expect(speed.tokensPerSecond).toBe(1200)
  })
})
