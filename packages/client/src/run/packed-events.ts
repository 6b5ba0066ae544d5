import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { ClientError, type ClientErrorCode } from '../errors.ts'
import type { RunEvent, TaskEvent } from './run-events.ts'

type Event = RunEvent<unknown>

/** An event without what is no text: a row, or an error that the run's result lists as well. */
type Told =
  | Exclude<Event, TaskEvent | { readonly type: 'row' }>
  | { readonly type: 'row' }
  | (Omit<TaskEvent, 'error'> & { readonly error?: ToldError | typeof KEPT })

interface ToldError {
  readonly code: ClientErrorCode
  readonly message: string
  readonly retryable: boolean
}

/** Stands for an error that is kept as it is. */
const KEPT = 'kept'

/**
 * Events of a while ago in a tenth of their room, for those who join late. Rows and the errors of failures are the
 * very same again; the error of a `retry`, which nobody else holds, has lost its stack and its cause.
 */
export class PackedEvents {
  readonly #bytes: Uint8Array
  readonly #kept: unknown[] = []

  constructor(events: readonly Event[]) {
    const told = events.map((event) => this.#tell(event))
    this.#bytes = deflateRawSync(JSON.stringify(told), { level: 1 })
  }

  /** Bytes that it takes. */
  get size(): number {
    return this.#bytes.byteLength + 8 * this.#kept.length
  }

  unpack(): Event[] {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it was written above, and never left the process
    const told = JSON.parse(inflateRawSync(this.#bytes).toString()) as readonly Told[]
    const kept = this.#kept.values()
    return told.map((event) => hear(event, kept))
  }

  #tell(event: Event): Told {
    if (event.type === 'row') {
      this.#kept.push(event.row)
      return { type: 'row' }
    }
    if (event.type !== 'task' || !event.error) return event
    const { error, ...rest } = event
    if (event.state === 'retry') {
      const { code, message, retryable } = error
      return { ...rest, error: { code, message, retryable } }
    }
    this.#kept.push(error)
    return { ...rest, error: KEPT }
  }
}

function hear(told: Told, kept: Iterator<unknown>): Event {
  if (told.type === 'row') return { type: 'row', row: kept.next().value }
  // JSON leaves out what is undefined.
  if (told.type === 'progress') return { ...UNKNOWN, ...told }
  if (told.type !== 'task') return told
  const { error, ...rest } = told
  if (error === undefined) return rest
  const heard: unknown =
    error === KEPT ? kept.next().value : new ClientError(error.code, error.message, error)
  return heard instanceof ClientError ? { ...rest, error: heard } : rest
}

const UNKNOWN = { total: undefined, etaMs: undefined }
