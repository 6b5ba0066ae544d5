/** Younger attempts are never doubled: most of them end by themselves before the double would. */
export const LEAST_AGE_MS = 100

/** A double must promise at least this gain, or it is not worth its cost. */
const LEAST_GAIN_MS = 50

/** Silence of a running task that is suspicious whatever its node did before. */
const LEAST_SILENCE_MS = 5000

/** One attempt that runs: for how long, and how long such a task usually takes there. */
export interface RunningAttempt {
  readonly ageMs: number
  readonly usualMs: number
}

/**
 * Whether to start a running task once more, on an idle node where such a task usually takes `usualMs`. What
 * has run long will, as task lengths go, run as long again: so a task is taken to be a usual one, or twice as
 * long as it has run already.
 */
export function isWorthHedging(running: readonly RunningAttempt[], usualMs: number): boolean {
  let passed = 0
  for (const attempt of running) {
    if (attempt.ageMs < Math.max(LEAST_AGE_MS, usualMs / 2)) return false
    passed = Math.max(passed, attempt.ageMs / attempt.usualMs)
  }
  const length = Math.max(1, 2 * passed)
  let remainingMs = Infinity
  for (const attempt of running) {
    remainingMs = Math.min(remainingMs, length * attempt.usualMs - attempt.ageMs)
  }
  return length * usualMs + LEAST_GAIN_MS < remainingMs
}

/** An attempt whose node has not spoken of it for a while. */
export interface Silence {
  readonly silentMs: number
  readonly running: boolean
  /** The longest usual silence at that node; 0: not known. */
  readonly gapMs: number
  /** How long the task was expected to take, waiting at the node included. */
  readonly expectedMs: number
}

/** Whether the node lives but does not get on with the task. */
export function isStalled({ silentMs, running, gapMs, expectedMs }: Silence): boolean {
  if (running) return silentMs > Math.max(LEAST_SILENCE_MS, 3 * gapMs)
  return silentMs > LEAST_SILENCE_MS + 3 * expectedMs
}

/** Attempts at one task that may run at the same time. */
export const MOST_AT_ONCE = 3

/** Doubles that may be started in all: some at any time, and one task in twenty. */
export function hedgeBudget(settled: number): number {
  return 8 + settled / 20
}
