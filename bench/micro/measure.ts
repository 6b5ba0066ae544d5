/** A part of the program that is timed: runs it `times` times. */
export interface Case {
  readonly name: string
  /** What it must not cost more than, in microseconds. */
  readonly aimUs?: number
  readonly run: (times: number) => void | Promise<void>
}

export interface Timing {
  readonly of: Case
  /** CPU time per run, in microseconds, the median of the rounds. */
  readonly us: number
}

const ROUNDS = 9
/** Long enough for the compiler and the clock, in milliseconds. */
const ROUND_MS = 120
const WARM_MS = 500

/** Times all cases in interleaved rounds: what disturbs the machine disturbs them all. */
export async function measure(cases: readonly Case[]): Promise<Timing[]> {
  const plans: { readonly times: number; readonly samples: number[]; readonly each: Case }[] = []
  for (const each of cases) plans.push({ each, times: await timesFor(each), samples: [] })
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { each, times, samples } of plans) {
      const before = process.cpuUsage()
      await each.run(times)
      const { user, system } = process.cpuUsage(before)
      samples.push((user + system) / times)
    }
  }
  return plans.map(({ each, samples }) => ({ of: each, us: median(samples) }))
}

/** How many runs fill a round, once the program is warm. */
async function timesFor(each: Case): Promise<number> {
  const end = performance.now() + WARM_MS
  while (performance.now() < end) await each.run(64)
  for (let times = 16; ; times *= 4) {
    const start = performance.now()
    await each.run(times)
    const ms = performance.now() - start
    if (ms > ROUND_MS / 4) return Math.max(1, Math.round((times * ROUND_MS) / ms))
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
