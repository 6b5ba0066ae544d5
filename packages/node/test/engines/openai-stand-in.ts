import type { ServerResponse } from 'node:http'
import { z } from 'zod'
import {
  CALL,
  Conversation,
  json,
  serve,
  Slots,
  tokensOf,
  wait,
  type Asked,
  type StandInServer,
} from './stand-in-model.ts'

/** What can go wrong with a server that calls itself OpenAI-compatible. */
export type OpenAiFault =
  | 'busy'
  | 'still loading'
  | 'wrong key'
  | 'overlong prompt'
  | 'bad schema'
  | 'error in the stream'
  | 'cut off'
  | 'no [DONE]'
  | 'no usage'
  | 'not JSON'
  | 'hang before headers'
  | 'endless line'

/** What `/v1/chat/completions` is sent. An unknown key fails the test that sent it. */
const Chat = z.strictObject({
  model: z.string(),
  messages: Conversation,
  max_tokens: z.int().positive(),
  stream: z.literal(true),
  stream_options: z.strictObject({ include_usage: z.literal(true) }),
  temperature: z.number().optional(),
  seed: z.int().optional(),
  tools: z.array(z.unknown()).optional(),
  response_format: z
    .strictObject({
      type: z.literal('json_schema'),
      json_schema: z.strictObject({ name: z.string(), schema: z.unknown() }),
    })
    .optional(),
})
type Chat = z.infer<typeof Chat>
const Texts = z.object({ input: z.array(z.string()) })

export interface OpenAiStandInOptions {
  /** llama-server tells its slots and its context; others do not. */
  readonly kind?: 'llama-server' | 'vllm' | 'plain'
  readonly slots?: number
  readonly tokenMs?: number
  readonly models?: readonly string[]
}

export interface OpenAiStandIn extends StandInServer {
  fault: OpenAiFault | undefined
  readonly chats: Chat[]
}

/** A server that speaks OpenAI's protocol over real HTTP, faults included. */
export async function startOpenAiStandIn(
  options: OpenAiStandInOptions = {},
): Promise<OpenAiStandIn> {
  const { kind = 'llama-server', slots = 2, tokenMs = 1, models = ['tiny'] } = options
  const places = new Slots(slots)
  const chats: Chat[] = []
  const state: { fault: OpenAiFault | undefined } = { fault: undefined }

  async function chat(body: Chat, response: ServerResponse): Promise<void> {
    chats.push(body)
    if (failsBefore(state.fault, response)) return
    await places.take()
    try {
      await stream(toAsked(body), response, { kind, tokenMs, fault: state.fault })
    } finally {
      places.give()
    }
  }

  const server = await serve(async (path, body, response) => {
    switch (path) {
      case '/v1/models':
        json(response, 200, { object: 'list', data: models.map((id) => toModel(id, kind)) })
        break
      case '/props':
        if (kind !== 'llama-server') json(response, 404, { detail: 'Not Found' })
        else
          json(response, 200, { total_slots: slots, default_generation_settings: { n_ctx: 512 } })
        break
      case '/v1/embeddings': {
        const { input } = Texts.parse(body)
        const data = input.map((text, index) => ({ index, embedding: [text.length, 1] }))
        json(response, 200, { data: data.toReversed() })
        break
      }
      case '/v1/chat/completions':
        await chat(Chat.parse(body), response)
        break
      default:
        json(response, 404, { error: { message: 'not found' } })
    }
  })
  return {
    ...server,
    url: `${server.url}/v1`,
    chats,
    get fault() {
      return state.fault
    },
    set fault(fault) {
      state.fault = fault
    },
  }
}

function toModel(id: string, kind: string) {
  return kind === 'vllm' ? { id, owned_by: 'vllm', max_model_len: 32_768 } : { id, owned_by: 'me' }
}

function toAsked(chat: Chat): Asked {
  const { messages, max_tokens: maxTokens, temperature, seed, response_format: format } = chat
  return { messages, maxTokens, temperature, seed, schema: format?.json_schema.schema }
}

const REFUSALS = new Map<OpenAiFault, readonly [number, string]>([
  ['busy', [429, 'rate limit reached']],
  ['still loading', [503, 'Loading model']],
  ['wrong key', [401, 'Incorrect API key provided']],
  ['overlong prompt', [400, 'the request exceeds the available context size (512 tokens)']],
  ['bad schema', [400, 'failed to parse grammar']],
])

function failsBefore(fault: OpenAiFault | undefined, response: ServerResponse): boolean {
  if (fault === 'hang before headers') return true
  const refusal = fault === undefined ? undefined : REFUSALS.get(fault)
  if (refusal !== undefined) json(response, refusal[0], { error: { message: refusal[1] } })
  return refusal !== undefined
}

interface Stream {
  readonly kind: string
  readonly tokenMs: number
  readonly fault: OpenAiFault | undefined
}

async function stream(
  asked: Asked,
  response: ServerResponse,
  { kind, tokenMs, fault }: Stream,
): Promise<void> {
  const event = (body: unknown) => response.write(`data: ${JSON.stringify(body)}\n\n`)
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.write(': a comment\r\n\r\n')
  event({ choices: [{ index: 0, delta: { role: 'assistant', content: '' } }] })
  const whole = tokensOf(asked)
  const tokens = whole.slice(0, asked.maxTokens)
  for (const [index, token] of tokens.entries()) {
    if (response.destroyed) return
    event({ choices: [{ index: 0, delta: { content: token }, finish_reason: null }] })
    await wait(tokenMs)
    if (index === 1 && failsAmid(fault, response)) return
  }
  for (const call of callsOf(asked))
    event({ choices: [{ index: 0, delta: { tool_calls: [call] } }] })
  const reason = tokens.length < whole.length ? 'length' : 'stop'
  event({ choices: [{ index: 0, delta: {}, finish_reason: reason }] })
  if (fault !== 'no usage') {
    const usage = {
      prompt_tokens: JSON.stringify(asked.messages).length,
      completion_tokens: tokens.length,
    }
    const timings = kind === 'llama-server' ? { prompt_ms: 3, predicted_ms: 7 } : undefined
    event({ choices: [], usage, timings })
  }
  if (fault !== 'no [DONE]') response.write('data: [DONE]\n\n')
  response.end()
}

/** A call comes in parts. */
function callsOf({ messages }: Asked): readonly unknown[] {
  if (messages.at(-1)?.content !== CALL) return []
  return [
    { index: 0, function: { name: 'weather', arguments: '{"city":' } },
    { index: 0, function: { arguments: '"Bern"}' } },
  ]
}

function failsAmid(fault: OpenAiFault | undefined, response: ServerResponse): boolean {
  if (fault === 'error in the stream') {
    response.end(`data: ${JSON.stringify({ error: { message: 'out of memory' } })}\n\n`)
  } else if (fault === 'cut off') response.end()
  else if (fault === 'not JSON') response.end('data: secret words\n\n')
  else if (fault === 'endless line') response.end(`data: ${'x'.repeat(5 * 1024 * 1024)}`)
  else return false
  return true
}
