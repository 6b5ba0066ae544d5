import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { insistOnRecordable } from '../../src/store/recordable.ts'
import { noReference, readValue, textOf, ValueWriter } from '../../src/store/value-text.ts'

function nested(depth: number): unknown[] {
  let value: unknown[] = []
  for (let i = 1; i < depth; i++) value = [value]
  return value
}

describe('a value that is written', () => {
  it('[F16] may be nested 500 deep', () => {
    expect(new ValueWriter().write(nested(500))).toBe('['.repeat(500) + ']'.repeat(500))
  })

  it.each([600, 2600, 5000, 200_000])('[F16] is told where it is nested %i deep', (depth) => {
    const write = () => new ValueWriter().write(nested(depth))
    expect(write).toThrow(/nested too deeply cannot be recorded, at \[0\]/)
  })

  it('[F16] is told where it contains itself', () => {
    const list: unknown[] = []
    list.push(list)
    expect(() => new ValueWriter().write(list)).toThrow(/a value that contains itself.*, at \[0\]/)
  })

  it('[F2] has its members in the order of their names when equal values are to have equal texts', () => {
    const names = fc.uniqueArray(fc.string({ maxLength: 3 }), { maxLength: 40 })
    fc.assert(
      fc.property(names, (some) => {
        const value = Object.fromEntries(some.map((name) => [name, 0]))
        const text = new ValueWriter({ canonical: true }).write(value)
        const members = some.toSorted().map((name) => `${name.length}'${name}:0`)
        expect(text).toContain(`{${members.join(',')}}`)
      }),
    )
  })

  it('[X2] is a buffer again that was one, and bytes that were not', () => {
    const given = { buffer: Buffer.from('hé'), bytes: new Uint8Array([104, 195]) }
    expect(readValue(textOf(given), noReference)).toStrictEqual(given)
  })

  it.each([
    ['a match of a regular expression', /(?<n>\d+)/.exec('ab12')],
    ['a Stamp', new (class Stamp extends Date {})()],
    ['a Catalogue', new (class Catalogue extends Map {})()],
    ['a Blob', new (class Blob extends Uint8Array {})(2)],
  ])('[Q10] is refused in every store where a part of it would be lost: %s', (what, value) => {
    const message = `${what} cannot be recorded, at list[0]`
    expect(() => textOf({ list: [value] })).toThrow(message)
    expect(() => {
      insistOnRecordable({ list: [value] })
    }).toThrow(message)
  })
})
