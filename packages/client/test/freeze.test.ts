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

  it('[P2] keeps maps, sets and dates from being changed, and goes down them', () => {
    const { date, map, set } = deepFreeze({
      date: new Date(0),
      map: new Map([['a', { b: 1 }]]),
      set: new Set([[1]]),
    })
    expect(() => map.set('b', { b: 2 })).toThrow('this map belongs to a run: make a copy of it')
    expect(() => set.add([2])).toThrow('this set belongs to a run')
    expect(() => date.setHours(3)).toThrow('this date belongs to a run')
    expect(() => Object.assign(map.get('a') ?? {}, { b: 2 })).toThrow(TypeError)
    for (const list of set) expect(() => list.push(2)).toThrow(TypeError)
    expect(new Map(map).set('b', { b: 2 }).size).toBe(2)
    expect(map).toEqual(new Map([['a', { b: 1 }]]))
    expect(structuredClone({ date, map, set })).toEqual({ date, map, set })
  })

  it('leaves other objects as they are, and takes values that are none', () => {
    const bytes = new Uint8Array(2)
    deepFreeze({ bytes })
    expect(Object.isFrozen(bytes)).toBe(false)
    expect(deepFreeze('text')).toBe('text')
    expect(deepFreeze(undefined)).toBeUndefined()
  })

  it('goes down as far as a value goes', () => {
    let deep: unknown = {}
    for (let level = 0; level < 200_000; level++) deep = level % 2 ? [deep] : { deep }
    expect(Object.isFrozen(deepFreeze(deep))).toBe(true)
  })

  it('[P2] goes down what its owner has frozen only at the top', () => {
    const value = deepFreeze(Object.freeze({ tags: ['a'], list: Object.freeze([{ n: 1 }]) }))
    const held = deepFreeze({ value: Object.freeze({ tags: ['a'] }) })
    expect(() => value.tags.push('b')).toThrow(TypeError)
    expect(() => Object.assign(value.list[0] ?? {}, { n: 2 })).toThrow(TypeError)
    expect(() => held.value.tags.push('b')).toThrow(TypeError)
  })

  it('[P2] ends at a frozen value that contains itself', () => {
    const parts = Array.from({ length: 100 }, (): { whole?: object; tags: string[] } => ({
      tags: [],
    }))
    for (const part of parts) Object.freeze(Object.assign(part, { whole: parts }))
    deepFreeze(Object.freeze(parts))
    expect(() => parts[99]?.tags.push('b')).toThrow(TypeError)
  })

  it('[P10] looks through a large value no oftener however many rows share it', () => {
    let looked = 0
    const shared = {
      parts: Array.from({ length: 100 }, (_, n) => ({ n })),
      get part() {
        looked++
        return 'part'
      },
    }
    for (let row = 0; row < 1000; row++) deepFreeze({ row, shared })
    // When it is frozen, and when it is met frozen for the first time.
    expect(looked).toBe(2)
  })
})
