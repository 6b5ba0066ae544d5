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

/** Finished calls that are kept in memory: the flow needs none of them again, so few are enough. */
const DEFAULT_CAPACITY = 1000

/**
 * A store that ends with the process. It keeps the last `capacity` calls of each run that goes on, and as many
 * of the runs that are over, the latest runs whole.
 */
export function createMemoryStore({ capacity = DEFAULT_CAPACITY } = {}): Store {
  const runs = new Map<string, MemoryJournal>()
  /** Runs that are over, the one that ended first at the head. */
  const over = new Set<string>()
  let kept = 0
  const ended = (run: string) => {
    if (over.has(run)) return
    over.add(run)
    kept += runs.get(run)?.size ?? 0
    for (const oldest of over) {
      if (kept <= capacity || oldest === run) break
      kept -= runs.get(oldest)?.size ?? 0
      over.delete(oldest)
      runs.delete(oldest)
    }
  }
  return {
    open: (run) => {
      const journal =
        runs.get(run) ??
        new MemoryJournal(capacity, () => {
          ended(run)
        })
      runs.set(run, journal)
      if (over.delete(run)) kept -= journal.size
      return Promise.resolve(journal)
    },
    [Symbol.asyncDispose]: () => {
      runs.clear()
      over.clear()
      kept = 0
      return Promise.resolve()
    },
  }
}

class MemoryJournal implements Journal {
  readonly #records = new Map<string, CallRecord>()
  readonly #capacity: number
  readonly #onClose: () => void

  constructor(capacity: number, onClose: () => void) {
    this.#capacity = capacity
    this.#onClose = onClose
  }

  get size(): number {
    return this.#records.size
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
    this.#onClose()
    return Promise.resolve()
  }
}
