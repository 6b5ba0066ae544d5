import { ClientError } from '../errors.ts'
import { deepFreeze } from '../freeze.ts'
import type { Gates } from './gates.ts'
import type { CallOutcome } from './outcomes.ts'
import { isThenable } from '../guards.ts'
import type { StepNode } from '../plan/plan.ts'
import { withColumn } from './row-verbs.ts'
import type { Row, RowOrigin } from './scope.ts'
import { absentAfter, originOfAbsence, originOfGap, originOfNothing, skip } from './skips.ts'
import type { Tolerance } from './tolerated.ts'
import type { Track } from './track.ts'
import type { Trail } from './trail.ts'
import { UnderWay } from './under-way.ts'

/** A call that a row asks for. */
export interface StepCall {
  /** The step, with the plans around it. */
  readonly name: string
  readonly node: StepNode
  readonly row: Row
  /** Its key in the journal. @default made of the row's lineage and the name */
  readonly key?: string
  /** As others may come to wait for it. @default nobody will */
  readonly underWay: UnderWay | undefined
  /** Frozen. */
  readonly input: unknown
  /** As the step says; undefined: as the run says. */
  readonly models: readonly string[] | undefined
  /** Takes what its answer has put up with. @default nobody does */
  readonly tolerated?: Tolerance[]
}

/** A call and what it came to. */
export interface CallResult {
  readonly outcome: CallOutcome
  /** Absent where it failed. */
  readonly origin: RowOrigin | undefined
  /** Likewise. */
  readonly trail: Trail | undefined
}

/** What calls need of the run around them. */
export interface Caller {
  /** Never rejects. At once where the answer is recorded. */
  call(call: StepCall): CallResult | Promise<CallResult>
  /** Every model that there is now. */
  models(): readonly string[]
  /** Of the whole run. */
  readonly gates: Gates
}

/** What calls need of the flow that they are made in. */
export interface StepHost extends Caller {
  /** The call that the flow is asked in. */
  readonly outer: UnderWay | undefined
}

/** Answers that are given at once, one in another: each takes some seven frames of the stack. */
const DEEPEST = 64

/** The verb `step`: makes calls of rows, no more at once than each step allows. */
export class StepCalls {
  readonly #track: Track
  readonly #host: StepHost
  #depth = 0

  constructor(track: Track, host: StepHost) {
    this.#track = track
    this.#host = host
  }

  /**
   * The row as it goes on at once, where the step is skipped. Throws what the plan's functions throw, and where
   * the row does not fit.
   */
  apply(node: StepNode, row: Row, place: number): Row | undefined {
    const wanted: unknown = node.when ? node.when(row.value) : true
    if (!isThenable(wanted)) return wanted ? this.#ask(node, row, place) : this.#skip(node, row)
    this.#track.await(wanted, { row, node, place }, (isWanted) => {
      const stop = { row, node, place }
      try {
        const next = isWanted ? this.#ask(node, row, place) : this.#skip(node, row)
        if (next) this.#track.advance(next, place + 1)
      } catch (thrown) {
        this.#track.fail(stop, thrown)
      }
    })
    return undefined
  }

  #skip(node: StepNode, row: Row): Row {
    return skip(this.#track, row, { node, origin: row.scope.prefix + node.label, why: 'when' })
  }

  #lack(node: StepNode, row: Row, origin: string): Row {
    return skip(this.#track, row, { node, origin, why: `'${origin}' is absent` })
  }

  #ask(node: StepNode, row: Row, place: number): Row | undefined {
    const nothing = originOfNothing(node, row)
    if (nothing !== undefined) return this.#lack(node, row, nothing)
    const value: unknown = node.with ? node.with(row.value) : row.value
    let input: unknown
    try {
      input = deepFreeze(node.fit(value))
    } catch (thrown) {
      const origin = originOfAbsence(node, row, thrown)
      if (origin === undefined) throw thrown
      return this.#lack(node, row, origin)
    }
    const gap = row.absent && originOfGap(node, row, { given: value, input })
    if (gap !== undefined) return this.#lack(node, row, gap)
    const name = row.scope.prefix + node.label
    const { models } = node
    if (models === 'all') {
      for (const copy of this.#copies(row)) {
        this.#enter({ name, node, input, ...copy, underWay: this.#underWay(node) }, place)
      }
      return undefined
    }
    const wanted = typeof models === 'function' ? models(row.value) : models
    const underWay = this.#underWay(node)
    this.#enter({ name, node, row, input, models: wanted, underWay }, place)
    return undefined
  }

  /** Calls that wait for their turn never will have it. */
  stop(): void {
    this.#host.gates.abandon(this)
  }

  /** The row once for each model. */
  #copies(row: Row): { row: Row; models: readonly string[] }[] {
    const models = this.#host.models()
    if (models.length === 0) {
      throw new ClientError('NO_SUCH_MODEL', "models: 'all' finds no model: no node is there")
    }
    row.scope.live += models.length - 1
    return models.map((model, i) => {
      const copy = { ...row, lineage: [...row.lineage, i] }
      return { row: copy, models: [model] }
    })
  }

  #enter(call: StepCall, place: number): void {
    this.#track.occupy()
    const { node, underWay } = call
    if (!underWay || node.policy.concurrency === Infinity) {
      this.#endSoon(call, place, this.#host.call(call))
      return
    }
    const begin = async () => {
      const { farewell } = this.#end(call, place, await this.#host.call(call))
      if (farewell) await farewell()
    }
    const giveUp = () => {
      underWay.end()
      this.#track.done(call.row, place, () => {})
    }
    this.#host.gates.enter({ underWay, owner: this, begin, giveUp })
  }

  /** None where the call waits for nobody. One of a function that asks others has its own. */
  #underWay(node: StepNode): UnderWay | undefined {
    const { outer } = this.#host
    const { concurrency, cache } = node.policy
    const mayWait = concurrency !== Infinity || cache !== undefined
    const mayAsk = outer !== undefined && node.work.kind === 'local'
    return mayWait || mayAsk ? new UnderWay(node, outer) : undefined
  }

  #endSoon(call: StepCall, place: number, result: CallResult | Promise<CallResult>): void {
    if (isThenable(result) || this.#depth >= DEEPEST) {
      void Promise.resolve(result).then((late) => this.#end(call, place, late))
      return
    }
    this.#depth++
    try {
      this.#end(call, place, result)
    } finally {
      this.#depth--
    }
  }

  #end(call: StepCall, place: number, result: CallResult): CallOutcome {
    call.underWay?.end()
    // The next one comes after: a failure may be the end of all.
    this.#track.done(call.row, place + 1, () => {
      this.#arrive(call, place, result)
    })
    return result.outcome
  }

  #arrive({ node, row }: StepCall, place: number, { outcome, origin, trail }: CallResult): void {
    const stop = { row, node, place }
    if (!outcome.ok) {
      this.#track.fail(stop, outcome.error, outcome)
      return
    }
    try {
      const value = withColumn(row, { label: node.label, column: node.as }, outcome.output)
      const { scope, lineage } = row
      const answer = { value: outcome.output, absent: outcome.absent }
      const absent = absentAfter(node, row, answer)
      this.#track.advance({ scope, lineage, value, origin, absent, trail }, place + 1)
    } catch (thrown) {
      const { attempts, origin: made } = outcome
      const nodes = made.peer === '' ? [] : [made.node]
      this.#track.fail(stop, thrown, { attempts, nodes, wasDone: true })
    }
  }
}
