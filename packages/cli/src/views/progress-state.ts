import type { RunEvent } from '@skein/client'
import { withoutNode } from './text.ts'

/** What a live view knows of a run. Events go in, the drawing functions read it; time is passed in. */

/** Rates are of the last ten seconds: long enough to be steady, short enough to notice a change. */
const WINDOW_SECONDS = 10

/** Different error texts kept apart; a flood of unique ones must not fill the memory or the screen. */
const MOST_ERRORS = 20

export interface StepProgress {
  readonly name: string
  readonly done: number
  readonly failed: number
  /** At a node now. */
  readonly running: number
  /** Tasks known so far: every one that waits, runs or ended. */
  readonly known: number
  /** Tasks that there will be in the end; undefined while more rows may come. */
  readonly total: number | undefined
  /** Tasks that ended each second, over the last seconds. */
  readonly perSecond: number
}

export interface NodeProgress {
  readonly name: string
  readonly tasks: number
  readonly tokens: number
  /** Tokens written for this run each second since it began. */
  readonly tokensPerSecond: number
}

export interface ErrorGroup {
  readonly message: string
  readonly step: string
  readonly count: number
}

interface StepRecord {
  done: number
  failed: number
  queued: number
  total: number | undefined
  tokens: number
  readonly running: Set<string>
  readonly ended: Recent
}

type TaskNews = Extract<RunEvent<unknown>, { type: 'task' }>
type ProgressNews = Extract<RunEvent<unknown>, { type: 'progress' }>

/** The progress of one run. Times are milliseconds of one clock. */
export class Progress {
  readonly name: string
  readonly startedAt: number
  readonly #steps = new Map<string, StepRecord>()
  readonly #nodes = new Map<string, { tasks: number; tokens: number }>()
  readonly #errors = new Map<string, ErrorGroup>()

  constructor(name: string, now: number) {
    this.name = name
    this.startedAt = now
  }

  /** Takes in one event. */
  tell(event: RunEvent<unknown>, now: number): void {
    if (event.type === 'task') this.#task(event, now)
    else if (event.type === 'progress') this.#correct(event, now)
  }

  /** Written so far, all steps together. */
  get tokens(): number {
    return Array.from(this.#steps.values()).reduce((sum, { tokens }) => sum + tokens, 0)
  }

  steps(now: number): StepProgress[] {
    return Array.from(this.#steps, ([name, { done, failed, queued, total, running, ended }]) => ({
      name,
      done,
      failed,
      running: running.size,
      known: Math.max(queued, done + failed),
      total,
      perSecond: ended.perSecond(now, this.startedAt),
    }))
  }

  /** The busiest first. */
  nodes(now: number): NodeProgress[] {
    const seconds = Math.max(1, now - this.startedAt) / 1000
    return Array.from(this.#nodes, ([name, { tasks, tokens }]) => ({
      name,
      tasks,
      tokens,
      tokensPerSecond: tokens / seconds,
    })).toSorted((a, b) => b.tokens - a.tokens || b.tasks - a.tasks)
  }

  /** The most frequent first. */
  errors(): ErrorGroup[] {
    return Array.from(this.#errors.values()).toSorted((a, b) => b.count - a.count)
  }

  #task(event: TaskNews, now: number): void {
    const step = this.#stepOf(event.step)
    if (event.state === 'sent') step.running.add(event.task)
    else step.running.delete(event.task)
    const { state } = event
    if (state === 'queued') step.queued += 1
    else if (state === 'done' || state === 'cached') this.#done(step, event, now)
    else if (state === 'failed') {
      step.failed += 1
      step.ended.add(1, now)
    }
    if (state === 'failed' || state === 'retry') this.#countError(event)
  }

  #done(step: StepRecord, event: TaskNews, now: number): void {
    step.done += 1
    step.tokens += event.tokens ?? 0
    step.ended.add(1, now)
    this.#credit(event)
  }

  /** Counts of the run itself: right also when events were missed. */
  #correct(event: ProgressNews, now: number): void {
    const { done, failed, total, tokens } = event
    const step = this.#stepOf(event.step)
    step.ended.add(done + failed - step.done - step.failed, now)
    Object.assign(step, { done, failed, total, tokens })
  }

  #stepOf(name: string): StepRecord {
    const known = this.#steps.get(name)
    if (known) return known
    const record = {
      done: 0,
      failed: 0,
      queued: 0,
      total: undefined,
      tokens: 0,
      running: new Set<string>(),
      ended: new Recent(),
    }
    this.#steps.set(name, record)
    return record
  }

  #credit({ node, tokens = 0 }: TaskNews): void {
    if (node === undefined) return
    const record = this.#nodes.get(node) ?? { tasks: 0, tokens: 0 }
    record.tasks += 1
    record.tokens += tokens
    this.#nodes.set(node, record)
  }

  #countError({ step, error, node }: TaskNews): void {
    const nodes = node === undefined ? [...this.#nodes.keys()] : [node]
    const message = withoutNode(error?.message ?? 'unknown error', nodes)
    const isRoom = this.#errors.has(message) || this.#errors.size < MOST_ERRORS
    const key = isRoom ? message : 'other errors'
    const count = (this.#errors.get(key)?.count ?? 0) + 1
    this.#errors.set(key, { message: key, step, count })
  }
}

/** Counts what happened in the last seconds, one bucket a second. */
class Recent {
  readonly #counts = Array.from({ length: WINDOW_SECONDS }, () => 0)
  #second = -1

  add(count: number, now: number): void {
    this.#advance(now)
    const bucket = this.#second % WINDOW_SECONDS
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + count
  }

  perSecond(now: number, startedAt: number): number {
    this.#advance(now)
    const seconds = Math.min(WINDOW_SECONDS, Math.max(1, (now - startedAt) / 1000))
    return this.#counts.reduce((sum, count) => sum + count, 0) / seconds
  }

  #advance(now: number): void {
    const second = Math.floor(now / 1000)
    if (second - this.#second >= WINDOW_SECONDS) this.#counts.fill(0)
    else for (let s = this.#second + 1; s <= second; s++) this.#counts[s % WINDOW_SECONDS] = 0
    this.#second = Math.max(this.#second, second)
  }
}
