import { describe, expect, it } from 'vitest'
import { insistOnRecordable } from '../../src/store/recordable.ts'

/** A list that counts how often it is gone through. */
function countedList() {
  const counted = { times: 0, list: [] as readonly unknown[] }
  counted.list = new Proxy(Object.freeze(Array.from({ length: 100 }, (_, n) => n)), {
    get: (target, name): unknown => {
      if (name === Symbol.iterator) counted.times++
      return Reflect.get(target, name)
    },
  })
  return counted
}

describe('a value that is kept as it is', () => {
  it('[P10] is looked through once where it is large and frozen, however many rows share it', () => {
    const shared = countedList()
    for (let row = 0; row < 100; row++) insistOnRecordable({ row, shared: shared.list })
    expect(shared.times).toBe(1)
  })

  it('[P10] is looked through once where it stands in many places of another', () => {
    const part = countedList()
    const open = [...part.list]
    const shared = { parts: [open, part.list] }
    insistOnRecordable(Array.from({ length: 100 }, (_, row) => ({ row, shared })))
    expect(part.times).toBe(2)
  })

  it('[Q10] is looked at anew where it may have changed', () => {
    const list: unknown[] = Array.from({ length: 100 }, (_, n) => n)
    insistOnRecordable(list)
    list.push(() => 1)
    expect(() => {
      insistOnRecordable(list)
    }).toThrow('a function cannot be recorded, at [100]')
  })
})
