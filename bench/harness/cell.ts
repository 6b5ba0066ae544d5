import { mkdirSync, rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { lowerBound } from './bounds.ts'
import { Child, type CoordinatorReport, type Specification } from './child.ts'
import { executedAgain, faultFigures, type FaultFigures } from './faults.ts'
import type { Peer, Service, WorkerAddress } from './peer.ts'
import { cpuMs, machineCpu, memoryMb, sleep } from './processes.ts'
import { scenarioOf, type Scenario } from './scenarios.ts'
import { stopServices } from './services.ts'
import { makeTasks } from './tasks.ts'

/** CPU time or memory by who used it. */
export interface ByRole {
  readonly coordinator: number
  readonly workers: number
  readonly services: number
}

/** What one peer did in one scenario: a line of `out/results.jsonl`. */
export interface CellResult {
  readonly run: number
  readonly peer: string
  readonly scenario: string
  readonly workers: number
  readonly node: string
  /** `ok`, `cap` when it was cut off, or what went wrong. */
  readonly outcome: string
  readonly tasks?: number
  readonly done?: number
  readonly wrong?: number
  readonly duplicates?: number
  readonly makespanMs?: number
  readonly perSecond?: number
  readonly p50?: number
  readonly p99?: number
  /** CPU time per task, in microseconds, user and system. */
  readonly cpuUs?: ByRole
  readonly memoryMb?: ByRole
  /** Share of the machine that other programs used meanwhile. */
  readonly otherLoad?: number
  /** Lower bound of the makespan / makespan. */
  readonly efficiency?: number
  /** Share of slot time in which the engine really ran. */
  readonly occupancy?: number
  readonly faults?: FaultFigures
  /** Crash: from the second start to the last result. */
  readonly resumeMs?: number
  /** The servers' last words, when the cell failed. */
  readonly log?: string
}

export interface CellOptions {
  readonly name: string
  readonly peer: Peer
  readonly scenario: string
  readonly workers: number
  readonly run: number
  readonly scale: number
  /** How long to wait for other programs to be quiet, in milliseconds. */
  readonly quietMs: number
  /** How long peers warm up in scenarios that ask for it, in milliseconds. */
  readonly warmMs: number
  readonly profile?: string | undefined
}

interface Stage {
  readonly options: CellOptions
  readonly scenario: Scenario
  readonly base: Omit<Specification, 'role'>
  readonly services: Service[]
  readonly workers: Child[]
  addresses: readonly WorkerAddress[]
  coordinator?: Child
}

const CORES = availableParallelism()

/** Runs one peer in one scenario, from the start of its servers to their end. */
export async function runCell(options: CellOptions): Promise<CellResult> {
  const stage = createStage(options)
  const { name, scenario, workers, run } = options
  const head = { run, peer: name, scenario, workers, node: process.version }
  try {
    await raise(stage)
    const figures = stage.scenario.kind === 'crash' ? await crash(stage) : await measure(stage)
    return { ...head, ...figures }
  } catch (error) {
    const log = stage.services
      .map((service) => service.log())
      .join('\n')
      .slice(-1500)
    return { ...head, outcome: `failed: ${String(error)}`, log }
  } finally {
    await stage.coordinator?.stop()
    await Promise.all(stage.workers.map((worker) => worker.stop()))
    await stopServices()
    rmSync(stage.base.directory, { recursive: true, force: true })
  }
}

function createStage(options: CellOptions): Stage {
  const directory = fileURLToPath(new URL(`../run/${process.pid}`, import.meta.url))
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  const scenario = scenarioOf(options.scenario)
  const base = {
    peer: options.name,
    scenario: options.scenario,
    slots: scenario.slots,
    directory,
    settings: {},
    scale: options.scale,
    warmMs: options.warmMs,
    seed: 7 + options.run,
    profile: options.profile,
  }
  return { options, scenario, base, services: [], workers: [], addresses: [] }
}

/** Starts servers, workers and the coordinator, and lets them warm up. */
async function raise(stage: Stage): Promise<void> {
  const { options, scenario, base } = stage
  const services = await options.peer.services?.(base.directory)
  stage.services.push(...(services?.list ?? []))
  Object.assign(base, { settings: services?.settings ?? {} })
  const logs = scenario.kind === 'kill' || scenario.kind === 'crash'
  const indices = Array.from({ length: options.workers }, (_, index) => index)
  if (options.peer.inProcess !== true) {
    for (const index of indices) {
      const log = logs ? { log: join(base.directory, `started-${index}`) } : {}
      stage.workers.push(new Child({ ...base, role: 'worker', index, ...log }))
    }
  }
  const ready = await Promise.all(stage.workers.map((worker) => worker.expect('ready')))
  stage.addresses = indices.map((index) => ({
    index,
    slots: scenario.slots,
    address: ready[index]?.address ?? index,
  }))
  await startCoordinator(stage, false)
  await untilQuiet(options.quietMs)
}

async function startCoordinator(stage: Stage, resume: boolean): Promise<Child> {
  const { base, addresses } = stage
  stage.coordinator = new Child({ ...base, role: 'coordinator', workers: addresses, resume })
  await stage.coordinator.expect('begin', 90_000)
  return stage.coordinator
}

async function measure(stage: Stage): Promise<Omit<CellResult, keyof Head>> {
  const { scenario, options, workers } = stage
  const coordinator = required(stage.coordinator)
  const pids = {
    coordinator: [coordinator.pid],
    workers: workers.map((worker) => worker.pid),
    services: stage.services.map((service) => service.pid),
  }
  const cpuBefore = byRole(pids, cpuMs)
  const machineBefore = machineCpu()
  const selfBefore = process.cpuUsage()
  for (const child of [...workers, coordinator]) child.tell('go')
  if (scenario.signal !== undefined) {
    await coordinator.expect('half', scenario.mostMs)
    workers[0]?.kill(scenario.signal)
  }
  await coordinator.expect('end', scenario.mostMs + 20_000)
  const cpu = difference(byRole(pids, cpuMs), cpuBefore)
  const machine = machineCpu().busyMs - machineBefore.busyMs
  const self = process.cpuUsage(selfBefore)
  const memory = byRole(pids, memoryMb)
  coordinator.tell('report')
  const report = await coordinator.expect('report')
  const ours = cpu.coordinator + cpu.workers + cpu.services + (self.user + self.system) / 1000
  return {
    ...countsOf(report),
    cpuUs: mapRoles(cpu, (ms) => (ms * 1000) / report.done),
    memoryMb: memory,
    otherLoad: Math.max(0, machine - ours) / (CORES * report.makespanMs),
    ...(scenario.kind === 'bulk' && (await fullness(stage, report))),
    ...(scenario.kind === 'kill' && {
      faults: faultFigures(report, { workers: options.workers, directory: stage.base.directory }),
    }),
  }
}

/** How well the slots were used. */
async function fullness(
  stage: Stage,
  report: CoordinatorReport,
): Promise<Pick<CellResult, 'efficiency' | 'occupancy'>> {
  const { options, scenario, base, workers } = stage
  const tasks = makeTasks({ ...base, workers: options.workers })
  if (tasks.every((task) => task.ms === 0)) return {}
  for (const worker of workers) worker.tell('statistics')
  const statistics =
    report.engine === undefined
      ? await Promise.all(workers.map((worker) => worker.expect('statistics', 8000)))
      : [report.engine]
  const busyMs = statistics.reduce((sum, each) => sum + each.busyMs, 0)
  const idealMs =
    lowerBound(tasks, options.scenario, options.workers) + 2 * (scenario.oneWayMs ?? 0)
  return {
    efficiency: (idealMs * (report.done / report.total)) / report.makespanMs,
    occupancy: busyMs / (options.workers * scenario.slots * report.makespanMs),
  }
}

/** The coordinator is killed half-way and the user starts the same program again. */
async function crash(stage: Stage): Promise<Omit<CellResult, keyof Head>> {
  const { scenario, base } = stage
  const first = required(stage.coordinator)
  first.tell('go')
  await first.expect('half', scenario.mostMs)
  first.kill('SIGKILL')
  await sleep(300)
  const restart = performance.now()
  const second = await startCoordinator(stage, true)
  second.tell('go')
  await second.expect('end', scenario.mostMs + 20_000)
  const resumeMs = performance.now() - restart
  second.tell('report')
  const report = await second.expect('report')
  const lost = report.total - report.done
  return {
    ...countsOf(report),
    resumeMs,
    faults: { lost, executedAgain: executedAgain(base.directory), stuck: 0, stallMs: 0 },
  }
}

type Head = Pick<CellResult, 'run' | 'peer' | 'scenario' | 'workers' | 'node'>

function countsOf(report: CoordinatorReport) {
  const { outcome, done, total, wrong, duplicates, makespanMs, p50, p99 } = report
  return {
    outcome,
    done,
    tasks: total,
    wrong,
    duplicates,
    makespanMs,
    perSecond: done / (makespanMs / 1000),
    ...(p50 !== undefined && { p50 }),
    ...(p99 !== undefined && { p99 }),
  }
}

/** Waits until other programs use less than an eighth of the machine, or the time is over. */
async function untilQuiet(mostMs: number): Promise<void> {
  const end = performance.now() + mostMs
  while (performance.now() < end) {
    const before = machineCpu()
    await sleep(700)
    const after = machineCpu()
    const used = after.busyMs + after.stolenMs - before.busyMs - before.stolenMs
    if (used / 700 / CORES < 0.125) return
  }
}

function byRole(
  pids: Readonly<Record<keyof ByRole, readonly number[]>>,
  measureAll: (pids: readonly number[]) => number,
): ByRole {
  return {
    coordinator: measureAll(pids.coordinator),
    workers: measureAll(pids.workers),
    services: measureAll(pids.services),
  }
}

function difference(after: ByRole, before: ByRole): ByRole {
  return {
    coordinator: after.coordinator - before.coordinator,
    workers: after.workers - before.workers,
    services: after.services - before.services,
  }
}

function mapRoles(roles: ByRole, change: (value: number) => number): ByRole {
  return {
    coordinator: change(roles.coordinator),
    workers: change(roles.workers),
    services: change(roles.services),
  }
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the cell was not raised')
  return value
}
