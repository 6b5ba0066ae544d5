import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { CoordinatorReport } from './child.ts'

/** What a killed worker or coordinator cost. */
export interface FaultFigures {
  /** Tasks that never got a result. */
  readonly lost: number
  readonly executedAgain: number
  /** Tasks more than 100 ms behind their neighbours. */
  readonly stuck: number
  /** The worst delay of a task behind its neighbours; absent when one never came. */
  readonly recoverMs?: number
  /** Makespan beyond the ideal one. */
  readonly stallMs: number
}

/** Tasks of `kill` scenarios take this long, in milliseconds, and a worker runs this many at once. */
const TASK_MS = 20
const SLOTS = 4

/**
 * Tasks are handed out in order, so one that is done long after its neighbours was stuck on the
 * victim: its delay behind them is the time that recovery took.
 */
export function faultFigures(
  report: CoordinatorReport,
  { workers, directory }: { readonly workers: number; readonly directory: string },
): FaultFigures {
  const doneAt = report.doneAt ?? []
  const delays = doneAt.map((at, place) => at - medianOf(neighbours(doneAt, place)))
  const delivered = delays.filter((_, place) => (doneAt[place] ?? -1) >= 0)
  const half = (doneAt.length / 2) * (TASK_MS / SLOTS)
  const idealMs = half / workers + half / (workers - 1)
  const lost = doneAt.length - delivered.length
  return {
    lost,
    executedAgain: executedAgain(directory),
    stuck: lost + delivered.filter((delay) => delay > 100).length,
    ...(lost === 0 && { recoverMs: Math.max(...delivered) }),
    stallMs: report.makespanMs - idealMs,
  }
}

/** Executions beyond the first of each task, from the logs that the workers left in the folder. */
export function executedAgain(directory: string): number {
  const logs = readdirSync(directory).filter((file) => file.startsWith('started-'))
  const started = logs
    .flatMap((file) => readFileSync(join(directory, file), 'latin1').split('\n'))
    .filter((id) => id.startsWith('t'))
  return started.length - new Set(started).size
}

function neighbours(doneAt: readonly number[], place: number): number[] {
  return doneAt.slice(Math.max(0, place - 50), place + 50).filter((at) => at >= 0)
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
