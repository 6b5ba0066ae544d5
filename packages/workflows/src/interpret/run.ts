import { bounded } from '../bounds.ts'
import { WorkflowError } from '../errors.ts'
import type { Memory } from './memory.ts'
import type {
  Answer,
  Completion,
  Need,
  Pause,
  SingleAnswer,
  SkippedStep,
  StepTrace,
} from '../needs.ts'
import type { BodyPlan, Program, Station } from '../compile/station.ts'
import type { Lookup } from '../template.ts'

/** A part of the walk: yields needs, is sent answers, comes to a `T`. */
export type Walk<T> = Generator<Need | Pause, T, Answer>

export const PAUSE: Pause = { kind: 'pause' }

/** A workflow under way. Branches have a memory of their own and share the rest. */
export interface Run {
  readonly program: Program
  readonly memory: Memory
  readonly tally: Tally
  readonly dice: Dice
  /** Branches that a failed step left under way. */
  readonly left: string[]
  /** Walks a body to its end; here so that steps that hold bodies need not know the walker. */
  readonly walk: (run: Run, body: BodyPlan) => Walk<unknown>
}

/** What a run counts. */
export interface Tally {
  readonly steps: string[]
  readonly trace: StepTrace[] | undefined
  readonly cut: Set<string>
  readonly skipped: SkippedStep[]
  input: number
  output: number
}

/** Chance that can be repeated: seeds for models and draws, each branch with its own. */
export interface Dice {
  /** Absent: sampling by models is left to them. */
  readonly seed: number | undefined
  /** Where drawing from lists begins. */
  readonly drawSeed: () => number
  questions: number
  draws: number
  branches: number
}

/** The dice of the next branch: what it throws does not depend on how far the others are. */
export function branchDice(dice: Dice): Dice {
  const { seed, drawSeed } = dice
  dice.branches += 1
  const branch = -dice.branches
  return {
    seed: seed === undefined ? undefined : mix(seed, branch),
    drawSeed: () => mix(drawSeed(), branch),
    questions: 0,
    draws: 0,
    branches: 0,
  }
}

/** One visit to a step. */
export interface Visit {
  readonly run: Run
  readonly station: Station
  /** Values for its prompts: its inputs, then memory. */
  readonly lookup: Lookup
}

type AnswerKind = Exclude<SingleAnswer['kind'], 'failure'>

/**
 * The answer that was asked for.
 *
 * @throws {WorkflowError} `STEP_FAILED` where the world could not answer
 */
export function taken<K extends AnswerKind>(
  answer: Answer,
  kind: K,
): Extract<SingleAnswer, { kind: K }> {
  if (answer.kind === 'result') bounded(answer.value)
  if (isKind(answer, kind)) return answer
  if (answer.kind === 'failure') {
    throw new WorkflowError('STEP_FAILED', answer.message, { retryable: answer.retryable })
  }
  throw new WorkflowError(
    'BAD_CHECKPOINT',
    `an answer of the kind '${answer.kind}' came where '${kind}' was asked for`,
  )
}

function isKind<K extends AnswerKind>(
  answer: Answer,
  kind: K,
): answer is Extract<SingleAnswer, { kind: K }> {
  return answer.kind === kind
}

/** Notes what an answer cost, and the visit in the trace. */
export function recordCompletion(
  { run: { tally }, station }: Visit,
  prompt: string,
  { text, model, finishReason, usage, ms }: Completion,
): void {
  tally.input += usage.input
  tally.output += usage.output
  if (finishReason === 'length') tally.cut.add(station.id)
  tally.trace?.push({ step: station.id, prompt, answer: text, model, finishReason, usage, ms })
}

/** Notes a step that asked no model. */
export function recordResult(visit: Visit, prompt: string, answer: string): void {
  recordModelless(visit, { prompt, answer })
}

/** Notes what was asked in vain, where it was. */
export function recordFailure(visit: Visit, prompt: string, answer: Answer): void {
  if (answer.kind === 'failure')
    recordModelless(visit, { prompt, answer: '', error: answer.message })
}

function recordModelless(
  { run, station }: Visit,
  entry: Pick<StepTrace, 'prompt' | 'answer' | 'error'>,
): void {
  const usage = { input: 0, output: 0 }
  const told = { model: '', finishReason: 'stop', usage, ms: 0 } as const
  run.tally.trace?.push({ step: station.id, ...told, ...entry })
}

/** A whole number made of two, evenly spread: a seed for each question of a run. */
export function mix(seed: number, count: number): number {
  let hash = (seed ^ Math.imul(count + 1, 0x9e3779b1)) | 0
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 1
}
