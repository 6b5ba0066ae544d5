/** One unit of work, about 1 KB of JSON. `ms` is the engine's secret: a scheduler must not read it. */
export interface Task {
  readonly id: string
  /** Place in the list of tasks. */
  readonly n: number
  readonly model: string
  readonly prompt: string
  /** How long the engine takes at speed 1, in milliseconds. */
  readonly ms: number
}

/** What an engine makes of a task, about 1 KB of JSON. */
export interface Result {
  readonly id: string
  readonly text: string
  readonly model: string
  readonly worker: number
  readonly tokens: number
}

/** The engine's stand-in: runs `slots` tasks at a time, first in, first out. */
export type Execute = (task: Task) => Promise<Result>

/** A server that a peer needs; its CPU time and memory count. */
export interface Service {
  readonly pid: number
  /** The last it printed. */
  log(): string
  stop(): Promise<void>
}

/** What a peer's servers tell its workers and its coordinator. Plain JSON: it crosses processes. */
export type Settings = Readonly<Record<string, string | number>>

export interface Services {
  readonly list: readonly Service[]
  readonly settings: Settings
}

interface Cell {
  readonly peer: string
  readonly scenario: string
  /** Tasks that one worker runs at once. */
  readonly slots: number
  /** A folder that is removed when the cell ends. */
  readonly directory: string
  readonly settings: Settings
}

/** What a worker process is told. */
export interface WorkerContext extends Cell {
  readonly index: number
  readonly execute: Execute
}

/** A running worker: where the coordinator finds it, if that is needed. */
export interface Worker {
  readonly address?: string | number
  close(): Promise<void>
}

export interface WorkerAddress {
  readonly index: number
  readonly slots: number
  readonly address: string | number
}

/** What the coordinator process is told. */
export interface CoordinatorContext extends Cell {
  readonly workers: readonly WorkerAddress[]
  /** Slots of all workers together. */
  readonly window: number
  /** The engine, for a peer that runs in the coordinator's process. */
  readonly execute: Execute
  /** Whether an earlier coordinator was killed half-way through these tasks. */
  readonly resume: boolean
}

export type OnResult = (task: Task, result: Result) => void

/** The side that hands out tasks and collects results. */
export interface Coordinator {
  submit(task: Task): Promise<Result>
  /** Without it, `window` tasks are kept in flight through `submit`. */
  submitAll?(tasks: readonly Task[], onResult: OnResult): Promise<void>
  close(): Promise<void>
}

/** One way of getting tasks to workers. `peers/NAME.ts` exports one as `peer`. */
export interface Peer {
  /** No workers: the coordinator calls the engine itself. */
  readonly inProcess?: boolean
  /** A new coordinator goes on where a killed one stopped (or starts again). */
  readonly resumes?: boolean
  /** Why it cannot run here, and what would change that. */
  missing?(): string | undefined
  services?(directory: string): Promise<Services>
  worker?(context: WorkerContext): Promise<Worker>
  coordinator(context: CoordinatorContext): Promise<Coordinator>
}

/** Loads a peer by its name. */
export async function loadPeer(name: string): Promise<Peer> {
  const module = (await import(new URL(`../peers/${name}.ts`, import.meta.url).href)) as {
    readonly peer: Peer
  }
  return module.peer
}
