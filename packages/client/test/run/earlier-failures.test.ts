import { describe, expect, it } from 'vitest'
import { EarlierFailures } from '../../src/run/earlier-failures.ts'
import { fakeJournal } from '../fake-journal.ts'

function failures(...places: string[]): EarlierFailures {
  const notes = places.map((place) => ({ kind: 'failure', place, value: {} }) as const)
  return new EarlierFailures({ ...fakeJournal(() => undefined), notes: () => notes })
}

function damaged(): never {
  throw new RangeError('damaged')
}

describe('failures from before a run was taken up', () => {
  it('[F15] are mended by the row itself, by a row that came of it, and by one that it went into', () => {
    const earlier = failures('1/a', '2.0/a', '2.10/b', '3.1.5/c', '12/a')
    expect(earlier.mendedBy([1, 4])).toEqual(['1/a'])
    expect(earlier.mendedBy([1])).toEqual([])
    expect(earlier.mendedBy([2, 1])).toEqual([])
    expect(earlier.mendedBy([2])).toEqual(['2.0/a', '2.10/b'])
    expect(earlier.mendedBy([3])).toEqual(['3.1.5/c'])
    expect(earlier.mendedBy([12])).toEqual(['12/a'])
  })

  it('[F15] are not mended by a row that they left alone: they came again before it left', () => {
    const earlier = failures('1/a', '1/b')
    earlier.again('1/a')
    expect(earlier.mendedBy([1])).toEqual(['1/b'])
  })

  it('do not count where they are mended already, or cannot be read', () => {
    const journal = fakeJournal(() => undefined)
    const mended = [{ kind: 'failure', place: '1/a', value: null }] as const
    expect(new EarlierFailures({ ...journal, notes: () => mended }).mendedBy([1])).toEqual([])
    expect(new EarlierFailures({ ...journal, notes: damaged }).mendedBy([1])).toEqual([])
  })
})
