/** The entry of the coordinator process: warms up, runs one scenario, reports. */
import type { ChildMessage, Order, Specification } from './child.ts'
import { createEngine } from './engine.ts'
import { loadPeer, type OnResult, type Result, type Task } from './peer.ts'
import { windowed } from './pool.ts'
import { sleep } from './processes.ts'
import { startProfile } from './profiler.ts'
import { scenarioOf } from './scenarios.ts'
import { isCorrect, makeTasks } from './tasks.ts'

const WARM_UP_MS = 20_000

const specification = JSON.parse(process.argv[2] ?? '') as Specification
const { scenario: name, workers = [], resume = false, scale, seed } = specification
const scenario = scenarioOf(name)
const window = scenario.slots * workers.length
const peer = await loadPeer(specification.peer)
const engine = createEngine({ slots: window })
const coordinator = await peer.coordinator({
  ...specification,
  workers,
  window,
  resume,
  execute: engine.execute,
})

const submit = (task: Task): Promise<Result> => coordinator.submit(task)
const submitAll = (list: readonly Task[], take: OnResult): Promise<void> =>
  coordinator.submitAll?.(list, take) ?? windowed(list, { window, submit }, take)

if (!resume) await warmUp()
Object.assign(engine.statistics, { count: 0, busyMs: 0 })

const options = { scenario: name, workers: workers.length, scale, seed }
const tasks = makeTasks(options)
const doneAt = new Float64Array(tasks.length).fill(-1)
const latencies: number[] = []
let done = 0
let duplicates = 0
let wrong = 0
let batches = 1
const ended = new AbortController()

globalThis.gc?.()
say({ type: 'begin' })
await heard('go')
const { profile } = specification
const stopProfile = profile === undefined ? undefined : await startProfile(profile, 'coordinator')
const start = performance.now()
const outcome = await Promise.race([
  run().then(
    () => 'ok',
    (error: unknown) => `error: ${String(error)}`,
  ),
  sleep(scenario.mostMs).then(() => 'cap'),
])
ended.abort()
const makespanMs = performance.now() - start
await stopProfile?.()
say({ type: 'end' })
latencies.sort((a, b) => a - b)
await heard('report')
say({
  type: 'report',
  outcome,
  makespanMs,
  done,
  total: tasks.length * batches,
  duplicates,
  wrong,
  ...(latencies.length > 0 && { p50: quantile(0.5), p99: quantile(0.99) }),
  ...(scenario.kind === 'kill' && { doneAt: [...doneAt] }),
  ...(peer.inProcess === true && { engine: engine.statistics }),
})
await heard('stop')
await Promise.race([coordinator.close(), sleep(1500)])
process.exit()

/** Connections, caches and the compiler; bounded in time, so that a slow peer is not warmed for minutes. */
async function warmUp(): Promise<void> {
  const deadline = sleep(WARM_UP_MS).then(() => true)
  const end = performance.now() + (scenario.warms === true ? specification.warmMs : 0)
  for (let batch = 0, late = false; batch === 0 || (!late && performance.now() < end); batch += 1) {
    const all = makeTasks({ scenario: name, workers: workers.length, warm: true, batch })
    late = await Promise.race([warm(all).then(() => false), deadline])
  }
}

async function warm([first, ...rest]: readonly Task[]): Promise<void> {
  if (first !== undefined) await submit(first)
  const { inFlight } = scenario
  if (inFlight === undefined) await submitAll(rest, () => undefined)
  else await windowed(rest, { window: inFlight, submit }, () => undefined)
}

async function run(): Promise<void> {
  if (scenario.inFlight !== undefined) {
    return windowed(tasks, { window: scenario.inFlight, submit: timed }, onResult)
  }
  await submitAll(tasks, onResult)
  const leastMs = scenario.leastMs ?? 0
  for (; performance.now() - start < leastMs && !ended.signal.aborted; batches += 1) {
    doneAt.fill(-1)
    await submitAll(makeTasks({ ...options, batch: batches }), onResult)
  }
}

async function timed(task: Task): Promise<Result> {
  if (ended.signal.aborted) return new Promise(() => undefined)
  const before = performance.now()
  const result = await submit(task)
  latencies.push(performance.now() - before)
  return result
}

function onResult(task: Task, result: Result): void {
  if ((doneAt[task.n] ?? -1) >= 0) {
    duplicates += 1
    return
  }
  doneAt[task.n] = performance.timeOrigin + performance.now()
  if (!isCorrect(task, result)) wrong += 1
  done += 1
  const half = scenario.kind === 'kill' || scenario.kind === 'crash' ? tasks.length / 2 : undefined
  if (!resume && done === half) say({ type: 'half' })
}

function quantile(share: number): number {
  return latencies[Math.min(latencies.length - 1, Math.floor(share * latencies.length))] ?? 0
}

function say(message: ChildMessage): void {
  process.send?.(message)
}

function heard(order: Order): Promise<void> {
  return new Promise((resolve) => {
    const listen = (message: Order): void => {
      if (message !== order) return
      process.off('message', listen)
      resolve()
    }
    process.on('message', listen)
  })
}
