/** Two or more checkouts, side by side: `npm run bench -- duel [--peer NAME] [--rounds N] CHECKOUT…`. */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { markdown } from '../harness/report.ts'
import type { Batch } from './host.ts'

/** Batches before those that count: programs compile while they start. */
const WARM = 6

const FIGURES = ['wall', 'coordinator', 'main', 'idle', 'workers'] as const

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    peer: { type: 'string', default: 'skein-durable' },
    rounds: { type: 'string', default: '30' },
  },
})
const rounds = Number(options.rounds)
if (positionals.length === 0 || !(rounds > 0)) {
  console.error('say which checkouts: npm run bench -- duel /path/to/before /path/to/after')
  process.exit(2)
}

interface Side {
  readonly checkout: string
  readonly host: ChildProcess
  readonly batches: Batch[]
}

const sides = await Promise.all(positionals.map((path) => begin(resolve(path))))
for (let round = 0; round < WARM; round++) for (const { host } of sides) await batchOf(host)
for (let round = 0; round < rounds; round++) {
  // Whoever comes first has the caches of another before it: they take turns at that as well.
  for (const { host, batches } of round % 2 === 0 ? sides : sides.toReversed()) {
    batches.push(await batchOf(host))
  }
}
for (const { host } of sides) host.send('stop')

const [first] = sides
const rows = sides.map((side) => {
  const figures = FIGURES.map((figure) => median(side.batches.map((batch) => batch[figure])))
  const cells = figures.map((us) => us.toFixed(1))
  return [side.checkout].concat(cells, ratio(side, 'wall'), ratio(side, 'coordinator'))
})
const headings = ['checkout', ...FIGURES, 'wall, ratio', 'coordinator, ratio']
console.log(`### ${options.peer}, µs per task, medians of ${rounds}\n\n${markdown(headings, rows)}`)

async function begin(checkout: string): Promise<Side> {
  const host = fork(join(import.meta.dirname, 'host.ts'), [checkout, options.peer], {
    cwd: checkout,
    execArgv: ['--no-warnings', '--conditions=@skein/source'],
  })
  await once(host, 'message')
  return { checkout, host, batches: [] }
}

async function batchOf(host: ChildProcess): Promise<Batch> {
  host.send('go')
  const [batch] = (await once(host, 'message')) as [Batch]
  return batch
}

/** To the first, of batches that were done one after the other: what disturbs one disturbs the other. */
function ratio({ batches }: Side, figure: (typeof FIGURES)[number]): string {
  const ratios = batches.map(
    (batch, round) => batch[figure] / (first?.batches[round]?.[figure] ?? NaN),
  )
  return median(ratios).toFixed(3)
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN
}
