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
  /** Instants that are to fire, the oldest first; where runs may overlap, also those whose runs have not ended. */
  readonly pending: readonly number[]
  /** The instant whose run was begun and has not ended, where only one run goes on at a time. */
  readonly running?: number
}

/** Firings that are caught up with at most. */
const MOST_FIRINGS = 1000
const MOST_CAUGHT_UP: Readonly<Record<CatchUp, number>> = { none: 0, latest: 1, all: MOST_FIRINGS }

/** How a schedule decides. */
export interface FiringRules {
  readonly timetable: Timetable
  readonly overlap: Overlap
  readonly catchUp: CatchUp
  /** Since when this process looks after it: instants before it were missed. */
  readonly watchedSince: number
}

/**
 * The state when it is that time: what has come due since is pending now. What is not caught up with is left to whoever
 * has watched for longer.
 */
export function becomeDue(state: ScheduleState, now: number, rules: FiringRules): ScheduleState {
  const { timetable, overlap, catchUp } = rules
  const begin = rules.watchedSince - 1
  const missed = { after: state.seen, until: Math.min(now, begin), most: MOST_CAUGHT_UP[catchUp] }
  // Of several that came while another process had it and died, the latest stands for all, if not all are wanted.
  const most = overlap === 'skip' && catchUp !== 'all' ? 1 : MOST_FIRINGS
  const present = { after: Math.max(state.seen, begin), until: now, most }
  const due = [...instantsBetween(timetable, missed), ...instantsBetween(timetable, present)]
  if (due.length === 0) return state
  const pending = [...state.pending, ...due]
  return { ...state, seen: now, pending: pending.slice(-MOST_FIRINGS) }
}

/** Instants whose runs are to go on now, and the state while they do. */
export function toBegin(
  state: ScheduleState,
  overlap: Overlap,
): { readonly state: ScheduleState; readonly instants: readonly number[] } {
  if (overlap === 'allow') return { state, instants: state.pending }
  const { seen, pending, running } = state
  if (running !== undefined) return { state, instants: [running] }
  const [first, ...rest] = pending
  if (first === undefined) return { state, instants: [] }
  return { state: { seen, pending: rest, running: first }, instants: [first] }
}

/** The state while a run goes on at that time: what came due meanwhile is left out where that is how it is. */
export function leftOut(state: ScheduleState, now: number, overlap: Overlap): ScheduleState {
  return overlap === 'skip' ? { ...state, seen: Math.max(state.seen, now) } : state
}

/** The state when the run of an instant has ended at that time. */
export function ended(
  { seen, pending }: ScheduleState,
  {
    instant,
    now,
    overlap,
  }: { readonly instant: number; readonly now: number; readonly overlap: Overlap },
): ScheduleState {
  if (overlap === 'allow') return { seen, pending: pending.filter((other) => other !== instant) }
  return leftOut({ seen, pending }, now, overlap)
}
