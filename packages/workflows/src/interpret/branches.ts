import { WorkflowError } from '../errors.ts'
import type { Answer, Need, ParallelNeed, Pause, SingleNeed } from '../needs.ts'
import { branchDice, PAUSE, type Run, type Visit, type Walk } from './run.ts'
import type { BodyPlan, MapPlan, ParallelPlan } from '../compile/station.ts'
import { keyed } from './walk-inputs.ts'

/**
 * Branches side by side. Each is a walk of its own; their needs are put together into one `parallel` need, and what
 * ends first is handed to the branch that asked. The order of the answers is all that decides, so that replaying
 * them gives the same walk again.
 */

interface Job {
  readonly name: string
  readonly body: BodyPlan
  readonly more: Readonly<Record<string, unknown>>
  /** Which one it is, where its steps are those of others too. */
  readonly which?: string
}

/** Runs the branches of a step; their values by name. */
export function* parallel(visit: Visit, { branches }: ParallelPlan): Walk<unknown> {
  const jobs = branches.map(({ name, body }) => ({ name, body, more: {} }))
  const values = yield* runJobs(visit, jobs, jobs.length)
  return Object.fromEntries(jobs.map(({ name }, index) => [name, values[index]]))
}

/** Runs a body for each item of a list; their values in the list's order. */
export function* map(visit: Visit, plan: MapPlan): Walk<unknown> {
  const items = keyed(visit, plan.over)
  if (!Array.isArray(items)) {
    throw new WorkflowError('STEP_FAILED', 'what it should map over is no list')
  }
  const jobs = items.map((item: unknown, index) => ({
    name: String(index),
    body: plan.body,
    more: { [plan.item]: item, ...(plan.index === undefined ? {} : { [plan.index]: index }) },
    which: `item ${index + 1} of ${items.length}`,
  }))
  return yield* runJobs(visit, jobs, plan.concurrency)
}

function* runJobs(visit: Visit, jobs: readonly Job[], atOnce: number): Walk<readonly unknown[]> {
  const crew = new Crew(visit, jobs)
  try {
    yield* crew.fill(atOnce)
    while (crew.running > 0) {
      const answer = yield crew.needs()
      crew.hand(answer)
      yield* crew.fill(atOnce)
    }
    return crew.values
  } catch (error) {
    crew.leave()
    throw error
  }
}

/** A branch under way. */
interface Entry {
  readonly walk: Walk<unknown>
  readonly index: number
}

/** The branches under way, and what they wait for. */
class Crew {
  readonly values: unknown[] = []
  readonly #run: Run
  readonly #step: string
  readonly #jobs: readonly Job[]
  readonly #walks = new Map<string, Entry>()
  /** What was begun and has not ended: the world works at it. */
  readonly #open = new Set<string>()
  #start: { branch: string; need: SingleNeed }[] = []
  #stop: string[] = []
  #begun = 0
  /** The branch that pauses: one at most, as it goes on before anything else does. */
  #paused: string | undefined

  constructor({ run, station }: Visit, jobs: readonly Job[]) {
    this.#run = run
    this.#step = station.id
    this.#jobs = jobs
  }

  get running(): number {
    return this.#walks.size
  }

  /** Begins jobs until so many are under way or none is left. */
  *fill(atOnce: number): Walk<void> {
    do {
      for (let name = this.#paused; name !== undefined; name = this.#paused) {
        yield PAUSE
        this.#paused = undefined
        const entry = this.#walks.get(name)
        if (entry !== undefined) this.#follow(name, this.#next(entry))
      }
    } while (this.running < atOnce && this.#beginNext())
  }

  #beginNext(): boolean {
    const index = this.#begun
    const job = this.#jobs[index]
    if (job === undefined) return false
    this.#begun += 1
    const memory = this.#run.memory.branch(job.more)
    const dice = branchDice(this.#run.dice)
    const walk = this.#run.walk({ ...this.#run, memory, dice, left: [] }, job.body)
    this.#walks.set(job.name, { walk, index })
    this.#follow(job.name, this.#next({ walk, index }))
    return true
  }

  /** Lets a branch go on; its failure names the item of the list. */
  #next({ walk, index }: Entry, ...answer: [] | [Answer]): IteratorResult<Need | Pause, unknown> {
    try {
      return walk.next(...answer)
    } catch (error) {
      const which = this.#jobs[index]?.which
      if (which === undefined || !(error instanceof WorkflowError)) throw error
      const { code, message, retryable, step } = error
      const where = step === undefined ? which : `step '${this.#step}', ${which}`
      throw new WorkflowError(code, `${where}: ${message}`, {
        cause: error,
        retryable,
        ...(step === undefined ? {} : { step }),
      })
    }
  }

  /** What has changed since the last time. */
  needs(): ParallelNeed {
    const need: ParallelNeed = {
      kind: 'parallel',
      step: this.#step,
      start: this.#start,
      stop: [...this.#run.left.splice(0), ...this.#stop],
    }
    this.#start = []
    this.#stop = []
    return need
  }

  /** Its step failed: whoever asks next has to stop what is still under way, as names may come again. */
  leave(): void {
    this.#run.left.push(...this.#open, ...this.#stop)
  }

  /** Gives an answer to the branch that waits for it. */
  hand(answer: Answer): void {
    if (answer.kind !== 'branch') {
      throw new WorkflowError(
        'BAD_CHECKPOINT',
        `'${answer.kind}' came where a branch's answer was due`,
      )
    }
    const [name = '', ...rest] = answer.branch.split('/')
    const entry = this.#walks.get(name)
    if (entry === undefined || !this.#open.delete(answer.branch)) {
      throw new WorkflowError('BAD_CHECKPOINT', `nothing under way is called '${answer.branch}'`)
    }
    const inner = rest.length === 0 ? answer.answer : { ...answer, branch: rest.join('/') }
    this.#follow(name, this.#next(entry, inner))
  }

  #follow(name: string, next: IteratorResult<Need | Pause, unknown>): void {
    if (next.done !== true) {
      this.#need(name, next.value)
      return
    }
    this.#abandon(`${name}/`)
    this.values[this.#walks.get(name)?.index ?? 0] = next.value
    this.#walks.delete(name)
  }

  #need(name: string, need: Need | Pause): void {
    if (need.kind === 'pause') this.#paused = name
    else if (need.kind === 'parallel') {
      for (const branch of need.stop) this.#drop(`${name}/${branch}`)
      for (const inner of need.start) this.#begin(`${name}/${inner.branch}`, inner.need)
    } else {
      this.#abandon(`${name}/`)
      this.#begin(name, need)
    }
  }

  #begin(branch: string, need: SingleNeed): void {
    this.#open.add(branch)
    this.#start.push({ branch, need })
  }

  /** A branch that goes on without its own branches has given them up. */
  #abandon(prefix: string): void {
    for (const branch of this.#open) if (branch.startsWith(prefix)) this.#drop(branch)
  }

  #drop(branch: string): void {
    this.#open.delete(branch)
    this.#stop.push(branch)
  }
}
