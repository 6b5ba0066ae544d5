import { WorkflowError } from '../errors.ts'
import type { Answer, Completion, CompletionNeed, Message, ToolCall } from '../needs.ts'
import type { Reading } from '../answers/reading.ts'
import {
  mix,
  recordCompletion,
  recordFailure,
  taken,
  type Run,
  type Visit,
  type Walk,
} from './run.ts'
import type { AskPlan, MessagePlan } from '../compile/station.ts'
import { textOf } from '../template.ts'
import { parseToolCalls } from '../answers/tool-calls.ts'
import { useTool, type ToolOutcome } from './tool-use.ts'

/** A conversation with a model in one visit to a step. */
interface Conversation {
  readonly visit: Visit
  readonly plan: AskPlan
  readonly messages: Message[]
  /** Questions asked so far. */
  attempt: number
}

/**
 * Runs a step that asks a model: for text or structured data, for calls of tools, or with tools at hand.
 *
 * @throws {WorkflowError}
 */
export function complete(visit: Visit, plan: AskPlan): Walk<unknown> {
  const conversation = { visit, plan, messages: messagesOf(visit, plan), attempt: 0 }
  if (plan.mode === 'text') return readable(conversation)
  return plan.mode === 'calls' ? rawCalls(conversation) : withTools(conversation)
}

/** Asks until the answer can be read, or often enough. */
function* readable(conversation: Conversation): Walk<unknown> {
  for (let refused = 0; ; refused += 1) {
    const { text, finishReason } = heard(conversation, yield question(conversation))
    const reading = conversation.plan.reader.read(text, finishReason)
    if (reading.ok) return reading.value
    refuse(conversation, { text, reason: reading.reason, refused })
  }
}

/** The calls that the model would make; nothing is run. */
function* rawCalls(conversation: Conversation): Walk<readonly ToolCall[]> {
  for (let refused = 0; ; refused += 1) {
    const completion = heard(conversation, yield question(conversation))
    const found = callsIn(completion)
    if (found.ok && found.calls.length > 0) return found.calls
    const reason = found.ok ? 'it calls no tool' : found.reason
    refuse(conversation, { text: completion.text, reason, refused })
  }
}

/** Lets the model call tools until it answers. */
function* withTools(conversation: Conversation): Walk<unknown> {
  let before = ''
  let last: ToolOutcome = { value: undefined }
  for (let round = 0; round < conversation.plan.rounds; round += 1) {
    const said = yield* answerOrCalls(conversation)
    if ('value' in said) return said.value
    // A model that only repeats its calls has nothing to add to what they gave.
    const made = textOf(said.calls)
    if (made === before) return resultOf(last)
    before = made
    conversation.messages.push({ role: 'assistant', content: said.text || made })
    last = yield* useTools(conversation, said.calls)
  }
  const why = last.failure === undefined ? '' : `; the last call failed: ${last.failure.message}`
  throw new WorkflowError(
    'UNUSABLE_ANSWER',
    `it still calls tools after ${conversation.plan.rounds} rounds${why}`,
  )
}

/** What a tool gave; an error where it gave none, which is no result of a step. */
function resultOf({ value, failure }: ToolOutcome): unknown {
  if (failure === undefined) return value
  const { message, retryable } = failure
  throw new WorkflowError(
    'STEP_FAILED',
    `a call of a tool failed, and the model only repeats it: ${message}`,
    { cause: failure, retryable },
  )
}

/** Asks until there is an answer or there are calls, as often as the step allows. */
function* answerOrCalls(
  conversation: Conversation,
): Walk<
  { readonly value: unknown } | { readonly calls: readonly ToolCall[]; readonly text: string }
> {
  for (let refused = 0; ; refused += 1) {
    const completion = heard(conversation, yield question(conversation))
    const { text } = completion
    const found = callsIn(completion)
    if (found.ok && found.calls.length > 0) return { calls: found.calls, text }
    const reading: Reading = found.ok
      ? conversation.plan.reader.read(text, completion.finishReason)
      : found
    if (reading.ok) return { value: reading.value }
    refuse(conversation, { text, reason: reading.reason, refused })
  }
}

