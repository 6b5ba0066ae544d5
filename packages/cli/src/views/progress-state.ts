/** What a live view knows of a run. News go in, the drawing functions read it; time is passed in. */

/** Rates are of the last ten seconds: long enough to be steady, short enough to notice a change. */
const WINDOW_SECONDS = 10

/** Different error texts kept apart; a flood of unique ones must not fill the memory or the screen. */
const MOST_ERRORS = 20

export interface StepProgress {
  readonly name: string
  readonly done: number
  readonly failed: number
  readonly running: number
  /** Tasks known so far: every one that waits, runs or ended. */
  readonly known: number
  /** Tasks that there will be in the end; absent while more rows may come. */
  readonly total?: number
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

/** Something happened to a task, or the number of a step's tasks became certain. */
export type ProgressNews =
  | { readonly type: 'queued' | 'sent' | 'returned'; readonly step: string }
  | {
      readonly type: 'done'
      readonly step: string
      readonly node?: string
      readonly tokens: number
    }
  | { readonly type: 'failed'; readonly step: string; readonly message: string }
  | { readonly type: 'trouble'; readonly step: string; readonly message: string }
  | { readonly type: 'total'; readonly step: string; readonly total: number }

interface StepRecord {
  done: number
  failed: number
  running: number
  known: number
  total: number | undefined
  readonly ended: Recent
}

interface NodeRecord {
  tasks: number
  tokens: number
}

/** The progress of one run. Times are milliseconds of one clock. */
export class Progress {
  readonly name: string
  readonly startedAt: number
  tokens = 0
  private readonly stepRecords = new Map<string, StepRecord>()
  private readonly nodeRecords = new Map<string, NodeRecord>()
  private readonly errorRecords = new Map<string, ErrorGroup>()

  constructor(name: string, steps: readonly string[], now: number) {
    this.name = name
    this.startedAt = now
    for (const step of steps) this.stepOf(step)
  }

  /** Takes in one piece of news. */
  tell(news: ProgressNews, now: number): void {
    const step = this.stepOf(news.step)
    switch (news.type) {
      case 'queued':
        step.known += 1
        break
      case 'sent':
        step.running += 1
        break
      case 'returned':
        step.running = Math.max(0, step.running - 1)
        break
      case 'done':
        step.done += 1
        step.ended.add(now)
        this.credit(news.node, news.tokens)
        break
      case 'failed':
        step.failed += 1
        step.ended.add(now)
        this.countError(news.step, news.message)
        break
      case 'trouble':
        this.countError(news.step, news.message)
        break
      case 'total':
        step.total = news.total
        break
    }
  }

  steps(now: number): StepProgress[] {
    return Array.from(this.stepRecords, ([name, record]) => ({
      name,
      done: record.done,
      failed: record.failed,
      running: record.running,
      known: Math.max(record.known, record.done + record.failed),
      ...(record.total === undefined ? {} : { total: record.total }),
      perSecond: record.ended.perSecond(now, this.startedAt),
    }))
  }

  /** The busiest first. */
  nodes(now: number): NodeProgress[] {
    return Array.from(this.nodeRecords, ([name, { tasks, tokens }]) => ({
      name,
      tasks,
      tokens,
      tokensPerSecond: (tokens * 1000) / Math.max(1, now - this.startedAt),
    })).toSorted((a, b) => b.tokensPerSecond - a.tokensPerSecond || b.tasks - a.tasks)
  }

  /** The most frequent first. */
  errors(): ErrorGroup[] {
    return Array.from(this.errorRecords.values()).toSorted((a, b) => b.count - a.count)
  }

  private stepOf(name: string): StepRecord {
    const known = this.stepRecords.get(name)
    if (known) return known
    const record = {
      done: 0,
      failed: 0,
      running: 0,
      known: 0,
      total: undefined,
      ended: new Recent(),
    }
    this.stepRecords.set(name, record)
    return record
  }

  private credit(node: string | undefined, tokens: number): void {
    this.tokens += tokens
    if (node === undefined) return
    const record = this.nodeRecords.get(node) ?? { tasks: 0, tokens: 0 }
    record.tasks += 1
    record.tokens += tokens
    this.nodeRecords.set(node, record)
  }

  private countError(step: string, message: string): void {
    const known = this.errorRecords.get(message)
    const key = known || this.errorRecords.size < MOST_ERRORS ? message : 'other errors'
    const count = (this.errorRecords.get(key)?.count ?? 0) + 1
    this.errorRecords.set(key, { message: key, step, count })
  }
}

/** Counts what happened in the last seconds, one bucket a second. */
class Recent {
  private readonly counts = Array.from({ length: WINDOW_SECONDS }, () => 0)
  private second = -1

  add(now: number): void {
    this.advance(now)
    const bucket = this.second % WINDOW_SECONDS
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1
  }

  perSecond(now: number, startedAt: number): number {
    this.advance(now)
    const seconds = Math.min(WINDOW_SECONDS, Math.max(1, (now - startedAt) / 1000))
    return this.counts.reduce((sum, count) => sum + count, 0) / seconds
  }

  private advance(now: number): void {
    const second = Math.floor(now / 1000)
    if (second - this.second >= WINDOW_SECONDS) this.counts.fill(0)
    else for (let s = this.second + 1; s <= second; s++) this.counts[s % WINDOW_SECONDS] = 0
    this.second = Math.max(this.second, second)
  }
}
