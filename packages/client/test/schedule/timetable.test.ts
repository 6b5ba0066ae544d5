import { describe, expect, it } from 'vitest'
import {
  instantsBetween,
  timetableOf,
  type Timetable,
  type Timing,
} from '../../src/schedule/timetable.ts'

/** The next instants after that moment, as texts. */
function after(start: string, timing: Timing, count = 3): string[] {
  const timetable = timetableOf(timing)
  const instants: string[] = []
  for (let at = timetable.next(Date.parse(start)); at !== undefined; at = timetable.next(at)) {
    instants.push(new Date(at).toISOString())
    if (instants.length === count) break
  }
  return instants
}

describe('a timetable', () => {
  it('[F21] fires daily at the same time of the day when the clocks go forward and back', () => {
    const timing = { daily: '09:00', timeZone: 'Europe/Berlin' }
    expect(after('2026-03-27T12:00:00Z', timing)).toEqual([
      '2026-03-28T08:00:00.000Z',
      '2026-03-29T07:00:00.000Z',
      '2026-03-30T07:00:00.000Z',
    ])
    expect(after('2026-10-23T12:00:00Z', timing)).toEqual([
      '2026-10-24T07:00:00.000Z',
      '2026-10-25T08:00:00.000Z',
      '2026-10-26T08:00:00.000Z',
    ])
  })

  it('[F21] fires once on the day whose clocks leave the time out, and once on the day that has it twice', () => {
    const timing = { cron: '30 2 * * *', timeZone: 'Europe/Berlin' }
    const spring = after('2026-03-28T12:00:00Z', timing, 2)
    expect(spring.map((instant) => instant.slice(0, 10))).toEqual(['2026-03-29', '2026-03-30'])
    const autumn = after('2026-10-24T12:00:00Z', timing, 2)
    expect(autumn).toEqual(['2026-10-25T00:30:00.000Z', '2026-10-26T01:30:00.000Z'])
  })

  it('[F21] fires at intervals that do not depend on when it was started', () => {
    expect(after('2026-01-01T00:03:00Z', { every: '10m' })).toEqual([
      '2026-01-01T00:10:00.000Z',
      '2026-01-01T00:20:00.000Z',
      '2026-01-01T00:30:00.000Z',
    ])
    expect(after('2026-01-01T00:10:00Z', { every: '10m' }, 1)).toEqual(['2026-01-01T00:20:00.000Z'])
  })

  it('knows cron patterns, with seconds and names', () => {
    expect(after('2026-01-02T12:00:00Z', { cron: '0 9 * * MON-FRI', timeZone: 'UTC' }, 1)).toEqual([
      '2026-01-05T09:00:00.000Z',
    ])
    expect(after('2026-01-02T12:00:00Z', { cron: '*/20 * * * * *' }, 2)).toEqual([
      '2026-01-02T12:00:20.000Z',
      '2026-01-02T12:00:40.000Z',
    ])
  })

  it('may come to an end', () => {
    expect(after('2026-01-02T12:00:00Z', { cron: '0 0 0 1 1 * 2020', timeZone: 'UTC' })).toEqual([])
  })

  it('lists what was missed, the latest where it was too much', () => {
    const hours = timetableOf({ every: '1h' })
    const span = { after: 0, until: 10 * 3_600_000, most: 3 }
    expect(instantsBetween(hours, span).map((at) => at / 3_600_000)).toEqual([8, 9, 10])
    expect(instantsBetween(hours, { ...span, until: 3_599_999 })).toEqual([])
  })

  it.each<Timing>([
    { every: '1s' },
    { cron: '* * * * *', timeZone: 'Europe/Berlin' },
    { cron: '*/5 9 * * MON', timeZone: 'Europe/Berlin' },
  ])('[F21] lists what was missed in years as it does for hours: %j', (timing) => {
    const timetable = timetableOf(timing)
    let asked = 0
    const counting: Timetable = { next: (at) => (asked++, timetable.next(at)) }
    const until = Date.parse('2026-01-01T00:00:30Z')
    for (const most of [0, 1, 30]) {
      const latest = instantsBetween(counting, { after: 0, until, most })
      expect(latest).toHaveLength(most)
      const all = instantsBetween(timetable, { after: latest[0] ?? until, until, most: Infinity })
      expect(latest.slice(1)).toEqual(all)
    }
    expect(asked).toBeLessThan(1000)
  })

  it.each<[Timing, string | RegExp]>([
    [{ cron: '61 * * * *' }, "a schedule '61 * * * *'"],
    [{ cron: 'often' }, "a schedule 'often'"],
    [
      { cron: '0 9 * * *', timeZone: 'Mars/Olympus' },
      /^there is no time zone 'Mars\/Olympus'; one is 'Europe\/Stockholm'$/,
    ],
    [{ daily: '25:00' }, "must be a time such as '09:00', not '25:00'"],
    [{ daily: 'noon' }, "not 'noon'"],
    [{ every: 0 }, 'must be at least 1 ms'],
  ])('that cannot be read is refused: %j', (timing, message) => {
    expect(() => timetableOf(timing)).toThrow(message)
  })
})
