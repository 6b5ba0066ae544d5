/** What is known of a run from its start. */
export interface RunHead {
  /** Runs of other projects are another world. @default 'default' */
  readonly project?: string
  /** Name of the plan. */
  readonly plan?: string
  /** Changes with the plan. */
  readonly planHash?: string
  readonly planJson?: unknown
  /** Of sampling. */
  readonly seed?: number
  /** One input, a list that is recorded whole, or inputs recorded as they are read. */
  readonly inputs?: 'one' | 'list' | 'stream'
  /** Models for steps that name none. */
  readonly models?: readonly string[]
  readonly context?: Readonly<Record<string, unknown>>
  /** Milliseconds since 1970. */
  readonly startedAt?: number
  /** The run that this one does again. */
  readonly parent?: string
  /** Names of the steps whose answers are not taken from the parent. */
  readonly anew?: readonly string[]
  /** Where the plan is found again: the file, `#` and the export. */
  readonly source?: string
}

/** The process that is at a run. */
export interface RunHolder {
  readonly pid: number
  /** Name of its machine. */
  readonly machine: string
}

/** How a run came to its end. */
export interface RunEnding {
  readonly state: 'done' | 'failed' | 'cancelled'
  /** Milliseconds since 1970. */
  readonly endedAt: number
  /** One value, or a list of what the plan gave. */
  readonly output?: 'one' | 'list'
  readonly error?: { readonly code: string; readonly message: string }
}

/** A run as it is recorded. */
export interface RunRecord extends RunHead {
  readonly id: string
  readonly project: string
  /**
   * `interrupted`: it did not come to its end, and nobody is at it. `damaged`: nothing else is known of it, and it
   * can only be removed.
   */
  readonly state: RunEnding['state'] | 'running' | 'interrupted' | 'damaged'
  readonly endedAt?: number
  readonly output?: RunEnding['output']
  readonly error?: RunEnding['error']
  /** Who is at it, while it runs. */
  readonly holder?: RunHolder
  /** How far it was when that was last told. */
  readonly status?: unknown
}

/** The runs of a store. */
export interface RunBook {
  get(id: string): Promise<RunRecord | undefined>
  /** The latest first. */
  list(options?: {
    readonly project?: string
    readonly limit?: number
    /** Only those that have not come to an end. @default false */
    readonly unfinished?: boolean
  }): Promise<readonly RunRecord[]>
  /**
   * Ends a run as `cancelled`, whoever is at it: that process can record nothing more, and is told. `false`: it has come
   * to its end, or is not there.
   */
  cancel(id: string): Promise<boolean>
  /**
   * Forgets a run and what only it holds. `false`: it was not there.
   *
   * @throws {ClientError} `RUN_HELD` a process is at it
   */
  remove(id: string): Promise<boolean>
}
