import { describe, expect, it } from 'vitest'
import { deepFreeze, settle } from '../src/freeze.ts'

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
    const parts = new Proxy(
      Array.from({ length: 100 }, (_, n) => ({ n })),
      {
        get: (target, name): unknown => {
          if (name === 'length') looked++
          return Reflect.get(target, name)
        },
      },
    )
    const shared = { parts }
    deepFreeze({ row: 0, shared })
    // Met frozen for the first time.
    deepFreeze({ row: 1, shared })
    const before = looked
    for (let row = 0; row < 1000; row++) deepFreeze({ row, shared })
    expect(looked).toBe(before)
  })

  it.each([
    ['beside plain members', (said: () => number) => gettersBelow({ n: 1 }, said)],
    ['of a part', (said: () => number) => ({ part: gettersBelow({}, said) })],
    ['in a list', (said: () => number) => [[1], gettersBelow({ list: [1] }, said)]],
    ['in a map', (said: () => number) => new Map([['a', gettersBelow({}, said)]])],
  ])('[X2] asks each getter once, and keeps what it says: %s', (_, make) => {
    for (const work of [deepFreeze, settle]) {
      let asked = 0
      const value = make(() => ++asked)
      work(value)
      expect(asked).toBe(1)
      expect(structuredClone(value)).toEqual(make(() => 1))
      expect(asked).toBe(1)
    }
  })

  it('[X2] freezes what a getter gives, and leaves those alone that may not be replaced', () => {
    const value = deepFreeze({
      get list() {
        return [1]
      },
      fixed: Object.freeze({
        get list() {
          return [2]
        },
      }),
    })
    expect(() => value.list.push(2)).toThrow(TypeError)
    expect(value.fixed.list).toEqual([2])
  })

  it('[X2] leaves a getter that throws to whoever looks', () => {
    const trap = gettersBelow({}, () => {
      throw new RangeError('a trap')
    })
    const value = [gettersBelow({}, Date.now), trap, gettersBelow({}, Date.now)]
    settle(value)
    const isData = value.map(
      (part) => 'value' in (Object.getOwnPropertyDescriptor(part, 'said') ?? {}),
    )
    expect(isData).toEqual([true, false, true])
    expect(() => deepFreeze(value)).toThrow('a trap')
  })

  it('[X2] settles what contains itself, and leaves it as it may be changed', () => {
    const value: { list: unknown[]; n: number } = {
      list: [],
      get n() {
        return 1
      },
    }
    for (let part = 0; part < 100; part++) value.list.push({ value, list: value.list })
    settle(value)
    value.n = 2
    expect(value.n).toBe(2)
  })
})

/** The same with a member that is asked for. */
function gettersBelow(value: object, said: () => number): object {
  return Object.defineProperty(value, 'said', { get: said, enumerable: true, configurable: true })
}
