import { randomFor } from './random.ts'
import type { Target } from './target.ts'

/** Milliseconds that reading may take for each KB: a KB at least, as no reading is free. */
export const MOST_MS_PER_KB = 10

/** Runs of a suspect, alone: the fastest counts, as the machine has other things to do and memory to tidy. */
const TRIALS = 7

/** What came of reading many inputs. */
export interface Report {
  readonly target: string
  readonly seed: number
  readonly inputs: number
  /** How many were read to the end, and not refused. */
  readonly accepted: number
  readonly kilobytes: number
  readonly worst: Slow
  readonly failures: readonly Failure[]
}

/** What reading an input took. */
export interface Slow {
  readonly msPerKb: number
  readonly input: string
}

/** An input that crashed its reader, or took too long. */
export interface Failure {
  readonly input: string
  readonly reason: string
}

export interface CampaignOptions {
  readonly count: number
  readonly seed: number
  /** Called now and then with how far it is. */
  readonly onProgress?: (done: number) => void
  /** Failures after which it ends. @default 20 */
  readonly maxFailures?: number
}

/** Reads the kept seeds and `count` made inputs. */
export function campaign(
  target: Target,
  { count, seed, onProgress, maxFailures = 20 }: CampaignOptions,
): Report {
  const tally: Tally = {
    inputs: 0,
    accepted: 0,
    chars: 0,
    worst: { msPerKb: 0, input: '' },
    failures: [],
  }
  const { failures } = tally
  for (let index = -target.seeds.length; index < count; index += 1) {
    note(tally, target, inputAt(target, seed, index))
    if (failures.length >= maxFailures) break
    if (index % 10_000 === 0) onProgress?.(index)
  }
  return {
    target: target.name,
    seed,
    inputs: tally.inputs,
    accepted: tally.accepted,
    kilobytes: Math.round(tally.chars / 1024),
    worst: tally.worst,
    failures,
  }
}

/** What came of reading one input again. */
export interface Replay {
  /** `accepted`, `refused`, or why it fails: it crashes, or takes too long. */
  readonly outcome: string
  readonly msPerKb: number
  /** What was thrown: a refusal with its message, or a crash with its stack. */
  readonly error: unknown
}

/** Reads one input as a campaign does. */
export function replay(target: Target, input: string): Replay {
  const { outcome, error } = outcomeOf(target, input)
  const msPerKb = alone(target, input)
  const isSlow = (outcome === 'accepted' || outcome === 'refused') && msPerKb > MOST_MS_PER_KB
  return { outcome: isSlow ? tooSlow(msPerKb) : outcome, msPerKb, error }
}

interface Tally {
  inputs: number
  accepted: number
  chars: number
  worst: Slow
  readonly failures: Failure[]
}

/** Reads an input and notes what came of it. */
function note(tally: Tally, target: Target, input: string): void {
  tally.inputs += 1
  tally.chars += input.length
  const { outcome, msPerKb: first } = timed(target, input)
  if (outcome === 'accepted') tally.accepted += 1
  else if (outcome !== 'refused') tally.failures.push({ input, reason: outcome })
  if (first <= Math.min(tally.worst.msPerKb, MOST_MS_PER_KB)) return
  const msPerKb = alone(target, input)
  if (msPerKb > tally.worst.msPerKb) tally.worst = { msPerKb, input }
  if (msPerKb <= MOST_MS_PER_KB) return
  tally.failures.push({ input, reason: tooSlow(msPerKb) })
}

function tooSlow(msPerKb: number): string {
  return `it takes ${msPerKb.toFixed(1)} ms for each KB`
}

/** The input with this number; the kept ones have those below 0. */
function inputAt(target: Target, seed: number, index: number): string {
  return index < 0 ? (target.seeds.at(index) ?? '') : target.make(randomFor(seed, index))
}

/** Reads an input: `accepted`, `refused`, or how it crashed; with the processor's time it took. */
export function timed(
  target: Target,
  input: string,
): { readonly outcome: string; readonly msPerKb: number } {
  const before = process.threadCpuUsage()
  const { outcome } = outcomeOf(target, input)
  const { user, system } = process.threadCpuUsage(before)
  const ms = (user + system) / 1000
  return { outcome, msPerKb: ms / Math.max(1, input.length / 1024) }
}

function outcomeOf(target: Target, input: string): Pick<Replay, 'outcome' | 'error'> {
  try {
    target.read(input)
    return { outcome: 'accepted', error: undefined }
  } catch (error) {
    if (error instanceof Error && error.name === 'WorkflowError')
      return { outcome: 'refused', error }
    return { outcome: `it crashes: ${String(error).slice(0, 300)}`, error }
  }
}

function alone(target: Target, input: string): number {
  let least = Infinity
  for (let trial = 1; trial <= TRIALS; trial += 1) {
    // Prompts that were read before are kept compiled: with other spaces they are others.
    const varied = input.replaceAll('}}', `}}${' '.repeat(trial)}`)
    least = Math.min(least, timed(target, varied).msPerKb)
  }
  return least
}
