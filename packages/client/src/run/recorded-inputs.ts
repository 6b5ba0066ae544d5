import { setImmediate } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { ClientError } from '../errors.ts'
import { settle } from '../freeze.ts'
import { isThenable } from '../guards.ts'
import type { RunRecord } from '../store/run-book.ts'
import type { Journal, JournalReader, Note } from '../store/store.ts'
import { canonicalText } from '../store/fingerprint.ts'
import { InputSource, type Reading } from './input-source.ts'

/** Where inputs are that were given whole. */
const WHOLE = 'whole'
/** Where it says how many inputs there were. */
const END = 'end'

type Kind = 'one' | 'list' | 'stream'

/**
 * Inputs of a run and their place in its journal: one input or a list at once, those of a stream as they are
 * read. A run that is taken up gets those that were recorded, then the rest of what it is given.
 */
export class RecordedInputs {
  readonly kind: Kind
  readonly source: InputSource
  readonly #whole: unknown
  /** Recorded before, of a stream. */
  readonly #known: readonly unknown[]
  readonly #isComplete: boolean
  #journal: Journal | undefined
  #recorded = 0

  private constructor(
    kind: Kind,
    source: InputSource,
    parts: { whole: unknown; known: readonly unknown[]; isComplete: boolean },
  ) {
    this.kind = kind
    this.source = source
    this.#whole = parts.whole
    this.#known = parts.known
    this.#isComplete = parts.isComplete
  }

  static fresh(kind: Kind, inputs: unknown): RecordedInputs {
    const parts = { whole: inputs, known: [], isComplete: false }
    return new RecordedInputs(kind, new InputSource(inputs), parts)
  }

  /**
   * Inputs that were recorded.
   *
   * @throws {ClientError} `INVALID_INPUT` only some were read, and none are given; `STORE_FAILED`
   */
  static of(
    { id, inputs: kind = 'one' }: RunRecord,
    journal: JournalReader,
    given: unknown,
  ): RecordedInputs {
    if (kind !== 'stream') {
      for (const { place, value } of journal.notes('input')) {
        if (place !== WHOLE) continue
        if (given !== undefined && !isSame(value, given)) throw otherInputs(id)
        return RecordedInputs.fresh(kind, value)
      }
      throw new ClientError('STORE_FAILED', `the input of run '${id}' is not recorded`)
    }
    const { known, end } = streamIn(journal, id)
    if (end === undefined && given === undefined) {
      const message = `run '${id}' had read ${known.length} inputs and not all: give them again, as { inputs }`
      throw new ClientError('INVALID_INPUT', message)
    }
    const source = new InputSource(
      end === undefined ? new ContinuedInputs(known, { id, given }) : known,
    )
    return new RecordedInputs(kind, source, {
      whole: undefined,
      known,
      isComplete: end !== undefined,
    })
  }

