import { bounded } from '../bounds.ts'
import { sha256 } from '../document/canonical.ts'
import type { WorkflowDocument } from '../document/document.ts'
import { WorkflowError } from '../errors.ts'
import { Memory } from './memory.ts'
import { mismatchText, type Check } from '../schema/mismatch.ts'
import type {
  Answer,
  BranchAnswer,
  Checkpoint,
  Need,
  Outcome,
  Pause,
  SingleNeed,
  StepTrace,
} from '../needs.ts'
import { programOf } from '../compile/program.ts'
import { PAUSE, type Run, type Walk } from './run.ts'
import type { Program } from '../compile/station.ts'
import { walkBody } from './walk.ts'

export interface InterpretOptions {
  /** Answers of an earlier attempt: replayed, nothing of them is asked again. */
  readonly from?: Checkpoint | undefined
  /** Makes sampling repeatable: each question and each draw gets its own seed made of it. */
  readonly seed?: number | undefined
  /**
   * Whether each step's prompt and answer come with the outcome; or the list that takes them as they come, which
   * has them also where the workflow fails.
   *
   * @default false
   */
  readonly trace?: boolean | StepTrace[] | undefined
}

/** The same, with a `Pause` now and then, for who has other things to do: steps that ask nothing may be many. */
export interface PausingOptions extends InterpretOptions {
  readonly pauses: true
}

/**
 * Walks a workflow: yields what it needs and is sent the answer. Pure: the same document, input, seed and answers
 * give the same needs and the same outcome.
 *
 * @throws {WorkflowError} from `next()`
 */
export function interpret(
  document: WorkflowDocument,
  input: Readonly<Record<string, unknown>>,
  options: PausingOptions,
): Generator<Need | Pause, Outcome, Answer>
export function interpret(
  document: WorkflowDocument,
  input: Readonly<Record<string, unknown>>,
  options?: InterpretOptions,
): Generator<Need, Outcome, Answer>
export function interpret(
  document: WorkflowDocument,
  input: Readonly<Record<string, unknown>>,
  options: InterpretOptions | PausingOptions = {},
): Generator<Need | Pause, Outcome, Answer> {
  const walk = walkAll(document, input, options)
  return 'pauses' in options ? walk : withoutPauses(walk)
}

function* withoutPauses<T>(walk: Walk<T>): Generator<Need, T, Answer> {
  let next = walk.next()
  while (next.done !== true) {
    next = next.value.kind === 'pause' ? walk.next() : walk.next(yield next.value)
  }
  return next.value
}

function* walkAll(
  document: WorkflowDocument,
  input: Readonly<Record<string, unknown>>,
  { from, seed, trace = false }: InterpretOptions,
): Walk<Outcome> {
  const program = programOf(document)
  const run: Run = {
    program,
    memory: new Memory(checkInput(program, input), program.memory),
    tally: {
      steps: [],
      trace: trace === true ? [] : trace || undefined,
      cut: new Set(),
      skipped: [],
      input: 0,
      output: 0,
    },
    dice: { seed, drawSeed: () => seed ?? seedOf(input), questions: 0, draws: 0, branches: 0 },
    left: [],
    walk: walkBody,
  }
  const walk = walkBody(run, program.body)
  const output = yield* from === undefined ? walk : resumed(walk, from)
  return outcomeOf(run, output)
}

function outcomeOf({ tally }: Run, output: unknown): Outcome {
  return {
    output,
    steps: tally.steps,
    trace: tally.trace ?? [],
    usage: { input: tally.input, output: tally.output },
    cut: [...tally.cut],
    skipped: tally.skipped,
  }
}

/** Without a seed, draws differ by input and are still the same when replayed. */
function seedOf(input: Readonly<Record<string, unknown>>): number {
  return Number.parseInt(sha256(JSON.stringify(input)).slice(0, 7), 16)
}

function checkInput(
  { name, inputs }: Program,
  input: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const unknown = Object.keys(input).find((key) => !inputs.has(key))
  if (unknown !== undefined) {
    const known = [...inputs.keys()].map((key) => `'${key}'`).join(', ') || 'none'
    throw new WorkflowError(
      'INVALID_INPUT',
      `the workflow '${name}' has no input '${unknown}'; it has ${known}`,
    )
  }
  const entries = [...inputs].flatMap(([key, { optional, check }]) => {
    const value = ownValue(input, key)
    if (value === undefined && optional) return []
    if (value === undefined) throw lack(inputs, input)
    const reason = misfit(value, check)
    if (reason === undefined) return [[key, value] as const]
    throw new WorkflowError('INVALID_INPUT', `the input '${key}' does not fit: ${reason}`)
  })
  return Object.fromEntries(entries)
}

function ownValue(input: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(input, key) ? input[key] : undefined
}

/** Names every input that is missing: one after the other would take as many tries. */
function lack(inputs: Program['inputs'], input: Readonly<Record<string, unknown>>): WorkflowError {
  const missing = [...inputs].flatMap(([key, { optional }]) =>
    optional || ownValue(input, key) !== undefined ? [] : [`'${key}'`],
  )
  const last = missing.pop() ?? ''
  const what =
    missing.length === 0
      ? `the input ${last} is missing`
      : `the inputs ${missing.join(', ')} and ${last} are missing`
  return new WorkflowError('INVALID_INPUT', what)
}

function misfit(value: unknown, check: Check): string | undefined {
  try {
    const wrong = check(bounded(value))
    return wrong === undefined ? undefined : mismatchText(wrong)
  } catch (error) {
    if (error instanceof WorkflowError) return error.message
    throw error
  }
}

/** Sends the answers of a checkpoint first. What they left under way is begun again. */
function* resumed<T>(walk: Walk<T>, { answers }: Checkpoint): Walk<T> {
  const open = new Map<string, SingleNeed>()
  let next = yield* toNeed(walk, walk.next())
  for (const answer of answers) {
    if (next.done === true) {
      throw new WorkflowError(
        'BAD_CHECKPOINT',
        'the checkpoint has more answers than the workflow asks for',
      )
    }
    track(open, next.value)
    if (answer.kind === 'branch') close(open, answer)
    next = yield* toNeed(walk, walk.next(answer))
  }
  if (next.done === true) return next.value
  track(open, next.value)
  const first: Need =
    next.value.kind === 'parallel'
      ? { ...next.value, start: [...open].map(([branch, need]) => ({ branch, need })), stop: [] }
      : next.value
  let later = walk.next(yield first)
  while (later.done !== true) later = walk.next(yield later.value)
  return later.value
}

/** Goes on after pauses, with a pause for each, to what is needed or the end. */
function* toNeed<T>(
  walk: Walk<T>,
  reached: IteratorResult<Need | Pause, T>,
): Walk<IteratorResult<Need, T>> {
  let next = reached
  for (;;) {
    if (next.done === true) return next
    const need = next.value
    if (need.kind !== 'pause') return { done: false, value: need }
    yield PAUSE
    next = walk.next()
  }
}

function track(open: Map<string, SingleNeed>, need: Need): void {
  if (need.kind !== 'parallel') {
    open.clear()
    return
  }
  for (const branch of need.stop) open.delete(branch)
  for (const { branch, need: single } of need.start) open.set(branch, single)
}

function close(open: Map<string, SingleNeed>, { branch }: BranchAnswer): void {
  open.delete(branch)
}
