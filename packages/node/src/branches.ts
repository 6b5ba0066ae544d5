import type { BranchAnswer, ParallelNeed, SingleAnswer, SingleNeed } from '@skein/workflows'
import type { Patience } from './completion.ts'
import { EngineError } from './engines/engine.ts'
import type { Errand } from './errand.ts'

/** The needs of branches that run side by side. */
export class Branches {
  /** Theirs come all at once: nothing that a reader could make sense of. */
  readonly text = ''
  readonly #begin: (need: SingleNeed) => Errand
  readonly #working = new Map<string, Errand>()
  /** Stopped, and perhaps still letting go of their engines. */
  readonly #leaving = new Set<Errand>()
  /** Answers that the interpreter has not been sent yet, in the order they came. */
  readonly #ended = new Map<string, SingleAnswer>()
  #defect: { readonly error: unknown } | undefined
  #wake: (() => void) | undefined

  constructor(begin: (need: SingleNeed) => Errand) {
    this.#begin = begin
  }

  /** Whether nothing is left of what was begun. */
  get isQuiet(): boolean {
    return this.#working.size === 0 && this.#leaving.size === 0
  }

  /** Tokens of the answers that are being written. */
  get tokens(): number {
    let tokens = 0
    for (const errand of this.#working.values()) tokens += errand.tokens
    return tokens
  }

  /** The step of the need that has been at work longest. */
  get step(): string | undefined {
    const [first] = this.#working.values()
    return first?.step
  }

  /** Does what the need says; gives the answer of whichever branch ended first. */
  async next({ start, stop }: ParallelNeed): Promise<BranchAnswer> {
    for (const branch of stop) this.#drop(branch)
    for (const { branch, need } of start) this.#start(branch, need)
    for (;;) {
      if (this.#defect !== undefined) throw this.#defect.error
      const [first] = this.#ended
      if (first !== undefined) {
        const [branch, answer] = first
        this.#ended.delete(branch)
        return { kind: 'branch', branch, answer }
      }
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#wake = resolve
      await promise
    }
  }

  /** Gives up all that is under way: nobody waits for it any more. */
  abandon(): void {
    for (const branch of this.#working.keys()) this.#drop(branch)
    this.#ended.clear()
  }

  /** Ends all that is under way; it comes to a failure. */
  stop(error: EngineError): void {
    for (const errand of this.#working.values()) errand.stop(error)
  }

  look(now: number, patience: Patience): void {
    for (const errand of this.#working.values()) errand.look(now, patience)
  }

  /** When every engine has let go. */
  async settled(): Promise<void> {
    const errands = [...this.#working.values(), ...this.#leaving]
    await Promise.allSettled(errands.map(({ answer }) => answer))
  }

  #start(branch: string, need: SingleNeed): void {
    this.#drop(branch)
    const errand = this.#begin(need)
    this.#working.set(branch, errand)
    void this.#await(branch, errand)
  }

  async #await(branch: string, errand: Errand): Promise<void> {
    try {
      const answer = await errand.answer
      if (!this.#leaving.has(errand)) this.#ended.set(branch, answer)
    } catch (error) {
      this.#defect ??= { error }
    }
    if (!this.#leaving.delete(errand)) this.#working.delete(branch)
    this.#wake?.()
  }

  #drop(branch: string): void {
    this.#ended.delete(branch)
    const errand = this.#working.get(branch)
    if (errand === undefined) return
    this.#working.delete(branch)
    this.#leaving.add(errand)
    errand.stop(new EngineError('ABORTED', 'the workflow gave its branch up'))
  }
}
