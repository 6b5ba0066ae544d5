/** Runs peers × scenarios in interleaved order and prints tables of medians. See README.md. */
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { runCell, type CellOptions, type CellResult } from './harness/cell.ts'
import { loadPeer, type Peer } from './harness/peer.ts'
import { progressLine, report } from './harness/report.ts'
import { scenarioOf } from './harness/scenarios.ts'
import { stopServices } from './harness/services.ts'

const PEERS = 'skein,rawtcp,libp2p-mux,bullmq,nats-jetstream,http-least,http-rr'

const { values: options } = parseArgs({
  options: {
    peers: { type: 'string', default: PEERS },
    scenarios: { type: 'string', default: 'noop,sleep,skew' },
    workers: { type: 'string', default: '4' },
    runs: { type: 'string', default: '3' },
    scale: { type: 'string', default: '1' },
    quiet: { type: 'string', default: '2' },
    warm: { type: 'string', default: '8' },
    out: { type: 'string', default: fileURLToPath(new URL('out/results.jsonl', import.meta.url)) },
    append: { type: 'boolean', default: false },
    report: { type: 'boolean', default: false },
    profile: { type: 'string' },
  },
})

const SETTINGS = {
  scale: Number(options.scale),
  quietMs: Number(options.quiet) * 1000,
  warmMs: Number(options.warm) * 1000,
  profile: options.profile,
}

if (!options.report) await measure()
const lines = readFileSync(options.out, 'utf8').trim().split('\n')
console.log(`\n${report(lines.map((line) => JSON.parse(line) as CellResult))}`)
process.exit()

async function measure(): Promise<void> {
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void interrupt())
  const peers = await availablePeers(options.peers.split(','))
  mkdirSync(dirname(options.out), { recursive: true })
  if (!options.append) writeFileSync(options.out, '')
  for (const cell of plan(peers)) {
    const result = await runCell(cell)
    appendFileSync(options.out, `${JSON.stringify(result)}\n`)
    console.error(progressLine(result))
  }
}

/** Every round visits all peers in all scenarios, each round beginning with another peer. */
function* plan(peers: readonly Named[]): Generator<CellOptions> {
  for (let run = 0; run < Number(options.runs); run += 1) {
    for (const [scenario, workers] of settings()) {
      const able = rotate(peers, run).filter(({ peer }) => suits(peer, scenario))
      for (const named of able) yield { ...SETTINGS, ...named, scenario, workers, run }
    }
  }
}

/** Every scenario with every number of workers. */
function settings(): [scenario: string, workers: number][] {
  const counts = options.workers.split(',').map(Number)
  return options.scenarios
    .split(',')
    .flatMap((scenario) => counts.map((workers): [string, number] => [scenario, workers]))
}

interface Named {
  readonly name: string
  readonly peer: Peer
}

async function availablePeers(names: readonly string[]): Promise<Named[]> {
  const available: Named[] = []
  for (const name of names) {
    const peer = await loadPeer(name)
    const missing = peer.missing?.()
    if (missing === undefined) available.push({ name, peer })
    else console.error(`Skipping ${name}: ${missing}`)
  }
  return available
}

/** A peer in the coordinator's process has no worker to kill or to slow down. */
function suits(peer: Peer, scenario: string): boolean {
  const { kind, skewed } = scenarioOf(scenario)
  if (peer.inProcess === true && (kind === 'kill' || skewed === true)) return false
  return kind !== 'crash' || peer.resumes === true
}

function rotate<T>(list: readonly T[], by: number): readonly T[] {
  const start = by % Math.max(1, list.length)
  return [...list.slice(start), ...list.slice(0, start)]
}

/** Workers and the coordinator end with this process; servers need a word. */
async function interrupt(): Promise<void> {
  await stopServices()
  process.exit(130)
}
