import { z } from 'zod'
import { ClientError, type ClientErrorCode } from '../errors.ts'
import { deepFreeze } from '../freeze.ts'
import { shortened } from './lineage.ts'
import type { StepNode } from '../plan/plan.ts'
import { OWN_ORIGIN } from '../store/call-record.ts'
import type { CallIdentity, Journal, JournalReader } from '../store/store.ts'
import type { RowFailure } from './track.ts'

/** What an ask of a pipeline has put up with. */
export interface Tolerance {
  /** Of the ask. */
  readonly key: string
  readonly failures: readonly RowFailure[]
}

/** The call whose answer has put up with something. */
type Lenient = Pick<CallIdentity, 'key' | 'definition'>

interface TolerancesParts {
  readonly journal: Journal
  /** Of the run that this one does again. */
  readonly parent: JournalReader | undefined
  readonly list: (failure: RowFailure) => void
}

/** How keys end that such records have, behind the key of the call. */
export const TOLERATED = '!tolerated'

const Recorded = z.array(
  z.object({
    key: z.string(),
    failures: z.array(
      z.object({
        step: z.string(),
        lineage: z.array(z.number()),
        input: z.unknown(),
        attempts: z.number(),
        nodes: z.array(z.string()),
        code: z.custom<ClientErrorCode>((code) => typeof code === 'string'),
        message: z.string(),
        retryable: z.boolean(),
      }),
    ),
  }),
)

/** Failures that answers have put up with: recorded with the answers, and listed by whoever finds those again. */
export class Tolerances {
  readonly #parts: TolerancesParts
  /** Asks whose failures are listed: a step that is tried again finds again what it asked. */
  readonly #listed = new Set<string>()

  constructor(parts: TolerancesParts) {
    this.#parts = parts
  }

  /** To be called before the answer is recorded: then neither is there without the other. */
  record(call: Lenient, tolerances: readonly Tolerance[]): void {
    if (tolerances.length === 0) return
    try {
      this.#commit(call, tolerances.map(recordOf))
    } catch {
      // A row need not be one that can be written.
      this.#commit(call, tolerances.map(recordOf).map(withoutInputs))
    }
  }

  list(tolerances: readonly Tolerance[]): void {
    for (const { key, failures } of tolerances) {
      if (this.#listed.has(key)) continue
      this.#listed.add(key)
      for (const failure of failures) this.#parts.list(failure)
    }
  }

  /** What the answer has put up with that is found again. */
  find(call: Lenient, node: StepNode): readonly Tolerance[] {
    return tolerancesIn(this.#parts.journal, call, node)
  }

  /** What the answer has put up with that the run recorded which this one does again. */
  inherit(call: Lenient, node: StepNode): readonly Tolerance[] {
    const { parent } = this.#parts
    try {
      return parent ? tolerancesIn(parent, call, node) : []
    } catch {
      // What is damaged there does not count.
      return []
    }
  }

  #commit(call: Lenient, output: unknown): void {
    const record = { ...identityOf(call), output, origin: OWN_ORIGIN, attempts: 1 }
    // The answer is recorded after it: this need not be waited for.
    this.#parts.journal.commit(record)?.catch(() => {})
  }
}

function identityOf({ key, definition }: Lenient): CallIdentity {
  return { key: `${shortened(key)}>${TOLERATED}`, definition, input: null }
}

function tolerancesIn(journal: JournalReader, call: Lenient, node: StepNode): Tolerance[] {
  const found = journal.find(identityOf(call))
  if (!found) return []
  return Recorded.parse(found.output).map(({ key, failures }) => ({
    key,
    failures: failures.map((failure) => failureOf(failure, node)),
  }))
}

type RecordedTolerance = z.infer<typeof Recorded>[number]

function recordOf({ key, failures }: Tolerance): RecordedTolerance {
  return {
    key,
    failures: failures.map(({ step, row, attempts, nodes, error }) => {
      const { code, message, retryable } = error
      const { lineage, value: input } = row
      const place = { step, lineage: [...lineage], input, attempts, nodes: [...nodes] }
      return { ...place, code, message, retryable }
    }),
  }
}

function withoutInputs({ key, failures }: RecordedTolerance): RecordedTolerance {
  return { key, failures: failures.map((failure) => ({ ...failure, input: undefined })) }
}

function failureOf(recorded: RecordedTolerance['failures'][number], node: StepNode): RowFailure {
  const { step, lineage, input, attempts, nodes, code, message, retryable } = recorded
  const row = { lineage, value: deepFreeze(input) }
  const error = new ClientError(code, message, { retryable })
  return { step, row, node, error, attempts, nodes, isTolerated: true }
}
