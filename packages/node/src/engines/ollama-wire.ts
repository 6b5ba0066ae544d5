import type { FinishReason, Message, Sampling } from '@skein/workflows'
import type { ChatRequest, ChatResponse, Options } from 'ollama/browser'
import {
  EngineError,
  type EngineErrorCode,
  type GenerateEvent,
  type GenerateRequest,
} from './engine.ts'
import { exchange } from './exchange.ts'

const NANOSECONDS_PER_MS = 1e6
const BODY_ENCODER = new TextEncoder()

/** What `/api/chat` takes and the library's types do not know yet. */
export type Chat = ChatRequest & { stream: true; truncate: boolean }

export interface ChatSettings {
  readonly contextLength: number
  readonly keepAlive: string | number
}

/** A request as Ollama wants it. */
export function toChat(request: GenerateRequest, settings: ChatSettings): Chat {
  const { model, messages, schema, tools } = request
  return {
    model,
    messages: messages.map(toOllamaMessage),
    stream: true,
    // Thinking models think unless told not to; the others answer 400 when asked to.
    think: false,
    // Otherwise an overlong conversation loses its oldest messages without a word.
    truncate: false,
    keep_alive: settings.keepAlive,
    ...(schema === undefined ? {} : { format: schema }),
    ...(tools === undefined ? {} : { tools: tools.map(toOllamaTool) }),
    options: {
      ...toOptions(request.sampling),
      num_ctx: settings.contextLength,
      // The server's own default is ten times the context.
      num_predict: request.maxTokens,
    },
  }
}

function toOllamaMessage({
  role,
  content,
  images,
}: Message): NonNullable<Chat['messages']>[number] {
  return images === undefined ? { role, content } : { role, content, images: [...images] }
}

function toOllamaTool(
  tool: NonNullable<GenerateRequest['tools']>[number],
): NonNullable<Chat['tools']>[number] {
  return { type: 'function', function: { ...tool } }
}

/** Only what chooses the next token: every other option that differs reloads the model. */
function toOptions(sampling: Sampling = {}): Partial<Options> {
  const { temperature, topP, topK, minP, repeatPenalty, seed, stop } = sampling
  return {
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { top_p: topP }),
    ...(topK === undefined ? {} : { top_k: topK }),
    ...(minP === undefined ? {} : { min_p: minP }),
    ...(repeatPenalty === undefined ? {} : { repeat_penalty: repeatPenalty }),
    ...(seed === undefined ? {} : { seed }),
    ...(stop === undefined ? {} : { stop: [...stop] }),
  }
}

/** What a line of the answer says. */
export function toEvents({ message }: ChatResponse): readonly GenerateEvent[] {
  const events: GenerateEvent[] = []
  if (message?.thinking) events.push({ type: 'thinking', text: message.thinking })
  if (message?.content) events.push({ type: 'text', text: message.content })
  return events
}

/** The calls in a line of the answer: they come whole. */
export function toToolCalls({ message }: ChatResponse): ToolCalls {
  return (message?.tool_calls ?? []).map((call) => ({
    name: call.function.name,
    arguments: call.function.arguments,
  }))
}

/** The end of an answer, from the server's last line. */
export function toFinish(last: ChatResponse, toolCalls: ToolCalls): GenerateEvent {
  const load = last.load_duration || 0
  const prompt = last.prompt_eval_duration || 0
  const generate = last.eval_duration || 0
  const rest = (last.total_duration || 0) - load - prompt - generate
  return {
    type: 'finish',
    reason: toolCalls.length > 0 ? 'tool-calls' : reasonOf(last.done_reason),
    usage: { input: last.prompt_eval_count || 0, output: last.eval_count || 0 },
    timing: {
      queueMs: Math.max(0, rest) / NANOSECONDS_PER_MS,
      loadMs: load / NANOSECONDS_PER_MS,
      promptMs: prompt / NANOSECONDS_PER_MS,
      generateMs: generate / NANOSECONDS_PER_MS,
    },
    ...(toolCalls.length > 0 ? { toolCalls } : {}),
  }
}

export type ToolCalls = { name: string; arguments: unknown }[]

function reasonOf(told: string): FinishReason {
  return told === 'length' ? 'length' : 'stop'
}

/**
 * A `fetch` for one request of the library: bound to the caller's signal also while no header has
 * come, without deadlines of its own, and with the server's complaints as typed errors. The library
 * would print lines that it cannot parse, and answers are nobody's business.
 */
export function fetchFor(model: string | undefined, signal: AbortSignal): typeof fetch {
  return async (input, init) => {
    const url = input instanceof Request ? input.url : String(input)
    const reply = await exchange(url, {
      method: init?.method === 'POST' ? 'POST' : 'GET',
      headers: { 'content-type': 'application/json' },
      ...(typeof init?.body === 'string' ? { body: init.body } : {}),
      signal,
    })
    if (reply.status >= 400) throw toError(reply.status, complaint(await reply.text()), model)
    if (!url.endsWith('/api/chat')) return new Response(await reply.text())
    return new Response(ReadableStream.from(checked(reply.lines(), model)))
  }
}

async function* checked(
  lines: AsyncIterable<string>,
  model: string | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const line of lines) {
    const parsed = parse(line)
    if (typeof parsed !== 'object' || parsed === null) {
      throw new EngineError('BAD_RESPONSE', 'Ollama sent a line that is no JSON object')
    }
    if ('error' in parsed) throw toError(500, String(parsed.error), model)
    yield BODY_ENCODER.encode(`${line}\n`)
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

function complaint(body: string): string {
  const parsed = parse(body)
  if (typeof parsed !== 'object' || parsed === null || !('error' in parsed))
    return body.slice(0, 300)
  return String(parsed.error).slice(0, 300)
}

function toError(status: number, told: string, model = 'the model'): EngineError {
  const code = codeOf(status, told)
  const mend = code === 'MODEL_MISSING' ? `it has no such model: run ollama pull ${model}` : told
  return new EngineError(code, `Ollama cannot answer with ${model}: ${mend}`)
}

function codeOf(status: number, told: string): EngineErrorCode {
  if (status === 503 || /server busy/i.test(told)) return 'BUSY'
  if (status === 404 || /model .*not found/i.test(told)) return 'MODEL_MISSING'
  if (/context (size|length|window)|input length|prompt.*too long/i.test(told)) {
    return 'CONTEXT_OVERFLOW'
  }
  if (status === 401 || status === 403) return 'UNAVAILABLE'
  if (status !== 400) return 'BAD_RESPONSE'
  return /format|schema|grammar/i.test(told) ? 'SCHEMA_UNSUPPORTED' : 'CAPABILITY_MISSING'
}
