import { z } from 'zod'
import { ClientError, ENDED, toClientError, type ClientErrorCode } from '../errors.ts'
import { OWN_ORIGIN } from '../store/call-record.ts'
import type { Journal } from '../store/store.ts'

const DEFINITION = 'failure'
/** How keys end that are no asks: of failures, of the ends of tries, of what the step has put up with. */
const NO_ASK = /^!(?:(?:end#)?\d+|tolerated)$/
const RecordedFailure = z.object({
  code: z.custom<ClientErrorCode>((code) => typeof code === 'string'),
  message: z.string(),
  retryable: z.boolean(),
})

/**
 * What a durable step asked in vain and went on after. Who takes the step up finds the same failure, as long as the
 * try goes on: once it has failed itself, all that failed is asked anew, and what it asked because of that may be
 * left out. A failure that the step does not go on after leaves no record.
 */
export class FailedAsks {
  readonly #journal: Journal
  readonly #prefix: string
  /** Those that the step has not gone on after yet. */
  readonly #latest = new Map<string, ClientError>()
  /** Recorded in the try that was cut short. */
  readonly #known: Set<string>
  /** Tries that had such failures, and failed. */
  #tries: number

  /** Keys are those recorded below the prefix. */
  constructor(journal: Journal, prefix: string, keys: readonly string[]) {
    this.#journal = journal
    this.#prefix = prefix
    this.#tries = keys.filter((key) => /^!end#\d+$/.test(key.slice(prefix.length))).length
    this.#known = new Set(keys.filter((key) => key.endsWith(`!${this.#tries}`)))
  }

  /** Whether the step need not ask all that it asked before. */
  get isFree(): boolean {
    return this.#tries > 0
  }

  /** The ask that a recorded key is about; none where it is no longer about one. */
  askOf(key: string): string | undefined {
    const end = key.lastIndexOf('!')
    if (end < 0 || !NO_ASK.test(key.slice(end))) return key
    return this.#known.has(key) ? key.slice(0, end) : undefined
  }

  /** What was asked failed so before the run was taken up. */
  find(key: string): ClientError | undefined {
    const name = this.#nameOf(key)
    if (!this.#known.has(name)) return undefined
    const found = this.#journal.find({ key: name, definition: DEFINITION, input: null })
    if (!found) return undefined
    const { code, message, retryable } = RecordedFailure.parse(found.output)
    return new ClientError(code, message, { retryable })
  }

  add(key: string, thrown: unknown): void {
    const error = toClientError(thrown, 'STEP_FAILED')
    if (!ENDED.has(error.code)) this.#latest.set(key, error)
  }

  /** The step goes on: it has put up with what failed. */
  keep(): void {
    for (const [key, { code, message, retryable }] of this.#latest) {
      const name = this.#nameOf(key)
      this.#known.add(name)
      this.#commit(name, { code, message, retryable })
    }
    this.#latest.clear()
  }

  /** The try has failed. */
  end(): void {
    this.#latest.clear()
    if (this.#known.size === 0) return
    this.#known.clear()
    this.#commit(`${this.#prefix}!end#${this.#tries}`, null)
    this.#tries++
  }

  #commit(key: string, output: unknown): void {
    const call = { key, definition: DEFINITION, input: null }
    const recorded = this.#journal.commit({ ...call, output, origin: OWN_ORIGIN, attempts: 1 })
    // What is asked next is recorded after it: this need not be waited for.
    recorded?.catch(() => {})
  }

  #nameOf(key: string): string {
    return `${key}!${this.#tries}`
  }
}
