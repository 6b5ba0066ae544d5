/** What many rows cost: `npm run bench -- scale [rows]`. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { markdown } from '../harness/report.ts'
import type { Found } from './program.ts'

const MANY = Number(process.argv[2] ?? 100_000)
const FEW = MANY / 100
/** What the heap is kept to: left to itself it grows while there is room. In MB. */
const MOST_HEAP = 300
/** Each number is the median of so many processes. */
const ROUNDS = 3

const SETTINGS = ['--conditions=@skein/source', '--expose-gc', `--max-old-space-size=${MOST_HEAP}`]

const folder = mkdtempSync(join(tmpdir(), 'skein-scale-'))
try {
  const file = join(folder, 'runs.db')
  const few = measure('rows', FEW)
  const many = measure('rows', MANY)
  const durable = measure('rows', MANY, join(folder, 'rows.db'))
  program('record', MANY, file)
  const resumed = measure('resume', MANY, file)
  const perRow = (1000 * many.cpuMs) / MANY
  const rows = [
    [`CPU µs per row of ${FEW}`, ((1000 * few.cpuMs) / FEW).toFixed(1), ''],
    [`CPU µs per row of ${MANY}`, perRow.toFixed(1), ''],
    ['the second divided by the first', (perRow / ((1000 * few.cpuMs) / FEW)).toFixed(2), '≤ 1.3'],
    [`heap of ${MANY} rows, in MB`, many.heapMb.toFixed(0), `≤ ${MOST_HEAP}`],
    ['the same with a journal on disk', durable.heapMb.toFixed(0), `≤ ${MOST_HEAP}`],
    [`seconds to resume ${MANY} tasks`, (resumed.ms / 1000).toFixed(2), '≤ 2'],
    ['CPU seconds of that', (resumed.cpuMs / 1000).toFixed(2), ''],
  ]
  console.log(`### scale\n\n${markdown(['what', 'measured', 'aim'], rows)}`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** The medians of several processes. */
function measure(task: string, count: number, file?: string): Found {
  const all = Array.from({ length: ROUNDS }, (_, round) => {
    // Rows are recorded anew each time; what is resumed is there.
    const own = task === 'rows' && file !== undefined ? `${file}.${round}` : file
    return program(task, count, own)
  })
  const median = (of: (found: Found) => number) =>
    all.map(of).toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0
  return {
    ms: median(({ ms }) => ms),
    cpuMs: median(({ cpuMs }) => cpuMs),
    heapMb: median(({ heapMb }) => heapMb),
  }
}

function program(task: string, count: number, file?: string): Found {
  const args = [join(import.meta.dirname, 'program.ts'), task, String(count)]
  const { stdout, status } = spawnSync(
    process.execPath,
    [...SETTINGS, ...args, ...(file === undefined ? [] : [file])],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
  )
  if (status !== 0) throw new Error(`${task} ended with ${String(status)}`)
  return JSON.parse(stdout) as Found
}
