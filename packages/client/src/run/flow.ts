import type { Cancellation } from '../cancellation.ts'
import { about, asFailure, ClientError, ENDED, toClientError } from '../errors.ts'
import { deepFreeze } from '../freeze.ts'
import { gather } from './gather.ts'
import { walkGraph } from './graph-walk.ts'
import { isThenable } from '../guards.ts'
import { compareLineage, type Lineage } from './lineage.ts'
import { isBarrier, isRowNode, type Defaults, type Plan, type PlanNode } from '../plan/plan.ts'
import { applyVerb } from './row-verbs.ts'
import { Scope, type Row, type ScopeEnd } from './scope.ts'
import { StepCalls, type StepHost } from './step-calls.ts'
import { branch, nest } from './sub-plans.ts'
import { parallel } from './parallel.ts'
import type { RowFailure, Stop, Track, Trouble } from './track.ts'
import { Turns } from './turns.ts'

/** What a flow needs of the run around it. */
export interface FlowHost extends StepHost {
  readonly cancellation: Cancellation
  /** Of the plans around it. */
  readonly defaults: Defaults | undefined
  failed(failure: RowFailure): void
  /** A step is left out for a row. */
  skipped(row: Row, step: string, why: string): void
  /** A row left the plan. */
  deliver(row: Row): void
  /** An input has led to all that it leads to. */
  finished(scope: Scope): void
  /** Rows that may be in calls at the same time. */
  window(): number
  /** Something ended: there may be room for another input, or nothing left to do. */
  moved(): void
  /** Begins nothing further, and ends with that error. */
  stop(error: ClientError): void
}

/** What enters a plan. */
type Entering = Pick<Row, 'value'> & Partial<Pick<Row, 'absent'>>

/** Rows that are to go on from the same place. */
interface Cursor {
  readonly place: number
  readonly rows: Iterator<Row>
}

const ONCE: Trouble = { attempts: 1, nodes: [] }

const CANCELLED = new ClientError('CANCELLED', 'cancelled')

/** What a row has that no step has touched. */
const NOTHING_YET = { origin: undefined, absent: undefined, trail: undefined }

/**
 * Drives rows through a plan. Rows flow: each goes as far as it can at once, and nothing waits but barriers,
 * for the rows of their own scope. The newest rows go first, so that few are under way however long the input.
 */
