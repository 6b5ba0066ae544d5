import { describe, expect, it } from 'vitest'
import { port, positiveInteger, positiveNumber, repeated, someText } from '../src/option-values.ts'

describe('the value of an option', () => {
  it('may be given several times', () => {
    expect(repeated('b', repeated('a'))).toEqual(['a', 'b'])
  })

  it('that is a number is above 0', () => {
    expect(positiveNumber('2.5')).toBe(2.5)
    for (const text of ['', ' ', '0', '-1', 'x', 'Infinity', '1s']) {
      expect(() => positiveNumber(text)).toThrow('must be a number above 0')
    }
  })

  it('that is a text is not empty', () => {
    expect(someText('Write')).toBe('Write')
    expect(() => someText(' ')).toThrow('must not be empty')
  })

  it('that counts is whole', () => {
    expect(positiveInteger('3')).toBe(3)
    expect(() => positiveInteger('2.5')).toThrow('must be a whole number above 0')
  })

  it('that is a port is one', () => {
    expect([port('0'), port('8080')]).toEqual([0, 8080])
    for (const text of ['', '-1', '65536', '80x']) expect(() => port(text)).toThrow('0 to 65535')
  })
})
