import type { ByRole, CellResult } from './cell.ts'

/** A column of a table: its title and the text for the runs of one peer. */
type Column = readonly [title: string, text: (runs: readonly CellResult[]) => string]

const NOTHING = '–'

const SPEED: readonly Column[] = [
  ['runs', runsText],
  ['tasks/s', (runs) => show(median(runs, (run) => run.perSecond))],
  ['CPU µs/task (coordinator + workers + servers)', cpuText],
  [
    'p50 ms',
    (runs) =>
      show(
        median(runs, (run) => run.p50),
        2,
      ),
  ],
  [
    'p99 ms',
    (runs) =>
      show(
        median(runs, (run) => run.p99),
        2,
      ),
  ],
  [
    'efficiency',
    (runs) =>
      show(
        median(runs, (run) => run.efficiency),
        3,
      ),
  ],
  [
    'occupancy',
    (runs) =>
      show(
        median(runs, (run) => run.occupancy),
        3,
      ),
  ],
  ['memory MB', (runs) => show(median(runs, (run) => total(run.memoryMb)))],
  ['other load', (runs) => `${show((median(runs, (run) => run.otherLoad) ?? 0) * 100)} %`],
]

const FAULTS: readonly Column[] = [
  ['runs', runsText],
  ['tasks > 100 ms late', (runs) => show(median(runs, (run) => run.faults?.stuck))],
  ['worst delay ms', (runs) => show(median(runs, (run) => run.faults?.recoverMs))],
  ['beyond ideal ms', (runs) => show(median(runs, (run) => run.faults?.stallMs))],
  ['lost', (runs) => show(median(runs, (run) => run.faults?.lost))],
  ['executed again', (runs) => show(median(runs, (run) => run.faults?.executedAgain))],
  ['delivered twice', (runs) => show(median(runs, (run) => run.duplicates))],
]

const CRASH: readonly Column[] = [
  ['runs', runsText],
  ['restart to all results ms', (runs) => show(median(runs, (run) => run.resumeMs))],
  ['lost', (runs) => show(median(runs, (run) => run.faults?.lost))],
  ['executed again', (runs) => show(median(runs, (run) => run.faults?.executedAgain))],
  ['delivered twice', (runs) => show(median(runs, (run) => run.duplicates))],
]

/** Markdown tables of medians, one per scenario and number of workers, the thriftiest peer first. */
export function report(results: readonly CellResult[]): string {
  const groups = Map.groupBy(results, (result) => `${result.scenario}, ${result.workers} workers`)
  const tables = [...groups].map(([title, group]) => `### ${title}\n\n${tableOf(group)}`)
  if (results.some((result) => result.peer === 'skein')) {
    tables.push(`### What we watch\n\n${watched(results)}`)
  }
  return tables.join('\n')
}

/** One line for one finished cell. */
export function progressLine(result: CellResult): string {
  const { run, scenario, peer, outcome } = result
  const figures = Object.entries({
    'tasks/s': show(result.perSecond),
    'µs/task': show(total(result.cpuUs)),
    'p50 ms': show(result.p50, 2),
    efficiency: show(result.efficiency, 3),
    occupancy: show(result.occupancy, 3),
    wrong: show(result.wrong),
    twice: show(result.duplicates),
    lost: show(result.faults?.lost),
    'worst delay ms': show(result.faults?.recoverMs),
  })
  const shown = figures.filter(([, value]) => value !== NOTHING && value !== '0')
  const name = `${run + 1} ${scenario.padEnd(6)} ${peer.padEnd(16)}`
  return [name, outcome, ...shown.map(([what, value]) => `${value} ${what}`)].join('  ')
}

/** The ratios by which a change is judged. */
function watched(results: readonly CellResult[]): string {
  const of = (peer: string, scenario: string, get: (run: CellResult) => number | undefined) =>
    median(
      results.filter((result) => result.peer === peer && result.scenario === scenario),
      get,
    )
  const cpu = (peer: string) => of(peer, 'noop', (run) => total(run.cpuUs))
  const ratio = (peer: string): number | undefined => {
    const [ours, theirs] = [cpu('skein'), cpu(peer)]
    return ours === undefined || theirs === undefined ? undefined : ours / theirs
  }
  const rows: (readonly [what: string, value: string, aim: string])[] = [
    ['skein, CPU µs per task, noop', show(cpu('skein')), '≤ 120'],
    ['skein / bullmq, CPU per task, noop', show(ratio('bullmq'), 2), '≤ 0.33'],
    ['skein / libp2p-mux, CPU per task, noop', show(ratio('libp2p-mux'), 2), ''],
    ...['sleep', 'skew'].flatMap((scenario) => [
      [
        `skein, efficiency, ${scenario}`,
        show(
          of('skein', scenario, (run) => run.efficiency),
          3,
        ),
        '≥ 0.95',
      ] as const,
      [
        `skein, occupancy, ${scenario}`,
        show(
          of('skein', scenario, (run) => run.occupancy),
          3,
        ),
        '≥ 0.95',
      ] as const,
    ]),
  ]
  return markdown(['figure', 'measured', 'aim'], rows)
}

function tableOf(group: readonly CellResult[]): string {
  const peers = [...Map.groupBy(group, (result) => result.peer)]
  const sorted = peers.toSorted(([, a], [, b]) => cost(a) - cost(b))
  const columns = columnsFor(group)
  return markdown(
    ['peer', ...columns.map(([title]) => title)],
    sorted.map(([peer, runs]) => [peer].concat(columns.map(([, text]) => text(runs)))),
  )
}

function cost(runs: readonly CellResult[]): number {
  return median(runs, (run) => run.resumeMs ?? total(run.cpuUs)) ?? Infinity
}

function columnsFor(group: readonly CellResult[]): readonly Column[] {
  if (group.some((result) => result.resumeMs !== undefined)) return CRASH
  return group.some((result) => result.faults !== undefined) ? FAULTS : SPEED
}

function runsText(runs: readonly CellResult[]): string {
  const failed = runs.filter((run) => run.done === undefined).length
  const capped = runs.some((run) => run.outcome === 'cap') ? ' (cut off)' : ''
  return `${runs.length - failed}${failed > 0 ? ` (+ ${failed} failed)` : ''}${capped}`
}

function cpuText(runs: readonly CellResult[]): string {
  const part = (role: keyof ByRole): string => show(median(runs, (run) => run.cpuUs?.[role]))
  const all = show(median(runs, (run) => total(run.cpuUs)))
  return `${all} (${part('coordinator')} + ${part('workers')} + ${part('services')})`
}

function total(roles: ByRole | undefined): number | undefined {
  return roles === undefined ? undefined : roles.coordinator + roles.workers + roles.services
}

function median(
  runs: readonly CellResult[],
  get: (run: CellResult) => number | undefined,
): number | undefined {
  const values = runs
    .map(get)
    .filter((value) => value !== undefined)
    .toSorted((a, b) => a - b)
  const middle = Math.floor(values.length / 2)
  const upper = values[middle]
  const lower = values[middle - 1]
  if (upper === undefined || lower === undefined || values.length % 2 === 1) return upper
  return (lower + upper) / 2
}

function show(value: number | undefined, digits = 0): string {
  return value === undefined || !Number.isFinite(value) ? NOTHING : value.toFixed(digits)
}

/** A Markdown table. */
export function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |\n`)
    .join('')
}
