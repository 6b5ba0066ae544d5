import { describe, expect, it } from 'vitest'
import { toMs } from '../src/duration.ts'

describe('a duration', () => {
  it.each<[string | number, number]>([
    [250, 250],
    ['90s', 90_000],
    ['1.5m', 90_000],
    ['2h', 7_200_000],
    ['1d', 86_400_000],
    ['20ms', 20],
    [0, 0],
    [Infinity, Infinity],
  ])('%s is %d ms', (duration, ms) => {
    expect(toMs(duration, 'timeout')).toBe(ms)
  })

  it.each<string | number>(['soon', '90', '', '-5s', '5 s', -1, Number.NaN])(
    '%s is none, and the message says where it stood',
    (duration) => {
      expect(() => toMs(duration, "timeout of 'execute'")).toThrow("timeout of 'execute'")
      expect(() => toMs(duration, 'x')).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }))
    },
  )
})
