import { holds } from './condition.ts'
import { DEFAULT_RETRY, END, type Condition, type WorkflowDocument } from './document.ts'
import { WorkflowError } from './errors.ts'
import { Memory } from './memory.ts'
import type {
  Answer,
  Checkpoint,
  Completion,
  CompletionNeed,
  Message,
  Need,
  Outcome,
  SkippedStep,
  StepTrace,
} from './needs.ts'
import { blame, programOf, type Place, type Program, type Station } from './program.ts'
import { giveBack } from './returns.ts'
import { mismatchText } from './mismatch.ts'
import { textOf } from './template.ts'

export interface InterpretOptions {
  /** Answers of an earlier attempt: replayed, nothing of them is asked again. */
  readonly from?: Checkpoint | undefined
  /** Makes sampling repeatable: each question gets its own seed made of it. */
  readonly seed?: number | undefined
  /** Whether each step's prompt and answer come with the outcome. @default false */
  readonly trace?: boolean | undefined
}

/** What changes while a workflow runs. */
interface Run {
  readonly program: Program
  readonly memory: Memory
  readonly seed: number | undefined
  readonly trace: StepTrace[] | undefined
  readonly steps: string[]
  readonly cut: string[]
  readonly skipped: SkippedStep[]
  input: number
  output: number
  questions: number
}

/**
 * Walks a workflow: yields what it needs and is sent the answer. Pure: the same document, input, seed
 * and answers give the same needs and the same outcome.
 *
 * @throws {WorkflowError} from `next()`
 */
export function* interpret(
  document: WorkflowDocument,
  input: Readonly<Record<string, unknown>>,
  options: InterpretOptions = {},
): Generator<Need, Outcome, Answer> {
  const walk = walkProgram(begin(programOf(document), input, options))
  let next = walk.next()
  for (const answer of options.from?.answers ?? []) {
    if (next.done === true) {
      throw new WorkflowError(
        'BAD_CHECKPOINT',
        'the checkpoint has more answers than the workflow asks for',
      )
    }
    next = walk.next(answer)
  }
  while (next.done !== true) next = walk.next(yield next.value)
  return next.value
}

function begin(
  program: Program,
  input: Readonly<Record<string, unknown>>,
  { seed, trace = false }: InterpretOptions,
): Run {
  const values: Record<string, unknown> = {}
  for (const key of Object.keys(input)) {
    if (!program.inputs.some((known) => known.key === key)) {
      throw new WorkflowError(
        'INVALID_INPUT',
        `the workflow '${program.name}' has no input '${key}'`,
      )
    }
  }
  for (const { key, optional, check } of program.inputs) {
    const value = Object.hasOwn(input, key) ? input[key] : undefined
    if (value === undefined && optional) continue
    if (value === undefined)
      throw new WorkflowError('INVALID_INPUT', `the input '${key}' is missing`)
    const wrong = check(value)
    if (wrong !== undefined) {
      throw new WorkflowError(
        'INVALID_INPUT',
        `the input '${key}' does not fit: ${mismatchText(wrong)}`,
      )
    }
    values[key] = value
  }
  return {
    program,
    memory: new Memory(values),
    seed,
    trace: trace ? [] : undefined,
    steps: [],
    cut: [],
    skipped: [],
    input: 0,
    output: 0,
    questions: 0,
  }
}

function* walkProgram(run: Run): Generator<Need, Outcome, Answer> {
  const { program } = run
  let place: Place = program.start
  while (place !== END) {
    if (run.steps.length >= program.maxSteps) {
      throw new WorkflowError(
        'TOO_MANY_STEPS',
        `the workflow '${program.name}' took ${program.maxSteps} steps without coming to its end`,
      )
    }
    place = yield* visit(run, place)
  }
  return {
    output: giveBack(program.returns, readReturns(run)),
    steps: run.steps,
    trace: run.trace ?? [],
    usage: { input: run.input, output: run.output },
    cut: run.cut,
    skipped: run.skipped,
  }
}

function* visit(run: Run, station: Station): Generator<Need, Place, Answer> {
  run.steps.push(station.id)
  try {
    const value = yield* answer(run, station)
    run.memory.put(station.outputs, value)
    return wayOn(run, station)
  } catch (error) {
    if (!(error instanceof WorkflowError)) throw error
    if (station.fallback !== undefined) return station.fallback
    throw blame(error, `step '${station.id}'`, station.id)
  }
}

function wayOn(run: Run, station: Station): Place {
  for (const { condition, to, otherwise } of station.ways) {
    if (condition === undefined || fulfilled(run, condition)) return to
    if (otherwise !== undefined) return otherwise
  }
  throw new WorkflowError(
    'NO_WAY_ON',
    'none of its edges can be taken; add one without a condition',
  )
}

