import { instantsBetween, type Timetable } from './timetable.ts'

/** What becomes of a firing while the one before still runs. */
export type Overlap =
  /** It does not take place. */
  | 'skip'
  /** It waits for its turn. */
  | 'queue'
  /** Both run. */
  | 'allow'

/** What becomes of firings that nobody was there for. */
export type CatchUp = 'none' | 'latest' | 'all'

/** What a schedule remembers, for all processes. Instants are milliseconds since 1970. */
export interface ScheduleState {
  /** Everything up to this instant is dealt with. */
  readonly seen: number
  /** Instants that are to fire, the oldest first. */
  readonly pending: readonly number[]
  /** The instant whose run was begun and has not ended. */
  readonly running?: number
}

/** Firings that are caught up with at most. */
const MOST_FIRINGS = 1000

/** How a schedule decides. */
export interface FiringRules {
  readonly timetable: Timetable
  readonly overlap: Overlap
  readonly catchUp: CatchUp
  /** Since when this process looks after it: instants before it were missed. */
  readonly watchedSince: number
}

/** The state when it is that time: what has come due since is pending now. */
export function becomeDue(state: ScheduleState, now: number, rules: FiringRules): ScheduleState {
  const span = { after: state.seen, until: now, most: MOST_FIRINGS }
  const due = instantsBetween(rules.timetable, span)
  if (due.length === 0) return state
  const missed = due.filter((instant) => instant < rules.watchedSince)
  const present = due.filter((instant) => instant >= rules.watchedSince)
  const pending = [
    ...state.pending,
    ...caughtUp(missed, rules.catchUp),
    // Of several that came while another process had it and died, the latest stands for all.
    ...(rules.overlap === 'skip' ? present.slice(-1) : present),
  ]
  return { ...state, seen: now, pending: pending.slice(-MOST_FIRINGS) }
}

/** The state when a run has ended at that time. */
export function ended(
  { seen, pending }: ScheduleState,
  now: number,
  overlap: Overlap,
): ScheduleState {
  return { seen: overlap === 'skip' ? Math.max(seen, now) : seen, pending }
}

function caughtUp(missed: readonly number[], catchUp: CatchUp): readonly number[] {
  if (catchUp === 'none') return []
  return catchUp === 'latest' ? missed.slice(-1) : missed
}
