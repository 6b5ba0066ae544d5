import type { RecordedFailure, RunStatus } from '@skein/client'
import { explain } from '../explain.ts'
import type { Records } from '../recorded.ts'
import { summarize, type Summaries } from '../run-summaries.ts'
import { summaryOf, type RunSummary } from '../views/runs.ts'
import { placeOf } from '../views/text.ts'

/** Runs that the page lists, the latest, and those that go on. */
const MOST_RUNS = 50

/** Failures that the page lists, the first. */
const MOST_FAILURES = 100

/** Several who look at the same time look once. In milliseconds. */
const SAME_LOOK_MS = 250

/** Runs whose failures are remembered. */
const MOST_READ = 16

/** Reading failures takes no more than so small a part of the time, however many there are. */
const REST = 20

/** A failure, and in words which row it was. */
export interface ShownFailure extends RecordedFailure {
  readonly place: string
}

/** The run that the page shows. */
export interface ShownRun extends RunSummary {
  readonly bySteps: RunStatus['bySteps']
  /** The first of them; of many, as they were some time ago. */
  readonly failures: readonly ShownFailure[]
  readonly metrics: Readonly<Record<string, number>>
}

/** What the page shows. */
export interface PageMoment extends Summaries {
  /** The one that was asked for, or else the latest that goes on, or else the latest. */
  readonly run: ShownRun | undefined
  /** Why it cannot be shown. */
  readonly problem: string | undefined
}

/** The records that there are now, if there are any. */
export type FindRecords = () => Pick<Records, 'runs' | 'store'> | undefined

type Details = Pick<ShownRun, 'failures' | 'metrics'>

interface Reading {
  /** What became of the run, and when. */
  readonly at: string
  readonly againAt: number
  readonly details: Details
}

/** What is recorded of runs, for whoever looks, time and again. */
export class Page {
  readonly #find: FindRecords
  #view: RecordsView | undefined

  constructor(find: FindRecords) {
    this.#find = find
  }

  async look(id?: string): Promise<PageMoment> {
    let summaries: Summaries = { runs: [], hasMore: false }
    try {
      const view = this.#current()
      if (!view) return { ...summaries, run: undefined, problem: undefined }
      summaries = await view.summaries()
      const shown = id ?? latestOf(summaries)?.id
      const run = shown === undefined ? undefined : await view.shown(shown)
      return { ...summaries, run, problem: undefined }
    } catch (error) {
      return { ...summaries, run: undefined, problem: explain(error).message }
    }
  }

  #current(): RecordsView | undefined {
    const records = this.#find()
    if (!records) this.#view = undefined
    else if (this.#view?.records !== records) this.#view = new RecordsView(records)
    return this.#view
  }
}

/** What was read of records, for a while. */
class RecordsView {
  readonly records: Pick<Records, 'runs' | 'store'>
  #latest: { readonly until: number; readonly summaries: Promise<Summaries> } | undefined
  readonly #read = new Map<string, Reading>()

  constructor(records: Pick<Records, 'runs' | 'store'>) {
    this.records = records
  }

  summaries(): Promise<Summaries> {
    const now = performance.now()
    if (!this.#latest || this.#latest.until < now) {
      this.#latest = { until: now + SAME_LOOK_MS, summaries: this.#summarize() }
    }
    return this.#latest.summaries
  }

  async #summarize(): Promise<Summaries> {
    const { runs, store } = this.records
    const latest = await summarize(runs, { limit: MOST_RUNS })
    const listed = new Set(latest.runs.map(({ id }) => id))
    const unfinished = await store.runs.list({ unfinished: true, limit: MOST_RUNS })
    const older = unfinished.filter(({ id, state }) => state === 'running' && !listed.has(id))
    const running = older.map(async (record) => summaryOf(record, await runs.status(record.id)))
    return { runs: [...(await Promise.all(running)), ...latest.runs], hasMore: latest.hasMore }
  }

  async shown(id: string): Promise<ShownRun> {
    const { runs } = this.records
    const status = await runs.status(id)
    const summary = summaryOf(await runs.show(id), status)
    return { ...summary, bySteps: status.bySteps, ...this.#details(summary) }
  }

  #details({ id, state, endedAt }: RunSummary): Details {
    const at = `${state} ${endedAt}`
    const startedAt = performance.now()
    const known = this.#read.get(id)
    const isGood = known?.at === at && (state !== 'running' || startedAt < known.againAt)
    if (isGood) return known.details
    const { runs } = this.records
    const failures = runs.failures(id).slice(0, MOST_FAILURES).map(withPlace)
    const details = { failures, metrics: runs.metrics(id) }
    const now = performance.now()
    this.#remember(id, { at, details, againAt: now + REST * (now - startedAt) })
    return details
  }

  #remember(id: string, reading: Reading): void {
    this.#read.delete(id)
    const [oldest] = this.#read.keys()
    if (oldest !== undefined && this.#read.size >= MOST_READ) this.#read.delete(oldest)
    this.#read.set(id, reading)
  }
}

function withPlace(failure: RecordedFailure): ShownFailure {
  return { ...failure, place: placeOf(failure.path) }
}

/** The latest that goes on, or else the latest of which something can be shown. */
function latestOf({ runs }: Summaries): RunSummary | undefined {
  return (
    runs.find(({ state }) => state === 'running') ??
    runs.find(({ state }) => state !== 'damaged') ??
    runs[0]
  )
}
