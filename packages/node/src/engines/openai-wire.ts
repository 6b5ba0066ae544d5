import { z } from 'zod'
import type { FinishReason, Sampling } from '@skein/workflows'
import { EngineError, type GenerateRequest } from './engine.ts'

const count = z.int().nonnegative().catch(0)
const ms = z.number().nonnegative().catch(0)
const text = z.string().nullish().catch(undefined)

/** Calls in one answer; a larger index is nonsense. */
const MOST_CALLS = 127

/** One event of a streamed answer. Servers differ in what they leave out, hardly in names. */
export const Chunk = z.object({
  error: z.unknown().optional(),
  choices: z
    .array(
      z.object({
        delta: z
          .object({
            content: text,
            reasoning_content: text,
            tool_calls: z
              .array(
                z.object({
                  index: z.int().nonnegative().max(MOST_CALLS).optional(),
                  function: z.object({ name: text, arguments: text }).optional(),
                }),
              )
              .nullish(),
          })
          .nullish(),
        finish_reason: text,
      }),
    )
    .catch([]),
  usage: z.object({ prompt_tokens: count, completion_tokens: count }).nullish().catch(undefined),
  /** llama-server's own. */
  timings: z.object({ prompt_ms: ms, predicted_ms: ms }).nullish().catch(undefined),
})
export type Chunk = z.infer<typeof Chunk>
export type Delta = NonNullable<Chunk['choices'][number]['delta']>
export type DeltaCall = NonNullable<Delta['tool_calls']>[number]

/** `GET /models`. */
export const ModelList = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      owned_by: text,
      /** vLLM and SGLang. */
      max_model_len: z.number().positive().nullish().catch(undefined),
    }),
  ),
})

/** llama-server's `GET /props`. */
export const Properties = z.object({
  total_slots: z.int().positive(),
  default_generation_settings: z.object({ n_ctx: z.int().positive() }),
})

export const Embeddings = z.object({
  data: z.array(z.object({ index: z.int().nonnegative(), embedding: z.array(z.number()) })),
})

/** A request as the chat completions endpoint wants it. */
export function toBody(request: GenerateRequest): string {
  const { model, messages, maxTokens, schema, tools, sampling } = request
  return JSON.stringify({
    model,
    messages: messages.map(toOpenAiMessage),
    max_tokens: maxTokens,
    stream: true,
    stream_options: { include_usage: true },
    ...toSampling(sampling),
    ...(schema === undefined
      ? {}
      : { response_format: { type: 'json_schema', json_schema: { name: 'answer', schema } } }),
    ...(tools === undefined
      ? {}
      : { tools: tools.map((tool) => ({ type: 'function', function: tool })) }),
  })
}

function toOpenAiMessage({ role, content, images }: GenerateRequest['messages'][number]): unknown {
  if (images === undefined) return { role, content }
  const pictures = images.map((image) => ({
    type: 'image_url',
    image_url: { url: `data:${mediaType(image)};base64,${image}` },
  }))
  return { role, content: [{ type: 'text', text: content }, ...pictures] }
}

/** From the first characters of the base64: enough to tell the usual kinds apart. */
function mediaType(image: string): string {
  if (image.startsWith('/9j/')) return 'image/jpeg'
  if (image.startsWith('R0lG')) return 'image/gif'
  return image.startsWith('UklG') ? 'image/webp' : 'image/png'
}

function toSampling(sampling: Sampling = {}): Record<string, unknown> {
  const { topP, topK, minP, repeatPenalty, ...same } = sampling
  const named = { top_p: topP, top_k: topK, min_p: minP, repeat_penalty: repeatPenalty }
  return {
    ...same,
    ...Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined)),
  }
}

const REASONS: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'tool-calls',
  function_call: 'tool-calls',
  content_filter: 'content-filter',
}

/** The server's finish reason in our words. */
export function toReason(told: string): FinishReason {
  return REASONS[told] ?? 'stop'
}

const Complaint = z.object({
  error: z.union([
    z.string(),
    z.object({ message: z.string() }).transform(({ message }) => message),
  ]),
})

/** What the server says is wrong, cut to what a person reads. */
export function complaintIn(body: unknown): string {
  const parsed = Complaint.safeParse(body)
  return parsed.success ? parsed.data.error.slice(0, 300) : 'no reason given'
}

/** A refusal of the server as a typed error. */
export function toError(status: number, told: string, where: string): EngineError {
  if (status === 429 || status === 503) {
    return new EngineError('BUSY', `The server at ${where} is busy: ${told}`)
  }
  if (status === 401 || status === 403) {
    return new EngineError(
      'UNAVAILABLE',
      `The server at ${where} does not accept the API key: ${told}`,
    )
  }
  if (/context (size|length|window)|exceed.*context|maximum context/i.test(told)) {
    return new EngineError(
      'CONTEXT_OVERFLOW',
      `The prompt does not fit the model's context: ${told}`,
    )
  }
  if (status === 404)
    return new EngineError('MODEL_MISSING', `Nothing by that name at ${where}: ${told}`)
  if (status >= 400 && status < 500) {
    const code = /schema|grammar|response_format/i.test(told)
      ? 'SCHEMA_UNSUPPORTED'
      : 'CAPABILITY_MISSING'
    return new EngineError(code, `The server at ${where} refused the request: ${told}`)
  }
  return new EngineError('BAD_RESPONSE', `The server at ${where} failed: ${told}`)
}
