import { Cron } from 'croner'
import { toMs, type Duration } from '../duration.ts'
import { ClientError, messageOf } from '../errors.ts'

/** When a schedule fires. */
export type Timing =
  /** Five fields, or six with seconds first: `0 9 * * 1-5`. */
  | { readonly cron: string; readonly timeZone?: string }
  /** Every so often, counted from 1970, so that all schedulers agree. */
  | { readonly every: Duration }
  /** Once a day at that time of the day: `09:00`. */
  | { readonly daily: string; readonly timeZone?: string }

/** The instants of a schedule. Milliseconds since 1970. */
export interface Timetable {
  /** The first instant after that one; none when there will never be another. */
  next(after: number): number | undefined
}

/**
 * Instants across changes of the clocks: a time of the day that a change leaves out comes at the next moment
 * that there is; one that comes twice fires the first time only.
 *
 * @throws {ClientError} `INVALID_INPUT` naming what cannot be read
 */
export function timetableOf(timing: Timing): Timetable {
  if ('every' in timing) return everySo(timing.every)
  const { timeZone } = timing
  const pattern = 'daily' in timing ? patternOf(timing.daily) : timing.cron
  if (timeZone !== undefined) insistOnZone(timeZone)
  try {
    const cron = new Cron(pattern, {
      paused: true,
      ...(timeZone !== undefined && { timezone: timeZone }),
    })
    // One whose last moment is past may be there: its program was started again.
    if (!cron.nextRun(new Date(0))) throw new RangeError('there is no such moment')
    return { next: (after) => cron.nextRun(new Date(after))?.getTime() }
  } catch (cause) {
    const what = timeZone === undefined ? `'${pattern}'` : `'${pattern}' in '${timeZone}'`
    throw new ClientError('INVALID_INPUT', `a schedule ${what}: ${messageOf(cause)}`, { cause })
  }
}

/** The span of instants that is asked for. */
export interface InstantSpan {
  readonly after: number
  /** Included. */
  readonly until: number
  /** The latest so many of them. */
  readonly most: number
}

/** The latest instants of a span, the oldest first. However long it is, only what lies near its end is looked at. */
export function instantsBetween(
  timetable: Timetable,
  { after, until, most }: InstantSpan,
): readonly number[] {
  if (most === 0 || after >= until || !isWithin(timetable.next(after), until)) return []
  for (let length = 1; ; length *= 2) {
    const start = Math.max(after, until - length)
    const instants = allBetween(timetable, start, until)
    if (instants.length >= most || start === after) return instants.slice(-most)
  }
}

function allBetween(timetable: Timetable, after: number, until: number): number[] {
  const instants: number[] = []
  for (let at = timetable.next(after); isWithin(at, until); at = timetable.next(at)) {
    instants.push(at)
  }
  return instants
}

function isWithin(instant: number | undefined, until: number): instant is number {
  return instant !== undefined && instant <= until
}

function everySo(every: Duration): Timetable {
  const ms = toMs(every, 'every of a schedule', 'INVALID_INPUT')
  if (ms < 1) throw new ClientError('INVALID_INPUT', 'every of a schedule must be at least 1 ms')
  return { next: (after) => (Math.floor(after / ms) + 1) * ms }
}

function insistOnZone(timeZone: string): void {
  try {
    Intl.DateTimeFormat('en', { timeZone })
  } catch (cause) {
    const message = `there is no time zone '${timeZone}'; one is 'Europe/Stockholm'`
    throw new ClientError('INVALID_INPUT', message, { cause })
  }
}

function patternOf(daily: string): string {
  const [, hour, minute] = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(daily) ?? []
  if (hour !== undefined && minute !== undefined) return `${Number(minute)} ${Number(hour)} * * *`
  const message = `daily of a schedule must be a time such as '09:00', not '${daily}'`
  throw new ClientError('INVALID_INPUT', message)
}