  /** What there is, for the journal of a run that begins. */
  notes(): readonly Note[] {
    if (this.kind !== 'stream') return [{ kind: 'input', place: WHOLE, value: this.#whole }]
    const notes = this.#known.map((value, index): Note => {
      return { kind: 'input', place: String(index), value }
    })
    if (this.#isComplete) notes.push({ kind: 'input', place: END, value: notes.length })
    return notes
  }

  /** From now on what is read is recorded there; what there is, is. */
  continueIn(journal: Journal): void {
    this.#journal = journal
    this.#recorded = this.#known.length
  }

  /** An input was read. Throws `STORE_FAILED` where it cannot be written. */
  read(index: number, value: unknown): void {
    if (this.kind !== 'stream' || index < this.#recorded) return
    settle(value)
    void this.#note(String(index), value)
    this.#recorded = index + 1
  }

  /** There were no more. */
  ended(): void {
    if (this.kind === 'stream' && !this.#isComplete) void this.#note(END, this.#recorded)
  }

  #note(place: string, value: unknown): Promise<void> | undefined {
    return this.#journal?.note({ kind: 'input', place, value })
  }
}

/** Inputs that are compared before everything else has its turn. */
const COMPARED_AT_ONCE = 1000

/** Where no input was recorded. */
const NOTHING = Symbol('nothing')

/** What was read of a stream, and how many there were if it came to its end. Throws `STORE_FAILED`. */
function streamIn(journal: JournalReader, id: string): { known: unknown[]; end?: number } {
  const places: number[] = []
  const values: unknown[] = []
  let end: number | undefined
  for (const { place, value } of journal.notes('input')) {
    if (place === END) end = Number(value)
    else {
      places.push(Number(place))
      values.push(value)
    }
  }
  const length = end ?? places.length
  const known = Array.from<unknown>({ length }).fill(NOTHING)
  for (const [i, place] of places.entries()) if (place < length) known[place] = values[i]
  const missing = known.indexOf(NOTHING)
  if (missing >= 0) {
    throw new ClientError(
      'STORE_FAILED',
      `input number ${missing + 1} of run '${id}' is not recorded`,
    )
  }
  return { known, ...(end !== undefined && { end }) }
}

/**
 * What was read before, then what comes after it in the same inputs, which are compared with it. What can be given at
 * once is: there may be a hundred thousand.
 */
class ContinuedInputs {
  readonly #id: string
  readonly #known: readonly unknown[]
  readonly #rest: InputSource
  #handedOver = 0
  #compared = 0

  constructor(known: readonly unknown[], { id, given }: { id: string; given: unknown }) {
    this.#id = id
    this.#known = known
    this.#rest = new InputSource(given)
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  /** Rejects with `INVALID_INPUT` where they are others, and with what reading them throws. */
  next(): IteratorResult<unknown> | Promise<IteratorResult<unknown>> {
    if (this.#handedOver === this.#known.length) return this.#unknown()
    return { done: false, value: this.#known[this.#handedOver++] }
  }

  /** What comes after those that are known, which are compared first. */
  async #unknown(): Promise<IteratorResult<unknown>> {
    for (;;) {
      const given = readFrom(this.#rest)
      const reading = isThenable(given) ? await given : given
      if (reading.kind === 'trouble') throw reading.error
      if (this.#compared === this.#known.length) {
        return reading.kind === 'end'
          ? { done: true, value: undefined }
          : { done: false, value: reading.value }
      }
      this.#compare(reading)
      if (this.#compared % COMPARED_AT_ONCE === 0) await setImmediate()
    }
  }

  #compare(reading: Exclude<Reading, { kind: 'trouble' }>): void {
    const index = this.#compared++
    if (reading.kind === 'input' && isSame(this.#known[index], reading.value)) return
    this.#rest.stop()
    const { length } = this.#known
    if (reading.kind === 'end') throw fewerInputs(this.#id, { given: index, read: length })
    throw otherInputs(this.#id, index)
  }

  /** Who stops reading closes them at once. */
  return(): IteratorResult<unknown> {
    this.#rest.stop()
    return { done: true, value: undefined }
  }
}

/** At once, where it is there. */
function readFrom(source: InputSource): Reading | Promise<Reading> {
  let now: Reading | undefined
  let later: ((reading: Reading) => void) | undefined
  source.read((reading) => {
    if (later) later(reading)
    else now = reading
  })
  return now ?? new Promise((resolve) => (later = resolve))
}

/** Equal as values: what was recorded has lost its prototype, if it had one of its own. */
function isSame(recorded: unknown, given: unknown): boolean {
  if (isDeepStrictEqual(recorded, given)) return true
  try {
    return canonicalText(recorded) === canonicalText(given)
  } catch {
    return false
  }
}

const SAME_AGAIN = 'give it the same again; other inputs need a run of their own'

function otherInputs(id: string, index?: number): ClientError {
  const which = index === undefined ? 'the inputs are' : `input number ${index + 1} is`
  return new ClientError('INVALID_INPUT', `${which} not what run '${id}' had read: ${SAME_AGAIN}`)
}

function fewerInputs(
  id: string,
  { given, read }: { readonly given: number; readonly read: number },
): ClientError {
  const message = `there are only ${given} inputs, and run '${id}' had read ${read}: ${SAME_AGAIN}`
  return new ClientError('INVALID_INPUT', message)
}
