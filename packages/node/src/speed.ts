/** A newer measurement weighs so much: about the last ten count. */
const WEIGHT = 0.2
/** Shorter answers say more about the start than about the speed. */
const LEAST_TOKENS = 2

/** How fast a model writes one answer here, as measured. */
export class Speed {
  #tokensPerSecond: number | undefined

  /** Undefined until something was measured; two digits, so that it does not change all the time. */
  get tokensPerSecond(): number | undefined {
    return this.#tokensPerSecond === undefined
      ? undefined
      : Number(this.#tokensPerSecond.toPrecision(2))
  }

  note(tokens: number, ms: number): void {
    if (tokens < LEAST_TOKENS || ms <= 0) return
    const measured = (tokens / ms) * 1000
    const before = this.#tokensPerSecond ?? measured
    this.#tokensPerSecond = before + WEIGHT * (measured - before)
  }
}
