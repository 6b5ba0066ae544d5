import type { Plan } from '../plan/plan.ts'
import { stepsOf } from '../plan/plan.ts'
import type { NodeShare, StepStats } from './run-result.ts'
import type { Origin } from '../store/store.ts'

/** What a run has counted of one step. */
export interface StepTally {
  readonly step: string
  /** Rows that came to it. */
  arrived: number
  done: number
  failed: number
  /** Ended with the run, before they were done. */
  cancelled: number
  cached: number
  /** Rows that it was left out for. */
  skipped: number
  outputTokens: number
  /** When its first row came. */
  startedAt: number | undefined
  /** When its last row left it. */
  endedAt: number
  /** When progress was last told. */
  toldAt: number
}

interface NodeTally {
  readonly node: string
  readonly peer: string
  tasks: number
  inputTokens: number
  outputTokens: number
  speeds: number
  measured: number
}

/** Counts of a run, kept as it goes. */
export class Tally {
  retries = 0
  readonly #steps = new Map<string, StepTally>()
  readonly #nodes = new Map<string, NodeTally>()

  constructor(plan: Plan) {
    for (const { name } of stepsOf(plan)) this.step(name)
  }

  /** Counts of a step; steps of plans made at run time come last. */
  step(name: string): StepTally {
    let tally = this.#steps.get(name)
    if (!tally) {
      const ended = { done: 0, failed: 0, cancelled: 0, cached: 0, skipped: 0 }
      tally = {
        step: name,
        arrived: 0,
        ...ended,
        outputTokens: 0,
        startedAt: undefined,
        endedAt: 0,
        toldAt: -Infinity,
      }
      this.#steps.set(name, tally)
    }
    return tally
  }

  get steps(): readonly StepTally[] {
    return Array.from(this.#steps.values())
  }

  /** A step made an answer. */
  credit(step: StepTally, origin: Origin): void {
    const { node, peer, tokens, tokensPerSecond } = origin
    step.outputTokens += tokens.output
    step.done++
    if (peer === '') return
    let share = this.#nodes.get(peer)
    if (!share) {
      const counts = { tasks: 0, inputTokens: 0, outputTokens: 0, speeds: 0, measured: 0 }
      this.#nodes.set(peer, (share = { node, peer, ...counts }))
    }
    share.tasks++
    share.inputTokens += tokens.input
    share.outputTokens += tokens.output
    if (tokensPerSecond === undefined) return
    share.speeds += tokensPerSecond
    share.measured++
  }

  /** The row whose answer that was has failed all the same. */
  revoke(name: string): void {
    const step = this.step(name)
    step.done--
    step.failed++
  }

  sum(count: (step: StepTally) => number): number {
    let total = 0
    for (const step of this.#steps.values()) total += count(step)
    return total
  }

  get stepStats(): StepStats[] {
    return this.steps.map(({ step, done, failed, cancelled, cached, skipped, ...times }) => {
      const { startedAt, endedAt } = times
      const ms = startedAt === undefined ? 0 : Math.max(0, endedAt - startedAt)
      return { step, done, failed, cancelled, cached, skipped, ms }
    })
  }

  /** The busiest first. */
  get shares(): NodeShare[] {
    const shares = Array.from(this.#nodes.values(), ({ speeds, measured, ...share }) =>
      measured > 0 ? Object.assign(share, { tokensPerSecond: speeds / measured }) : share,
    )
    return shares.toSorted((a, b) => b.tasks - a.tasks)
  }
}
