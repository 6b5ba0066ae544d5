/** What is asked of every peer. */
export interface Scenario {
  /**
   * - `bulk`: all tasks are handed over at once; how long they take together is measured
   * - `closed`: `inFlight` tasks at a time; how long each takes is measured
   * - `kill`: like bulk, and worker 0 gets `signal` when half is done
   * - `crash`: like bulk, and the coordinator is killed when half is done, then started again
   */
  readonly kind: 'bulk' | 'closed' | 'kill' | 'crash'
  readonly tasks: number
  /** Whether `tasks` counts those of one worker. */
  readonly perWorker?: boolean
  /** Tasks that one worker runs at once. */
  readonly slots: number
  /** Tasks run before measuring. */
  readonly warm: number
  /** Whether they are repeated for some seconds: programs compile while they start. */
  readonly warms?: boolean
  /** The scenario is repeated until this is over, in milliseconds. */
  readonly leastMs?: number
  /** The scenario is cut off after this, in milliseconds. */
  readonly mostMs: number
  readonly inFlight?: number
  /** Travel time added on each side of the engine, in milliseconds. */
  readonly oneWayMs?: number
  /** Whether workers differ in speed: 1, 2, 4, 8, 1, … */
  readonly skewed?: boolean
  readonly signal?: 'SIGKILL' | 'SIGSTOP'
  /** The length of a task at speed 1, in milliseconds. */
  length(random: () => number): number
}

const SPEEDS = [1, 2, 4, 8] as const

export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  noop: {
    kind: 'bulk',
    tasks: 10_000,
    slots: 64,
    warm: 2_000,
    warms: true,
    mostMs: 60_000,
    leastMs: 5_000,
    length: () => 0,
  },
  lat1: {
    kind: 'closed',
    tasks: 1_000,
    slots: 4,
    warm: 200,
    warms: true,
    mostMs: 4_000,
    inFlight: 1,
    length: () => 0,
  },
  lat16: {
    kind: 'closed',
    tasks: 4_000,
    slots: 4,
    warm: 200,
    warms: true,
    mostMs: 4_000,
    inFlight: 16,
    length: () => 0,
  },
  sleep: {
    kind: 'bulk',
    tasks: 600,
    perWorker: true,
    slots: 4,
    warm: 200,
    warms: true,
    mostMs: 90_000,
    length: () => 20,
  },
  skew: {
    kind: 'bulk',
    tasks: 3_000,
    slots: 4,
    warm: 200,
    warms: true,
    mostMs: 90_000,
    skewed: true,
    length: logNormal(120, 1),
  },
  wan: {
    kind: 'bulk',
    tasks: 480,
    slots: 4,
    warm: 64,
    warms: true,
    mostMs: 60_000,
    oneWayMs: 50,
    length: () => 200,
  },
  kill: {
    kind: 'kill',
    signal: 'SIGKILL',
    tasks: 4_000,
    slots: 4,
    warm: 200,
    mostMs: 100_000,
    length: () => 20,
  },
  freeze: {
    kind: 'kill',
    signal: 'SIGSTOP',
    tasks: 4_000,
    slots: 4,
    warm: 200,
    mostMs: 100_000,
    length: () => 20,
  },
  crash: { kind: 'crash', tasks: 4_000, slots: 4, warm: 200, mostMs: 60_000, length: () => 20 },
}

/** The scenario of that name. */
export function scenarioOf(name: string): Scenario {
  const scenario = SCENARIOS[name]
  if (scenario === undefined) {
    throw new RangeError(`no scenario "${name}"; there are ${Object.keys(SCENARIOS).join(', ')}`)
  }
  return scenario
}

export function speedOf(scenario: Scenario, worker: number): number {
  return scenario.skewed === true ? (SPEEDS[worker % SPEEDS.length] ?? 1) : 1
}

/** Log-normal lengths with this mean, by the Box-Muller transform. */
function logNormal(mean: number, sigma: number): (random: () => number) => number {
  const mu = Math.log(mean) - (sigma * sigma) / 2
  return (random) => {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
    return Math.exp(mu + sigma * normal)
  }
}
