import { fork, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Settings, WorkerAddress } from './peer.ts'

/** What a worker or coordinator process is told at its start. */
export interface Specification {
  readonly role: 'worker' | 'coordinator'
  readonly peer: string
  readonly scenario: string
  readonly slots: number
  readonly directory: string
  readonly settings: Settings
  readonly scale: number
  readonly warmMs: number
  readonly seed: number
  /** Worker: its number. */
  readonly index?: number
  /** Worker: where it writes the ids of started tasks. */
  readonly log?: string
  /** Coordinator: the workers. */
  readonly workers?: readonly WorkerAddress[]
  /** Coordinator: whether one before it was killed. */
  readonly resume?: boolean
  /** Folder for a CPU profile of what is measured. */
  readonly profile?: string | undefined
}

/** What the coordinator reports when the scenario is over. */
export interface CoordinatorReport {
  readonly type: 'report'
  /** `ok`, `cap` when it was cut off, or what went wrong. */
  readonly outcome: string
  readonly makespanMs: number
  readonly done: number
  readonly total: number
  readonly duplicates: number
  readonly wrong: number
  readonly p50?: number
  readonly p99?: number
  /** When each task was done, -1: never; of `kill` scenarios. */
  readonly doneAt?: readonly number[]
  /** The engine's, of a peer that runs in the coordinator's process. */
  readonly engine?: { readonly count: number; readonly busyMs: number }
}

/** What the processes of a cell say to the command. */
export type ChildMessage =
  | { readonly type: 'ready'; readonly address: string | number }
  | { readonly type: 'statistics'; readonly count: number; readonly busyMs: number }
  | { readonly type: 'begin' }
  | { readonly type: 'half' }
  | { readonly type: 'end' }
  | CoordinatorReport

type ChildMessageOf<T extends ChildMessage['type']> = Extract<ChildMessage, { type: T }>

/** What the command says to them. */
export type Order = 'go' | 'report' | 'statistics' | 'stop'

/** A process of the cell: its messages are taken in any order, each once. */
export class Child {
  readonly pid: number
  readonly #role: string
  readonly #process: ChildProcess
  readonly #inbox: ChildMessage[] = []
  readonly #exited: Promise<void>
  #gone = false
  #wake: () => void = () => undefined

  constructor(specification: Specification) {
    const { role } = specification
    this.#role = role
    this.#process = fork(
      fileURLToPath(new URL(`${role}.ts`, import.meta.url)),
      [JSON.stringify(specification)],
      {
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
        execArgv: ['--no-warnings', '--expose-gc', '--conditions=@skein/source'],
      },
    )
    this.pid = this.#process.pid ?? 0
    this.#process.on('message', (message: ChildMessage) => {
      this.#inbox.push(message)
      this.#wake()
    })
    this.#exited = new Promise((resolve) => {
      this.#process.once('exit', () => {
        this.#gone = true
        this.#wake()
        resolve()
      })
    })
  }

  tell(order: Order): void {
    if (!this.#gone) this.#process.send(order)
  }

  kill(signal: NodeJS.Signals): void {
    this.#process.kill(signal)
  }

  /** The next message of this type; rejects when the process ends first or `ms` are over. */
  async expect<T extends ChildMessage['type']>(type: T, ms = 60_000): Promise<ChildMessageOf<T>> {
    const end = performance.now() + ms
    for (;;) {
      const index = this.#inbox.findIndex((message) => message.type === type)
      if (index >= 0) return this.#inbox.splice(index, 1)[0] as ChildMessageOf<T>
      if (this.#gone) throw new Error(`the ${this.#role} ended before "${type}"`)
      if (performance.now() > end)
        throw new Error(`the ${this.#role} said no "${type}" in ${ms} ms`)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
        setTimeout(resolve, 200)
      })
    }
  }

  /** Asks it to end; kills it after 2.5 s. A frozen process is woken first. */
  async stop(): Promise<void> {
    if (this.#gone) return
    this.#process.kill('SIGCONT')
    if (this.#process.connected) this.#process.send('stop', () => undefined)
    const killer = setTimeout(() => this.#process.kill('SIGKILL'), 2500)
    await this.#exited
    clearTimeout(killer)
  }
}