/** Runs the calls one after another; gives what the last came to. */
function* useTools(
  { visit, plan, messages }: Conversation,
  calls: readonly ToolCall[],
): Walk<ToolOutcome> {
  let last: ToolOutcome = { value: undefined }
  for (const call of calls) {
    last = yield* useTool(visit, plan, call)
    messages.push({ role: 'tool', content: textOf(last.value) })
  }
  return last
}

function callsIn(completion: Completion): ReturnType<typeof parseToolCalls> {
  if (completion.toolCalls !== undefined && completion.toolCalls.length > 0) {
    return { ok: true, calls: completion.toolCalls }
  }
  return parseToolCalls(completion.text)
}

interface Refusal {
  readonly text: string
  readonly reason: string
  /** How many answers were refused before. */
  readonly refused: number
}

/** Puts the answer and what is wrong with it into the conversation, for another try. */
function refuse({ plan, messages }: Conversation, { text, reason, refused }: Refusal): void {
  if (refused + 1 >= plan.attempts) {
    const tries = plan.attempts === 1 ? 'its answer' : `any of ${plan.attempts} answers`
    throw new WorkflowError('UNUSABLE_ANSWER', `${tries} cannot be used; the last one: ${reason}`)
  }
  messages.push(
    { role: 'assistant', content: text },
    {
      role: 'user',
      content: `That answer cannot be used: ${reason}. Answer again, ${wanted(plan)}`,
    },
  )
}

function wanted({ mode, reader: { schema } }: AskPlan): string {
  if (mode === 'calls') return 'with nothing but calls of the tools'
  if (schema === undefined) return 'with nothing but the answer'
  return `with nothing but JSON that matches this schema: ${JSON.stringify(schema)}`
}

/** The next question, which counts. */
function question(conversation: Conversation): CompletionNeed {
  conversation.attempt += 1
  return needOf(conversation)
}

function heard({ visit, messages }: Conversation, answer: Answer): Completion {
  const prompt = messages.at(-1)?.content ?? ''
  recordFailure(visit, prompt, answer)
  const completion = taken(answer, 'completion')
  recordCompletion(visit, prompt, completion)
  return completion
}

function needOf({
  visit: { run, station },
  plan,
  messages,
  attempt,
}: Conversation): CompletionNeed {
  const { mode, reader, models, timeoutMs } = plan
  const maxTokens = plan.maxTokens ?? run.program.maxTokens
  const sampling = samplingOf(run, plan)
  const { schema } = reader
  return {
    kind: 'completion',
    step: station.id,
    attempt,
    messages: messages.slice(),
    ...(mode === 'text' && schema !== undefined && { schema }),
    ...toolsIn(plan),
    ...(models !== undefined && { models }),
    ...(sampling !== undefined && { sampling }),
    ...(maxTokens !== undefined && { maxTokens }),
    ...(timeoutMs !== undefined && { timeoutMs }),
  }
}

function toolsIn({ tools, nodeTools }: AskPlan): Pick<CompletionNeed, 'tools' | 'nodeTools'> {
  return {
    ...(tools.size > 0 && { tools: [...tools.values()].map(({ spec }) => spec) }),
    ...(nodeTools.length > 0 && { nodeTools }),
  }
}

/** A seed of its own for each question, so that two visits of a loop do not give the same answer. */
function samplingOf({ dice }: Run, { sampling }: AskPlan): CompletionNeed['sampling'] {
  dice.questions += 1
  if (dice.seed === undefined || sampling?.seed !== undefined) return sampling
  return { ...sampling, seed: mix(dice.seed, dice.questions) }
}

function messagesOf(visit: Visit, plan: AskPlan): Message[] {
  return plan.messages.map((message) => messageOf(visit, message))
}

function messageOf({ run, lookup }: Visit, { role, content, images }: MessagePlan): Message {
  const message = { role, content: content.render(lookup) }
  if (images.length === 0) return message
  const pictures = images.flatMap((input): unknown => {
    return typeof input === 'string' ? lookup(input) : run.memory.take(input)
  })
  if (!pictures.every((picture) => typeof picture === 'string')) {
    throw new WorkflowError('MISSING_VALUE', `its pictures must be base64 texts`)
  }
  return { ...message, images: pictures }
}
