import { describe, expect, it } from 'vitest'
import { deepFreeze } from '../src/freeze.ts'

describe('freezing', () => {
  it('goes all the way down lists and plain objects', () => {
    const value = deepFreeze({ list: [{ deep: { text: 'a' } }], nothing: null, number: 1 })
    expect(() => {
      value.list.push({ deep: { text: 'b' } })
    }).toThrow(TypeError)
    expect(() => {
      Object.assign(value.list[0]?.deep ?? {}, { text: 'b' })
    }).toThrow(TypeError)
  })

  it('leaves other objects as they are, and takes values that are none', () => {
    const date = new Date(0)
    const bytes = new Uint8Array(2)
    const map = new Map([['a', { b: 1 }]])
    deepFreeze({ date, bytes, map })
    expect(Object.isFrozen(date)).toBe(false)
    expect(Object.isFrozen(map)).toBe(false)
    expect(deepFreeze('text')).toBe('text')
    expect(deepFreeze(undefined)).toBeUndefined()
  })

  it('goes down as far as a value goes', () => {
    let deep: unknown = {}
    for (let level = 0; level < 200_000; level++) deep = level % 2 ? [deep] : { deep }
    expect(Object.isFrozen(deepFreeze(deep))).toBe(true)
  })

  it('[P10] pays once for a value that many rows share', () => {
    let looked = 0
    const shared = {
      get part() {
        looked++
        return 'part'
      },
    }
    for (let row = 0; row < 1000; row++) deepFreeze({ row, shared })
    expect(looked).toBe(1)
  })
})
