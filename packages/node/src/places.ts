import type { LentModel } from './catalogue.ts'

/** A slot at a model, for one completion. */
export interface Place {
  readonly model: LentModel
  leave(): void
}

/** Where the branches of a task get their slots from. */
export interface Slots {
  /**
   * The model to ask in the task's own slot: that of the task, or the first of a step's own models
   * that is here, once the slot is there.
   *
   * @throws {EngineError} `MODEL_MISSING`
   */
  model(wanted: readonly string[] | undefined): LentModel | Promise<LentModel>
  /** Another slot for such a model, if one stands idle. */
  borrow(wanted: readonly string[] | undefined): Place | undefined
}

interface Waiting {
  readonly wanted: readonly string[] | undefined
  readonly signal: AbortSignal
  readonly place: PromiseWithResolvers<Place>
  readonly giveUp: () => void
}

/**
 * The slots of one task whose branches run side by side. A task is admitted with one slot, and that one
 * its completions share, one after another. Slots that stand idle while nobody waits for them are
 * borrowed besides, each for one completion, so that a lone task fills its node and a busy node does
 * each task's branches in turn.
 *
 * No deadlock can come of it: a borrowed slot is never waited for and is never held while waiting for
 * anything else, and who waits for the task's own slot waits for one completion or, when the slot
 * moves to another model, for a place in line there that holds nothing.
 */
export class Places {
  readonly #slots: Slots
  readonly #line = new Set<Waiting>()
  #isOwnTaken = false

  constructor(slots: Slots) {
    this.#slots = slots
  }

  /** Whether the task's own slot is free for whatever comes next. */
  get isOwnFree(): boolean {
    return !this.#isOwnTaken
  }

  /**
   * A slot for one completion, as soon as there is one.
   *
   * @throws {EngineError} `MODEL_MISSING`, or the signal's reason
   */
  async take(wanted: readonly string[] | undefined, signal: AbortSignal): Promise<Place> {
    signal.throwIfAborted()
    const place = this.#line.size === 0 ? this.#tryTake(wanted, signal) : undefined
    return place ?? this.#waitFor(wanted, signal)
  }

  #tryTake(
    wanted: readonly string[] | undefined,
    signal: AbortSignal,
  ): Place | Promise<Place> | undefined {
    if (!this.#isOwnTaken) return this.#takeOwn(wanted, signal)
    const borrowed = this.#slots.borrow(wanted)
    if (borrowed === undefined) return undefined
    return {
      model: borrowed.model,
      leave: () => {
        borrowed.leave()
        this.#serve()
      },
    }
  }

  /** Who gives up while the slot moves leaves it to the next. */
  #takeOwn(wanted: readonly string[] | undefined, signal: AbortSignal): Place | Promise<Place> {
    const leave = () => {
      this.#isOwnTaken = false
      this.#serve()
    }
    const asked = this.#slots.model(wanted)
    this.#isOwnTaken = true
    if (!(asked instanceof Promise)) return { model: asked, leave }
    return this.#moved(asked, { signal, leave })
  }

  async #moved(
    asked: Promise<LentModel>,
    { signal, leave }: { readonly signal: AbortSignal; readonly leave: () => void },
  ): Promise<Place> {
    const place = Promise.withResolvers<Place>()
    const giveUp = () => {
      place.reject(reasonOf(signal))
    }
    const arrive = async () => {
      try {
        const model = await asked
        if (signal.aborted) leave()
        else place.resolve({ model, leave })
      } catch (error) {
        leave()
        place.reject(error)
      }
    }
    signal.addEventListener('abort', giveUp, { once: true })
    void arrive()
    try {
      return await place.promise
    } finally {
      signal.removeEventListener('abort', giveUp)
    }
  }

  #waitFor(wanted: readonly string[] | undefined, signal: AbortSignal): Promise<Place> {
    const place = Promise.withResolvers<Place>()
    const giveUp = () => {
      this.#line.delete(waiting)
      place.reject(reasonOf(signal))
    }
    const waiting = { wanted, signal, place, giveUp }
    signal.addEventListener('abort', giveUp, { once: true })
    this.#line.add(waiting)
    return place.promise
  }

  /** Gives what has become free to those who wait, in their order. */
  #serve(): void {
    for (const waiting of this.#line) {
      const { wanted, signal, place, giveUp } = waiting
      try {
        const taken = this.#tryTake(wanted, signal)
        if (taken === undefined) return
        place.resolve(taken)
      } catch (error) {
        place.reject(error)
      }
      this.#line.delete(waiting)
      signal.removeEventListener('abort', giveUp)
    }
  }
}

function reasonOf(signal: AbortSignal): unknown {
  const reason: unknown = signal.reason
  return reason
}
