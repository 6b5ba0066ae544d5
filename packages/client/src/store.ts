import { canonicalJson, sha256 } from '@skein/workflows'

/** Which call: its key in the run, what it runs, and what on. */
export interface CallIdentity {
  readonly key: string
  /** Changes with what the step does: a workflow's id, or name and version of a local step. */
  readonly definition: string
  /** Frozen. */
  readonly input: unknown
}

/** Where an answer came from. */
export interface Origin {
  /** Name of the node, or `local`. */
  readonly node: string
  /** Id of the node; empty for local steps. */
  readonly peer: string
  readonly model: string
  readonly tokens: { readonly input: number; readonly output: number }
  /** From sending the task to its result. */
  readonly ms: number
  readonly tokensPerSecond?: number
}

/** A finished call, as it is recorded. */
export interface CallRecord extends CallIdentity {
  readonly output: unknown
  readonly origin: Origin
  readonly attempts: number
}

/** The finished calls of one run. */
export interface Journal {
  /** The record of this very call; none if what is recorded under the key ran something else or on something else. */
  find(call: CallIdentity): CallRecord | undefined
  /**
   * Records a finished call. The promise resolves when the record would survive a crash; a store that keeps
   * nothing longer than the process returns none.
   */
  commit(record: CallRecord): Promise<void> | undefined
  /** The run is over. */
  close(): Promise<void>
}

/** Keeps what runs have done. */
export interface Store extends AsyncDisposable {
  open(run: string): Promise<Journal>
}

/** Equal for equal definitions and inputs, on every machine. */
export function fingerprintOf({ definition, input }: CallIdentity): string {
  return sha256(`${definition}\n${canonicalJson(input)}`)
}

/** Finished calls that a run keeps in memory: the flow needs none of them again, so few are enough. */
const DEFAULT_CAPACITY = 10_000

/** A store that ends with the process. It keeps the last `capacity` calls of each run. */
export function createMemoryStore({ capacity = DEFAULT_CAPACITY } = {}): Store {
  const runs = new Map<string, MemoryJournal>()
  return {
    open: (run) => {
      const journal = runs.get(run) ?? new MemoryJournal(capacity)
      runs.set(run, journal)
      return Promise.resolve(journal)
    },
    [Symbol.asyncDispose]: () => {
      runs.clear()
      return Promise.resolve()
    },
  }
}

class MemoryJournal implements Journal {
  readonly #records = new Map<string, CallRecord>()
  readonly #capacity: number

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  find(call: CallIdentity): CallRecord | undefined {
    const record = this.#records.get(call.key)
    if (record?.definition !== call.definition) return undefined
    const isSame = record.input === call.input || fingerprintOf(record) === fingerprintOf(call)
    return isSame ? record : undefined
  }

  commit(record: CallRecord): undefined {
    if (this.#records.size >= this.#capacity) {
      for (const oldest of this.#records.keys()) {
        this.#records.delete(oldest)
        break
      }
    }
    this.#records.set(record.key, record)
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}
