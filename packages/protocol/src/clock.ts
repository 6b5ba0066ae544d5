/** Time as a session sees it. Tests and the simulator pass their own. */
export interface Clock {
  /** Milliseconds since some fixed moment; never goes back. */
  now(): number
  /** Runs once after that many milliseconds. Call the returned function to call it off. */
  schedule(ms: number, run: () => void): () => void
}

/** Node's timers know no more milliseconds than these, not quite 25 days: one that is longer would run at once. */
const MOST_MS = 2 ** 31 - 1

/** The clock of this machine. */
export const systemClock: Clock = {
  now: () => performance.now(),
  schedule: (ms, run) => {
    let timer: NodeJS.Timeout
    const wait = (leftMs: number): void => {
      timer =
        leftMs <= MOST_MS
          ? setTimeout(run, leftMs)
          : setTimeout(() => {
              wait(leftMs - MOST_MS)
            }, MOST_MS)
    }
    wait(ms)
    return () => {
      clearTimeout(timer)
    }
  },
}
