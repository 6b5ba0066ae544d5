/** One side of a duel: the workers and the coordinator of a checkout, which do a batch of tasks whenever they are told to. */
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type * as child from '../harness/child.ts'
import type * as peers from '../harness/peer.ts'
import type * as processes from '../harness/processes.ts'
import type * as tasks from '../harness/tasks.ts'

/** What a batch took, in microseconds per task. */
export interface Batch {
  readonly wall: number
  /** CPU time of the coordinator, all its threads together. */
  readonly coordinator: number
  /** CPU time of its main thread. */
  readonly main: number
  /** How long the main thread had nothing to do. */
  readonly idle: number
  /** CPU time of the workers. */
  readonly workers: number
}

const SLOTS = 64
const WORKERS = 4
const SCENARIO = 'noop'

const [checkout = '', name = ''] = process.argv.slice(2)
const { Child } = await harness<typeof child>('child')
const { loadPeer } = await harness<typeof peers>('peer')
const { makeTasks } = await harness<typeof tasks>('tasks')
const { cpuMs } = await harness<typeof processes>('processes')

const directory = join(checkout, 'bench', 'run', `duel-${process.pid}`)
mkdirSync(directory, { recursive: true })
const peer = await loadPeer(name)
const settings = (await peer.services?.(directory))?.settings ?? {}
const cell = { peer: name, scenario: SCENARIO, slots: SLOTS, directory, settings, seed: 7 }
const workers = Array.from(
  { length: WORKERS },
  (_, index) => new Child({ ...cell, scale: 1, warmMs: 0, role: 'worker', index }),
)
const ready = await Promise.all(workers.map((worker) => worker.expect('ready')))
const coordinator = await peer.coordinator({
  ...cell,
  workers: ready.map(({ address }, index) => ({ index, slots: SLOTS, address })),
  window: SLOTS * WORKERS,
  resume: false,
  execute: () => Promise.reject(new Error('tasks are done by the workers')),
})
const pids = workers.map(({ pid }) => pid)
let batches = 0

process.on('message', (order) => {
  if (order === 'go') void batch().then((took) => process.send?.(took))
  else void stop()
})
process.on('disconnect', () => void stop())
process.send?.('ready')

async function batch(): Promise<Batch> {
  const list = makeTasks({ scenario: SCENARIO, workers: WORKERS, batch: batches++ })
  const before = {
    at: performance.now(),
    loop: performance.eventLoopUtilization(),
    cpu: process.cpuUsage(),
    thread: process.threadCpuUsage(),
    workersMs: cpuMs(pids),
  }
  await coordinator.submitAll?.(list, () => undefined)
  const ms = performance.now() - before.at
  const perTask = 1 / list.length
  const cpu = process.cpuUsage(before.cpu)
  const thread = process.threadCpuUsage(before.thread)
  return {
    wall: 1000 * ms * perTask,
    coordinator: (cpu.user + cpu.system) * perTask,
    main: (thread.user + thread.system) * perTask,
    idle: 1000 * performance.eventLoopUtilization(before.loop).idle * perTask,
    workers: 1000 * (cpuMs(pids) - before.workersMs) * perTask,
  }
}

async function stop(): Promise<void> {
  await Promise.all(workers.map((worker) => worker.stop()))
  rmSync(directory, { recursive: true, force: true })
  process.exit()
}

async function harness<T>(module: string): Promise<T> {
  const file = join(checkout, 'bench', 'harness', `${module}.ts`)
  return (await import(pathToFileURL(file).href)) as T
}
