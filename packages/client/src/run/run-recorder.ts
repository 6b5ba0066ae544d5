import type { Clock } from '@skein/protocol'
import { ENDED, type ClientError } from '../errors.ts'
import { EarlierFailures } from './earlier-failures.ts'
import type { RunStatus } from './run-status.ts'
import type { Row } from './scope.ts'
import type { RowFailure } from './track.ts'
import type { RunEnding } from '../store/run-book.ts'
import type { Journal } from '../store/store.ts'

/** Time between two tellings of how far the run is, for other processes. */
const TELL_MS = 1000

/** Before the first: many a run is over by then, and tells it once. */
const FIRST_TELL_MS = 100

export interface RecorderParts {
  readonly journal: Journal
  /** Whether the run was begun before. */
  readonly isTakenUp: boolean
  readonly clock: Clock
  readonly status: () => RunStatus
  /** Milliseconds since 1970. */
  readonly wallNow: () => number
}

/** Writes down what others may want to know of a run: rows and failures as they come, and how far it is. */
export class RunRecorder {
  readonly #parts: RecorderParts
  readonly #earlier: EarlierFailures | undefined
  #tellAt: number
  #stopTelling: (() => void) | undefined

  constructor(parts: RecorderParts) {
    this.#parts = parts
    this.#tellAt = parts.clock.now() + FIRST_TELL_MS
    if (parts.isTakenUp) this.#earlier = new EarlierFailures(parts.journal)
  }

  /** Throws `STORE_FAILED` where the row cannot be written. */
  row({ lineage, value }: Row): void {
    const { journal } = this.#parts
    void journal.note({ kind: 'row', place: lineage.join('.'), value })
    for (const place of this.#earlier?.mendedBy(lineage) ?? []) {
      void journal.note({ kind: 'failure', place, value: null })
    }
  }

  failure({ step, row, attempts, nodes, error }: RowFailure): void {
    const { code, message } = error
    const value = { step, index: row.lineage[0] ?? 0, attempts, nodes, error: { code, message } }
    const place = `${row.lineage.join('.')}/${step}`
    this.#earlier?.again(place)
    void this.#parts.journal.note({ kind: 'failure', place, value })
  }

  /** Something changed: it is told at once, or as soon as the last telling is long enough ago. */
  moved(): void {
    if (this.#stopTelling) return
    const { clock } = this.#parts
    const leftMs = this.#tellAt - clock.now()
    if (leftMs <= 0) this.#tell()
    else {
      this.#stopTelling = clock.schedule(leftMs, () => {
        this.#stopTelling = undefined
        this.#tell()
      })
    }
  }

  #tell(): void {
    this.#tellAt = this.#parts.clock.now() + TELL_MS
    this.#parts.journal.tell(this.#parts.status())
  }

  /**
   * Resolves when all of it is on disk. A run whose client was closed has no ending: it can go on. One that was not
   * stopped has had all its rows and failures.
   */
  async close(
    error: ClientError | undefined,
    { wasStopped, isMany }: { readonly wasStopped: boolean; readonly isMany: boolean },
  ): Promise<void> {
    const { journal, status, wallNow } = this.#parts
    this.#stopTelling?.()
    const state = stateOf(error)
    if (!wasStopped) journal.supersede()
    if (state === 'interrupted') {
      await journal.close()
      return
    }
    journal.tell({ ...status(), state })
    const ending: RunEnding = {
      state,
      endedAt: wallNow(),
      output: isMany ? 'list' : 'one',
      ...(error && { error: { code: error.code, message: error.message } }),
    }
    await journal.close(ending)
  }
}

function stateOf(error: ClientError | undefined): RunEnding['state'] | 'interrupted' {
  if (!error) return 'done'
  if (error.code === 'CLOSED') return 'interrupted'
  return ENDED.has(error.code) ? 'cancelled' : 'failed'
}