export class Flow implements Track {
  readonly #host: FlowHost
  readonly #calls: StepCalls
  /** Rows that wait for room, the newest last. */
  readonly #cursors: Cursor[] = []
  readonly #end: ScopeEnd = {
    emit: (row) => {
      this.#host.deliver(row)
    },
    done: (scope) => {
      this.#host.finished(scope)
    },
  }
  readonly #turns = new Turns(() => {
    this.#pump()
  })
  #occupied = 0
  #isPumping = false
  #isStopped = false

  constructor(host: FlowHost) {
    this.#host = host
    this.#calls = new StepCalls(this, host)
  }

  /** Nothing is under way. */
  get isIdle(): boolean {
    return this.#occupied === 0 && this.#cursors.length === 0
  }

  /** No row waits to go on. */
  get isFed(): boolean {
    return this.#cursors.length === 0
  }

  /** Whether another input may enter. */
  get hasRoom(): boolean {
    return !this.#isStopped && this.#cursors.length === 0 && this.#isRoomy()
  }

  /** Whether so many calls are all that is under way, and no row begins anything before one of them ends. */
  waitsFor(calls: number, isInputOver: boolean): boolean {
    if (this.#occupied !== calls) return false
    return (this.isFed && isInputOver) || calls >= this.#host.window()
  }

  /** Nothing further is begun: rows still leave that have come through all of their steps. */
  stop(): void {
    this.#isStopped = true
    this.#cursors.length = 0
    this.#calls.stop()
  }

  /** An input enters the plan. */
  enter(plan: Plan, { value, absent }: Entering, lineage: Lineage): void {
    const { cancellation, defaults } = this.#host
    const place = { prefix: '', base: lineage, end: this.#end }
    const parts = { ...place, cancellation, isTolerant: false, defaults }
    const scope = new Scope(plan, parts)
    const row = { scope, lineage, value: deepFreeze(value), ...NOTHING_YET, absent }
    this.#turns.count()
    try {
      this.advance(row, 0)
    } catch (thrown) {
      this.#break(thrown)
    }
    this.#pump()
  }

  advance(row: Row, from: number): void {
    const { nodes } = row.scope.plan
    let current: Row | undefined = row
    for (let place = from; current && !this.#isCutOff(current, place); place++) {
      const node = nodes[place]
      if (!node) {
        this.#leave(current)
        return
      }
      const stop = { row: current, node, place }
      if (this.#isCalledOff(current)) {
        this.fail(stop, CANCELLED)
        return
      }
      try {
        current = this.#visit(stop)
      } catch (thrown) {
        this.fail(stop, thrown)
        return
      }
    }
  }

  push(place: number, rows: Iterable<Row>): void {
    this.#cursors.push({ place, rows: rows[Symbol.iterator]() })
  }

  release(scope: Scope): void {
    scope.live--
    if (scope.live > 0 || this.#isStopped) return
    const place = scope.barrier
    const node = scope.plan.nodes[place]
    if (!node || !isBarrier(node) || isHopeless(scope)) {
      scope.end.done(scope)
      return
    }
    const rows = scope.waiting.toSorted((a, b) => compareLineage(a.lineage, b.lineage))
    scope.waiting = []
    scope.passBarrier()
    // Stands for the rows to come while they are made.
    scope.live = 1
    const row: Row = { scope, lineage: scope.base, value: undefined, ...NOTHING_YET }
    const goOn = (made: readonly Row[]) => {
      scope.live += made.length
      this.push(place + 1, made)
      this.release(scope)
    }
    try {
      const made = gather(node, rows, scope)
      if (isThenable(made)) this.await(made, { row, node, place }, goOn)
      else goOn(made)
    } catch (thrown) {
      this.fail({ row, node, place }, thrown)
    }
  }

  fail({ row, node }: Stop, thrown: unknown, trouble: Trouble = ONCE): void {
    if (this.#isStopped) return
    const { scope } = row
    const given = toClientError(thrown, 'STEP_FAILED')
    const error = scope.cancellation.isCancelled ? given : asFailure(given)
    scope.failures++
    scope.broken ||= !mayFail(node) && !ENDED.has(error.code)
    if (!ENDED.has(error.code)) {
      const step = scope.prefix + node.label
      const isTolerated = scope.isTolerant
      const { attempts, nodes, wasDone = false } = trouble
      this.#host.failed({ step, row, node, error, attempts, nodes, wasDone, isTolerated })
    }
    this.release(scope)
  }

  skipped(row: Row, step: string, why: string): void {
    this.#host.skipped(row, row.scope.prefix + step, why)
  }

  await<T>(promise: PromiseLike<T>, stop: Stop, then: (value: T) => void): void {
    void this.#settle(promise, stop, then)
  }

  occupy(): void {
    this.#occupied++
  }

  done(row: Row, place: number, settle: () => void): void {
    // It may begin several things, the first of which may end at once: until then nothing looks idle.
    try {
      if (!this.#isCutOff(row, place)) settle()
    } catch (thrown) {
      this.#break(thrown)
    } finally {
      this.#occupied--
    }
    this.#pump()
  }

  async #settle<T>(promise: PromiseLike<T>, stop: Stop, then: (value: T) => void): Promise<void> {
    this.occupy()
    let settle: () => void
    try {
      const value = await promise
      settle = () => {
        then(value)
      }
    } catch (thrown) {
      settle = () => {
        this.fail(stop, thrown)
      }
    }
    this.done(stop.row, stop.place, () => {
      try {
        settle()
      } catch (thrown) {
        this.fail(stop, thrown)
      }
    })
  }

  /** Whether a row goes no further from that place: on its way out there is more to be begun. */
  #isCutOff({ scope }: Row, place: number): boolean {
    return this.#isStopped && !scope.plan.nodes.slice(place).every(isPassing)
  }

  /** Whether what it would lead to is not wanted any more, though the run goes on. */
  #isCalledOff({ scope }: Row): boolean {
    return scope.cancellation.isCancelled && !this.#isStopped
  }

  #isRoomy(): boolean {
    return !this.#turns.isOver && this.#occupied < this.#host.window()
  }

  /** Something is wrong where nothing should be: a row is lost, and without it nothing would come to its end. */
  #break(thrown: unknown): void {
    this.#host.stop(asFailure(about('a row cannot go on', toClientError(thrown, 'STEP_FAILED'))))
  }

  /** Lets waiting rows go on while there is room. */
  #pump(): void {
    if (this.#isPumping) return
    this.#isPumping = true
    try {
      this.#letGoOn()
    } catch (thrown) {
      this.#break(thrown)
    }
    this.#isPumping = false
    this.#host.moved()
  }

  #letGoOn(): void {
    while (!this.#isStopped && this.#isRoomy()) {
      const cursor = this.#cursors.at(-1)
      if (!cursor) break
      const next = cursor.rows.next()
      if (next.done === true) this.#cursors.splice(this.#cursors.lastIndexOf(cursor), 1)
      else {
        this.#turns.count()
        this.advance(next.value, cursor.place)
      }
    }
  }

  /** The row as it goes on to the next node; none when it does not, or not now. */
  #visit({ row, node, place }: Stop): Row | undefined {
    if (isRowNode(node)) return applyVerb(this, { row, node, place }, node)
    if (isBarrier(node)) {
      // Only a callback asks where rows come from: who waits for others is many.
      row.scope.waiting.push(node.kind === 'callback' ? row : { ...row, origin: undefined })
      this.release(row.scope)
      return undefined
    }
    if (node.kind === 'step') return this.#calls.apply(node, row, place)
    if (node.kind === 'branch') return branch(this, row, { node, place })
    if (node.kind === 'nest') return nest(this, row, { node, place })
    if (node.kind === 'graph') return walkGraph(this, row, { node, place })
    return parallel(this, row, { node, place })
  }

  /** The row left its plan. */
  #leave(row: Row): void {
    row.scope.end.emit(row)
    this.release(row.scope)
  }
}

/** Whether a row goes through by itself, without anything being begun. */
function isPassing({ kind }: PlanNode): boolean {
  return kind === 'map' || kind === 'tap' || kind === 'filter'
}

/** Whether the run can succeed although a row failed there. */
function mayFail(node: PlanNode): boolean {
  return node.kind === 'step' && node.policy.minSuccessRatio < 1
}

/** Nothing, or nothing whole, would be gathered. */
function isHopeless({ broken, cancellation, waiting, failures }: Scope): boolean {
  return broken || cancellation.isCancelled || (waiting.length === 0 && failures > 0)
}
