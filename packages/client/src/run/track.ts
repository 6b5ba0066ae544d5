import type { ClientError } from '../errors.ts'
import { deepFreeze } from '../freeze.ts'
import type { PlanNode } from '../plan/plan.ts'
import type { Row, Scope } from './scope.ts'

/** What came before a row failed. */
export interface Trouble {
  readonly attempts: number
  /** Names of the nodes that tried. */
  readonly nodes: readonly string[]
  /** Its call was done, and counts as that. @default false */
  readonly wasDone?: boolean
}

/** A row at a node of the plan. */
export interface Stop {
  readonly row: Row
  readonly node: PlanNode
  /** Place of the node in its plan. */
  readonly place: number
}

/** What the verbs can do with rows. A verb returns the row as it goes on, or takes care of it itself. */
export interface Track {
  /** Takes a row as far as it goes without waiting, from that place of its plan. */
  advance(row: Row, place: number): void
  /** Puts rows in line to go on from that place, one by one as there is room. */
  push(place: number, rows: Iterable<Row>): void
  /** One row fewer of the scope is on its way. */
  release(scope: Scope): void
  /** The row goes no further, and is listed as failed. */
  fail(stop: Stop, thrown: unknown, trouble?: Trouble): void
  /** Tells that a step is left out for the row. */
  skipped(row: Row, step: string, why: string): void
  /** Goes on with what a promise brings; until then the row takes up room. */
  await<T>(promise: PromiseLike<T>, stop: Stop, then: (value: T) => void): void
  /** Starts something that takes up room; `done` ends it, and the row goes on from that place. */
  occupy(): void
  done(row: Row, place: number, settle: () => void): void
}

/** The row with another value. */
export function withValue(row: Row, value: unknown): Row {
  const { scope, lineage, origin, absent, trail } = row
  return { scope, lineage, value: deepFreeze(value), origin, absent, trail }
}

/** A failure of a row, as the run lists it. */
export interface RowFailure extends Trouble {
  readonly step: string
  readonly row: Pick<Row, 'lineage' | 'value'>
  readonly node: PlanNode
  readonly error: ClientError
  /** The run may succeed all the same. */
  readonly isTolerated: boolean
}