function fulfilled({ memory }: Run, { input, expression, expected }: Condition): boolean {
  const value = memory.take(input)
  if (value === undefined && !(typeof input === 'object' && input.required === false)) {
    const key = typeof input === 'string' ? input : 'key' in input ? input.key : input.type
    throw new WorkflowError('MISSING_VALUE', `a condition reads '${key}', which has no value`)
  }
  if (expression === 'HaveSimilar') {
    throw new WorkflowError(
      'STEP_FAILED',
      'HaveSimilar needs a store of vectors, which is not there',
    )
  }
  return holds(expression, value, expected)
}

/** Asks the model until its answer can be used, or often enough. */
function* answer(run: Run, station: Station): Generator<Need, unknown, Answer> {
  const { reader, step } = station
  const conversation = messagesOf(run, station)
  const attempts = 1 + (step.retry ?? DEFAULT_RETRY)
  for (let attempt = 1; ; attempt += 1) {
    const completion = yield* complete(run, { station, messages: conversation, attempt })
    const reading = reader.read(completion.text, completion.finishReason)
    if (reading.ok) return reading.value
    if (attempt >= attempts) {
      throw new WorkflowError(
        'UNUSABLE_ANSWER',
        `no usable answer in ${attempts} attempts; the last: ${reading.reason}`,
      )
    }
    conversation.push(
      { role: 'assistant', content: completion.text },
      { role: 'user', content: askAgain(reading.reason, reader.schema) },
    )
  }
}

interface Question {
  readonly station: Station
  readonly messages: readonly Message[]
  readonly attempt: number
}

function* complete(run: Run, question: Question): Generator<Need, Completion, Answer> {
  const sent = yield needOf(run, question)
  if (sent.kind === 'failure') {
    throw new WorkflowError('STEP_FAILED', sent.message, { retryable: sent.retryable })
  }
  if (sent.kind !== 'completion') {
    throw new WorkflowError(
      'BAD_CHECKPOINT',
      `a ${sent.kind} came where a completion was asked for`,
    )
  }
  record(run, question, sent)
  return sent
}

function needOf(run: Run, { station, messages, attempt }: Question): CompletionNeed {
  const { step, reader } = station
  const maxTokens = step.maxTokens ?? run.program.maxTokens
  const seed = step.sampling?.seed ?? derivedSeed(run)
  const sampling = seed === undefined ? step.sampling : { ...step.sampling, seed }
  run.questions += 1
  return {
    kind: 'completion',
    step: step.id,
    attempt,
    messages: messages.slice(),
    ...(reader.schema === undefined ? {} : { schema: reader.schema }),
    ...(step.models === undefined ? {} : { models: step.models }),
    ...(sampling === undefined ? {} : { sampling }),
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...(step.timeoutMs === undefined ? {} : { timeoutMs: step.timeoutMs }),
  }
}

/** A seed of its own for each question, so that two visits of a loop are not the same answer. */
function derivedSeed({ seed, questions }: Run): number | undefined {
  return seed === undefined ? undefined : (Math.imul(questions, 0x9e3779b1) + seed) & 0x7fffffff
}

function record(run: Run, { station, messages }: Question, sent: Completion): void {
  run.input += sent.usage.input
  run.output += sent.usage.output
  if (sent.finishReason === 'length') run.cut.push(station.id)
  run.trace?.push({
    step: station.id,
    prompt: messages.at(-1)?.content ?? '',
    answer: sent.text,
    model: sent.model,
    finishReason: sent.finishReason,
    usage: sent.usage,
    ms: sent.ms,
  })
}

function messagesOf(run: Run, station: Station): Message[] {
  const lookup = lookupOf(run, station)
  return station.messages.map(({ role, content, images }) => {
    const message = { role, content: content.render(lookup) }
    return images.length === 0
      ? message
      : { ...message, images: images.map((image) => image.render(lookup)) }
  })
}

function lookupOf({ memory }: Run, { inputs }: Station): (name: string) => unknown {
  if (inputs.length === 0) return (name) => memory.read(name)
  const values = new Map<string, unknown>()
  for (const [name, input] of inputs) {
    const value = memory.take(input)
    values.set(name, value ?? absentText(name, input))
  }
  return (name) => (values.has(name) ? values.get(name) : memory.read(name))
}

/** An input that is not required is the empty text where it has no value. */
function absentText(name: string, input: Station['inputs'][number][1]): string {
  if (typeof input === 'object' && input.required === false) return ''
  throw new WorkflowError('MISSING_VALUE', `its input '${name}' has no value`)
}

function readReturns({ memory, program }: Run): readonly unknown[] {
  return program.returns.values.map(({ name, input }) => {
    const value = memory.take(input)
    if (value !== undefined) return value
    const key = typeof input === 'string' ? input : (name ?? textOf(input))
    throw new WorkflowError('MISSING_VALUE', `the return value '${key}' was never written`)
  })
}

function askAgain(reason: string, schema: unknown): string {
  return `That answer cannot be used: ${reason}. Answer again, with nothing but JSON that matches this schema: ${JSON.stringify(schema)}`
}
