import type { RecordedFailure, RunRecord, RunStatus } from '@skein/client'
import type { RunComparison } from '../compare-runs.ts'
import { counted, duration, indented, oneLine, placeOf, printable, table } from './text.ts'

/** How recorded runs read. */

/** A run as `skein runs list --json` has it. Scripts depend on these names. */
export interface RunSummary {
  readonly id: string
  readonly project: string
  readonly plan: string | undefined
  readonly state: RunRecord['state']
  /** ISO 8601. */
  readonly startedAt: string | undefined
  readonly endedAt: string | undefined
  readonly rows: number
  readonly failed: number
  readonly tokens: number
  readonly ms: number
  readonly error: RunRecord['error']
}

/** A run as `skein runs show --json` has it. */
export interface RunDetails extends RunSummary {
  readonly seed: number | undefined
  readonly models: readonly string[] | undefined
  readonly context: RunRecord['context']
  readonly parent: string | undefined
  readonly anew: readonly string[] | undefined
  readonly source: string | undefined
  /** How many were read. */
  readonly inputs: number
  readonly bySteps: RunStatus['bySteps']
  readonly failures: readonly RecordedFailure[]
  readonly metrics: Readonly<Record<string, number>>
}

const FAILURES_SHOWN = 10

export function summaryOf(
  record: RunRecord,
  status: Pick<RunStatus, 'rows' | 'failures' | 'tokens' | 'ms'>,
): RunSummary {
  const { id, project, plan, state, startedAt, endedAt, error } = record
  const { rows, failures: failed, tokens, ms } = status
  const [begun, ended] = [isoOf(startedAt), isoOf(endedAt)]
  return {
    id,
    project,
    plan,
    state,
    startedAt: begun,
    endedAt: ended,
    rows,
    failed,
    tokens,
    ms,
    error,
  }
}

export function drawRuns(runs: readonly RunSummary[]): string {
  const rows = runs.map(({ id, state, plan = '', startedAt = '', rows: done, failed, project }) => [
    printable(id),
    state,
    oneLine(plan, 30),
    startedAt.slice(0, 19).replace('T', ' '),
    done,
    failed,
    printable(project),
  ])
  return table(['RUN', 'STATE', 'PLAN', 'STARTED (UTC)', 'ROWS', 'FAILED', 'PROJECT'], rows).join(
    '\n',
  )
}

export function drawRun(run: RunDetails): string {
  const { state, error, failures, metrics } = run
  const why = error === undefined ? '' : `: ${oneLine(error.message, 400)}`
  const shown = failures.slice(0, FAILURES_SHOWN).map(drawFailure)
  if (failures.length > shown.length) shown.push(`… and ${failures.length - shown.length} more`)
  return [
    `${printable(run.id)} is ${state}${why}`,
    ...factsOf(run).map(([name, fact]) => `${name.padEnd(9)} ${printable(fact)}`),
    ...drawSteps(run.bySteps),
    ...(shown.length > 0 ? ['failures', indented(shown.join('\n'), 2)] : []),
    ...Object.entries(metrics).map(([name, value]) => `metric    ${printable(name)} ${value}`),
    ...(isUnfinished(run) ? [`Go on with it: skein runs resume ${printable(run.id)}`] : []),
  ].join('\n')
}

/** The steps of a run and how far they are, under headings. */
export function drawSteps(steps: RunStatus['bySteps']): readonly string[] {
  if (steps.length === 0) return []
  // Few runs have any, and with the column a line is longer than many a terminal is wide.
  const hasCancelled = steps.some(({ cancelled }) => cancelled > 0)
  const rows = steps.map(({ step, done, failed, running, cached, skipped, cancelled }) => [
    oneLine(step, 40),
    done,
    failed,
    running,
    cached,
    skipped,
    ...(hasCancelled ? [cancelled] : []),
  ])
  const headings = ['STEP', 'DONE', 'FAILED', 'RUNNING', 'CACHED', 'SKIPPED']
  return table(hasCancelled ? [...headings, 'CANCELLED'] : headings, rows)
}

/** What is the same is not mentioned. */
export function drawComparison({
  runs,
  plan,
  inputs,
  context,
  models,
  counts,
  bySteps,
}: RunComparison): string {
  const [one, other] = inputs.counts
  const steps = bySteps.map(({ step, done, failed }) => [
    printable(step),
    done[0],
    done[1],
    failed[0],
    failed[1],
  ])
  return [
    ...plan.map(
      ({ kind, step }) =>
        `plan      ${kind} ${step === '' ? 'functions or schemas' : printable(step)}`,
    ),
    ...(plan.length === 0 ? ['plan      same'] : []),
    `inputs    ${inputs.same ? `same ${one}` : `${inputs.changed} differ (${one} and ${other})`}`,
    ...(context.length > 0 ? [`context   ${printable(context.join(', '))} differ`] : []),
    ...(models.same ? [] : ['models    differ']),
    ...table(
      ['', ...runs.map(printable)],
      Object.entries(counts).map(([name, [before, after]]) => [name, before, after]),
    ),
    ...table(['STEP', 'DONE', 'DONE', 'FAILED', 'FAILED'], steps),
  ].join('\n')
}

function factsOf(run: RunDetails): readonly (readonly [string, string])[] {
  const { plan, project, startedAt, rows, tokens, ms, failed, inputs, parent, anew = [] } = run
  const work = [
    counted(rows, 'row'),
    `${failed} failed`,
    `${counted(tokens, 'token')} read and written`,
    duration(ms),
  ]
  const after = anew.length > 0 ? `, anew: ${anew.join(', ')}` : ''
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['plan', plan],
    ['source', run.source?.replace(/\?local$/, ' (--local)')],
    ['project', project],
    ['started', startedAt],
    ['ended', run.endedAt],
    ['inputs', String(inputs)],
    ['again', parent === undefined ? undefined : `of ${parent}${after}`],
    ['done', work.join(', ')],
  ]
  return facts.flatMap(([name, fact]) => (fact === undefined ? [] : [[name, fact] as const]))
}

function isUnfinished({ state }: RunDetails): boolean {
  return state !== 'done' && state !== 'running'
}

function drawFailure({ step, path, attempts, nodes, error }: RecordedFailure): string {
  const where = nodes.length === 0 ? '' : ` on ${nodes.join(', ')}`
  return oneLine(
    `${step}, ${placeOf(path)}, ${counted(attempts, 'attempt')}${where}: ${error.message}`,
    300,
  )
}

function isoOf(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString()
}
