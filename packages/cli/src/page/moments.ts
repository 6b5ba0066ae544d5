import { setTimeout as sleep } from 'node:timers/promises'
import type { RecordedFailure, RecordedRuns, RunStatus } from '@skein/client'
import { explain } from '../explain.ts'
import { summarize, type Summaries } from '../run-summaries.ts'
import { summaryOf, type RunSummary } from '../views/runs.ts'

const LOOK_MS = 500

/** Runs that the page lists, the latest. */
const MOST_RUNS = 50

/** Failures that the page lists, the first. */
const MOST_FAILURES = 100

/** The run that the page shows. */
export interface ShownRun extends RunSummary {
  readonly bySteps: RunStatus['bySteps']
  /** The first of them. */
  readonly failures: readonly RecordedFailure[]
  readonly metrics: Readonly<Record<string, number>>
}

/** What the page shows. */
export interface PageMoment extends Summaries {
  /** The one that was asked for, or else the latest that goes on, or else the latest. */
  readonly run: ShownRun | undefined
  /** Why it cannot be shown. */
  readonly problem: string | undefined
}

/** How runs go: now, and whenever something has changed. */
export async function* moments(
  runs: RecordedRuns,
  { id, signal }: { readonly id: string | undefined; readonly signal: AbortSignal },
): AsyncGenerator<PageMoment, void> {
  const page = new Page(runs, id)
  let said = ''
  while (!signal.aborted) {
    const moment = await page.look()
    const text = JSON.stringify(moment)
    if (text !== said) yield moment
    said = text
    await sleep(LOOK_MS, undefined, { signal }).catch(() => {})
  }
}

class Page {
  readonly #runs: RecordedRuns
  readonly #id: string | undefined
  /** What was read of the run, and how far that was then: all failures of a long run are not read anew at each look. */
  #read: { readonly at: string; readonly run: ShownRun } | undefined

  constructor(runs: RecordedRuns, id: string | undefined) {
    this.#runs = runs
    this.#id = id
  }

  async look(): Promise<PageMoment> {
    let summaries: Summaries = { runs: [], hasMore: false }
    try {
      summaries = await summarize(this.#runs, { limit: MOST_RUNS })
      return { ...summaries, run: await this.#shown(summaries), problem: undefined }
    } catch (error) {
      return { ...summaries, run: undefined, problem: explain(error).message }
    }
  }

  async #shown({ runs }: Summaries): Promise<ShownRun | undefined> {
    const id = this.#id ?? (runs.find(({ state }) => state === 'running') ?? runs[0])?.id
    if (id === undefined) return undefined
    const status = await this.#runs.status(id)
    const summary = summaryOf(await this.#runs.show(id), status)
    const at = JSON.stringify([summary, status.bySteps])
    if (this.#read?.at !== at) this.#read = { at, run: this.#details(summary, status) }
    return this.#read.run
  }

  #details(summary: RunSummary, { bySteps }: RunStatus): ShownRun {
    const { id } = summary
    const failures = this.#runs.failures(id).slice(0, MOST_FAILURES)
    return { ...summary, bySteps, failures, metrics: this.#runs.metrics(id) }
  }
}
