import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SlotMap } from '../src/slot-map.ts'

type Table = Pick<SlotMap<string, object>, 'set' | 'delete'>

describe('a slot map', () => {
  it('answers as a Map does, whatever comes and goes', () => {
    const key = fc.constantFrom('a', 'b', 'c', 'd')
    const step = fc.record({ key, value: fc.nat(), isDeleted: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const slots = new SlotMap<string, number>()
        const map = new Map<string, number>()
        for (const { key: name, value, isDeleted } of steps) {
          for (const table of [slots, map]) {
            if (isDeleted) table.delete(name)
            else table.set(name, value)
          }
          expect(slots.get(name)).toBe(map.get(name))
          expect(slots.has(name)).toBe(map.has(name))
        }
        expect(slots.size).toBe(map.size)
        expect(slots.delete('a')).toBe(map.delete('a'))
        expect([...slots.keys()]).toEqual([...map.keys()])
        expect([...slots.values()]).toEqual([...map.values()])
      }),
    )
  })

  it('leaves out what is deleted while its values are walked over', () => {
    const slots = new SlotMap<number, string>()
    for (const [place, name] of ['a', 'b', 'c'].entries()) slots.set(place, name)
    const seen: string[] = []
    for (const name of slots.values()) {
      seen.push(name)
      slots.delete(1)
    }
    expect(seen).toEqual(['a', 'c'])
  })

  it('[N3] keeps what has gone out of the old generation of the heap, where a Map would put it', () => {
    const inMap = grownBy(new Map<string, object>())
    expect(grownBy(new SlotMap<string, object>())).toBeLessThan(inMap / 2)
  })
})

/** By how many bytes the old generation grows while many values come and go. */
function grownBy(table: Table): number {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect !== 'function') throw new Error('no collector')
  for (let place = 0; place < 100; place += 1) table.set(`stays ${place}`, {})
  // What has survived two collections is old.
  Reflect.apply(collect, undefined, [])
  Reflect.apply(collect, undefined, [])
  const before = oldBytes()
  for (let place = 0; place < 30_000; place += 1) {
    table.set(
      `${place}`,
      Array.from({ length: 200 }, () => place),
    )
    table.delete(`${place - 100}`)
  }
  return oldBytes() - before
}

function oldBytes(): number {
  const space = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'old_space')
  return space?.space_used_size ?? 0
}
