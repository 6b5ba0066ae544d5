import { z } from 'zod'
import { ClientError } from '../errors.ts'
import { isList, isRecord } from '../guards.ts'
import { COUNT, insistOnFit, TEXT, TRUTH } from '../option-rules.ts'
import { compareLineage } from './lineage.ts'
import type { RunStatus } from './run-status.ts'
import type { RunRecord } from '../store/run-book.ts'
import type { JournalReader, Note, Store } from '../store/store.ts'
import { TaskDesk } from '../tasks/task-desk.ts'

/** A failure as it is recorded. */
export interface RecordedFailure {
  readonly step: string
  /** Number of the input that it came from, from 0. */
  readonly index: number
  /** Which row of that input it was: the input's number, then the place among the items of each scattering, from 0. */
  readonly path: readonly number[]
  readonly attempts: number
  readonly nodes: readonly string[]
  readonly error: { readonly code: string; readonly message: string }
}

const Recorded = z.object({
  step: z.string(),
  index: z.number(),
  attempts: z.number(),
  nodes: z.array(z.string()),
  error: z.object({ code: z.string(), message: z.string() }),
})

const Status = z.object({
  ms: z.number(),
  rows: z.number(),
  failures: z.number(),
  tokens: z.number(),
  bySteps: z.array(
    z.object({
      step: z.string(),
      done: z.number(),
      failed: z.number(),
      cancelled: z.number(),
      cached: z.number(),
      skipped: z.number(),
      ms: z.number(),
      running: z.number(),
    }),
  ),
})

type Told = Omit<RunStatus, 'state'>

const NOTHING_YET: Told = { ms: 0, rows: 0, failures: 0, tokens: 0, bySteps: [] }

/** Runs among which the best is looked for, the latest. */
const MOST_RUNS = 10_000

/** Runs as the store has them: of this program and of others, those that go on and those that are over. */
export class RecordedRuns {
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  /** The latest first; without `project`, of all projects. */
  async list(
    options: { readonly project?: string; readonly limit?: number } = {},
  ): Promise<readonly RunRecord[]> {
    insistOnFit('runs.list()', options, { project: TEXT, limit: COUNT })
    return this.#store.runs.list(options)
  }

  /**
   * What is known of a run.
   *
   * @throws {ClientError} `NO_SUCH_RUN`, `STORE_FAILED`
   */
  async show(id: string): Promise<RunRecord> {
    const record = await this.#store.runs.get(id)
    if (record) return record
    throw noRun(id)
  }

  /** How far a run is; of one that another process is at, how far it was when that last told. */
  async status(id: string): Promise<RunStatus> {
    const { state, status } = await this.show(id)
    const parsed = Status.safeParse(status)
    const told = parsed.success ? parsed.data : NOTHING_YET
    return state === 'running' ? { ...told, state } : { ...this.#atItsEnd(id, told), state }
  }

  /** Who was ended from elsewhere, or died, has told nothing after that: what is recorded counts, and nothing runs. */
  #atItsEnd(id: string, told: Told): Told {
    const isOver = told.bySteps.every(({ running }) => running === 0)
    const bySteps = told.bySteps.map((step) => ({ ...step, running: 0 }))
    if (isOver) return told
    const rows = Math.max(told.rows, countOf(this.#read(id).notes('row')))
    return { ...told, rows, bySteps }
  }

  /** Rows that have left the plan, in input order; of a run that goes on, those so far. */
  rows(id: string): unknown[] {
    const rows = Array.from(this.#read(id).notes('row'), ({ place, value }) => {
      return { lineage: lineageOf(place), value }
    })
    return rows.toSorted((a, b) => compareLineage(a.lineage, b.lineage)).map(({ value }) => value)
  }

  failures(id: string): RecordedFailure[] {
    // What a run that was taken up has mended is noted as nothing.
    const notes = Array.from(this.#read(id).notes('failure')).filter(({ value }) => value !== null)
    const failures = notes.toSorted(byPlace).map(failureOf)
    return failures.toSorted((a, b) => compareLineage(a.path, b.path))
  }

  /** What the steps of a run noted, the last of each name. */
  metrics(id: string): Readonly<Record<string, number>> {
    const metrics = new Map<string, number>()
    // Which row came first is chance.
    const notes = Array.from(this.#read(id).notes('metric')).toSorted(byPlace)
    for (const { value } of notes) {
      if (isRecord(value)) metrics.set(String(value['name']), Number(value['value']))
    }
    return Object.fromEntries(metrics)
  }

  /** What the steps of several runs noted, side by side. */
  compare(ids: readonly string[]): { run: string; metrics: Readonly<Record<string, number>> }[] {
    if (!isList(ids)) {
      throw new ClientError('INVALID_INPUT', "runs.compare() takes a list of ids: ['a', 'b']")
    }
    return ids.map((run) => ({ run, metrics: this.metrics(run) }))
  }

  /**
   * The run with the highest metric of that name, or the lowest; none where no run noted it. Without `project` it is
   * looked for in all projects.
   */
  async best(
    metric: string,
    options: { readonly project?: string; readonly plan?: string; readonly lowest?: boolean } = {},
  ): Promise<{ run: RunRecord; value: number } | undefined> {
    insistOnFit('runs.best()', options, { project: TEXT, plan: TEXT, lowest: TRUTH })
    const { project, plan, lowest = false } = options
    const runs = await this.list({ ...(project !== undefined && { project }), limit: MOST_RUNS })
    const wanted = runs.filter((run) => plan === undefined || run.plan === plan)
    const measured = wanted.flatMap((run) => {
      const metrics = run.state === 'damaged' ? {} : this.metrics(run.id)
      const value = Object.hasOwn(metrics, metric) ? metrics[metric] : undefined
      return value === undefined ? [] : [{ run, value }]
    })
    return measured.toSorted((a, b) => (lowest ? a.value - b.value : b.value - a.value))[0]
  }

  /**
   * Ends a run for good, whichever process is at it: that stops within seconds. `false`: it had come to its end. It can be
   * resumed all the same, by whoever says so.
   *
   * @throws {ClientError} `NO_SUCH_RUN`, `STORE_FAILED`
   */
  async cancel(id: string): Promise<boolean> {
    return (await this.#store.runs.cancel(id)) || (await this.show(id), false)
  }

  /**
   * Forgets a run, and its tasks for people. `false`: it was not there.
   *
   * @throws {ClientError} `RUN_HELD`
   */
  async remove(id: string): Promise<boolean> {
    const wasThere = await this.#store.runs.remove(id)
    // Also of a run that is not there: the process that removed it may have died in between.
    new TaskDesk(this.#store).forgetRun(id)
    return wasThere
  }

  #read(id: string): JournalReader {
    const reader = this.#store.read(id)
    if (reader) return reader
    throw noRun(id)
  }
}

function countOf(notes: Iterable<unknown>): number {
  let count = 0
  for (const _ of notes) count++
  return count
}

function noRun(id: string): ClientError {
  return new ClientError('NO_SUCH_RUN', `there is no run '${id}'`)
}

/** Places have numbers in them. */
const { compare } = new Intl.Collator('en', { numeric: true })

function failureOf({ place, value }: Note): RecordedFailure {
  return { ...Recorded.parse(value), path: lineageOf(place.slice(0, place.indexOf('/'))) }
}

function lineageOf(place: string): number[] {
  return place.split('.').map(Number)
}

function byPlace(a: Note, b: Note): number {
  return compare(a.place, b.place)
}
