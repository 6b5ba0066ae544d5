import type { FinishReason, Usage } from '@skein/workflows'
import { EngineError, type GenerateEvent } from './engine.ts'
import { Chunk, complaintIn, type Delta, type DeltaCall, toError, toReason } from './openai-wire.ts'

const DATA = 'data:'
const DONE = '[DONE]'

/** An answer as it grows. */
interface Answer {
  pieces: number
  reason?: FinishReason
  usage?: Usage
  timings?: NonNullable<Chunk['timings']>
  readonly calls: { name: string; arguments: string }[]
}

/**
 * Reads the server-sent events of one answer. A stream that ends without both a finish reason and
 * `[DONE]` was cut off: the text so far is no answer.
 *
 * @throws {EngineError} `CRASHED`, `BAD_RESPONSE`, or what the server said in the stream
 */
export async function* readAnswer(
  lines: AsyncIterable<string>,
  where: string,
): AsyncGenerator<GenerateEvent, void, undefined> {
  const answer: Answer = { pieces: 0, calls: [] }
  let done = false
  for await (const line of lines) {
    if (!line.startsWith(DATA)) continue
    const data = line.slice(DATA.length).trim()
    done = data === DONE
    if (done) break
    yield* take(parseChunk(data, where), answer)
  }
  if (!done && answer.reason === undefined) {
    throw new EngineError('CRASHED', `The server at ${where} ended its answer in the middle`)
  }
  yield finishOf(answer)
}

function parseChunk(data: string, where: string): Chunk {
  try {
    const chunk = Chunk.parse(JSON.parse(data))
    if (chunk.error === undefined || chunk.error === null) return chunk
    throw toError(500, complaintIn(chunk), where)
  } catch (error) {
    if (error instanceof EngineError) throw error
    throw new EngineError('BAD_RESPONSE', `The server at ${where} sent an event that is no JSON`)
  }
}

function* take(chunk: Chunk, answer: Answer): Generator<GenerateEvent, void, undefined> {
  const [choice] = chunk.choices
  if (choice?.delta) yield* takeDelta(choice.delta, answer)
  if (choice?.finish_reason) answer.reason = toReason(choice.finish_reason)
  if (chunk.usage) {
    answer.usage = { input: chunk.usage.prompt_tokens, output: chunk.usage.completion_tokens }
  }
  if (chunk.timings) answer.timings = chunk.timings
}

function* takeDelta(delta: Delta, answer: Answer): Generator<GenerateEvent, void, undefined> {
  const { content, reasoning_content: thought, tool_calls: calls } = delta
  if (thought) yield { type: 'thinking', text: thought }
  if (content) {
    answer.pieces += 1
    yield { type: 'text', text: content }
  }
  for (const [place, call] of (calls ?? []).entries()) addToCall(call, place, answer)
}

/** A call comes in parts: its name, then its arguments bit by bit. */
function addToCall({ index, function: part }: DeltaCall, place: number, answer: Answer): void {
  const whole = (answer.calls[index ?? place] ??= { name: '', arguments: '' })
  whole.name += part?.name ?? ''
  whole.arguments += part?.arguments ?? ''
}

function finishOf({ reason = 'stop', usage, timings, calls, pieces }: Answer): GenerateEvent {
  const toolCalls = calls.map((call) => ({ name: call.name, arguments: parse(call.arguments) }))
  return {
    type: 'finish',
    reason: toolCalls.length > 0 ? 'tool-calls' : reason,
    // Nearly every server sends a token an event.
    usage: usage ?? { input: 0, output: pieces },
    timing: {
      queueMs: 0,
      loadMs: 0,
      promptMs: timings?.prompt_ms ?? 0,
      generateMs: timings?.predicted_ms ?? 0,
    },
    ...(toolCalls.length > 0 ? { toolCalls } : {}),
  }
}

/** A model may write arguments that are no JSON: they are kept as they are. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}
