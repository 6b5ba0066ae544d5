import { save } from '@skein/client'
import { compareRuns } from '../compare-runs.ts'
import { openRecords, type Records } from '../recorded.ts'
import { summarize } from '../run-summaries.ts'
import type { Terminal } from '../terminal.ts'
import { inWords } from '../views/json-output.ts'
import { drawComparison, drawRun, drawRuns, summaryOf } from '../views/runs.ts'
import { counted, printable } from '../views/text.ts'
import { insistOnWritable } from './tell-result.ts'

export interface RecordOptions {
  readonly home?: string
  readonly json?: boolean
}

export interface ListOptions extends RecordOptions {
  readonly project?: string
  /** Runs that are listed; the oldest are left out. */
  readonly limit?: number
}

/** Runs that are listed when nothing is said. */
const MOST_RUNS = 200

export async function listRuns(
  { home, json, project, limit = MOST_RUNS }: ListOptions,
  { data, talk }: Terminal,
): Promise<void> {
  await using records = await openRecords(home)
  const { runs: summaries, hasMore } = await summarize(records.runs, { limit, project })
  if (json) data.line(JSON.stringify(summaries))
  else if (summaries.length > 0) data.line(drawRuns(summaries))
  else talk.line('Nothing was run yet. skein run FILE.ts --input name=value runs a pipeline.')
  if (hasMore) talk.line(`… and older ones: --limit ${2 * limit} lists more`)
}

export async function showRun(
  id: string,
  { home, json }: RecordOptions,
  { data }: Terminal,
): Promise<void> {
  await using records = await openRecords(home)
  const { runs } = records
  const record = await runs.show(id)
  const status = await runs.status(id)
  const { seed, models, context, parent, anew, source } = record
  const details = {
    ...summaryOf(record, status),
    seed,
    models,
    context,
    parent,
    anew,
    source,
    inputs: inputsOf(records, id).length,
    bySteps: status.bySteps,
    failures: runs.failures(id),
    metrics: runs.metrics(id),
  }
  data.line(json ? JSON.stringify(details, inWords) : drawRun(details))
}

export async function diffRuns(
  [one, other]: readonly [string, string],
  { home, json }: RecordOptions,
  { data }: Terminal,
): Promise<void> {
  await using records = await openRecords(home)
  const { runs } = records
  const sideOf = async (id: string) => ({
    record: await runs.show(id),
    status: await runs.status(id),
    inputs: inputsOf(records, id),
  })
  const comparison = compareRuns(await sideOf(one), await sideOf(other))
  data.line(json ? JSON.stringify(comparison) : drawComparison(comparison))
}

export async function exportRun(
  id: string,
  file: string,
  { options, terminal }: { readonly options: RecordOptions; readonly terminal: Terminal },
): Promise<void> {
  insistOnWritable(file)
  await using records = await openRecords(options.home)
  const rows = records.runs.rows(id)
  const { state, output } = await records.runs.show(id)
  const saved = output === 'one' ? elementsOf(rows) : rows
  await save(file, saved)
  const so = state === 'done' ? '' : ` so far: the run is ${state}`
  terminal.talk.line(`${printable(file)}: ${counted(saved.length, 'row')}${so}`)
}

export async function removeRun(
  id: string,
  { home }: RecordOptions,
  { talk }: Terminal,
): Promise<void> {
  await using records = await openRecords(home)
  // It is an error to forget what is not there: it may be a slip of the hand.
  if (!(await records.runs.remove(id))) await records.runs.show(id)
  talk.line(`${printable(id)} is forgotten`)
}

/** The one value of a run: of a list, each element is a row of the file, as where its result is saved. */
function elementsOf(rows: readonly unknown[]): readonly unknown[] {
  const [only] = rows
  return Array.isArray(only) ? only : rows
}

/** Every input that was read. */
function inputsOf({ store }: Records, id: string): readonly unknown[] {
  const notes = Array.from(store.read(id)?.notes('input') ?? [])
  const whole = notes.find(({ place }) => place === 'whole')
  if (!whole) {
    const inputs = notes.filter(({ place }) => place !== 'end')
    return inputs.toSorted((a, b) => Number(a.place) - Number(b.place)).map(({ value }) => value)
  }
  return Array.isArray(whole.value) ? whole.value : [whole.value]
}
