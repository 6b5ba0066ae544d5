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

/** What can go wrong with an Ollama server, as seen by its clients. */
export type OllamaFault =
  | 'busy'
  | 'error in the stream'
  | 'busy in the stream'
  | 'no done line'
  | 'hang before headers'
  | 'broken connection'
  | 'not JSON'
  | 'overlong prompt'
  | 'refused'

/** What `/api/chat` is sent. An unknown key fails the test that sent it. */
const Chat = z.strictObject({
  model: z.string(),
  messages: Conversation,
  stream: z.literal(true),
  think: z.boolean(),
  truncate: z.boolean(),
  keep_alive: z.union([z.string(), z.number()]),
  format: z.record(z.string(), z.unknown()).optional(),
  tools: z.array(z.unknown()).optional(),
  options: z.record(z.string(), z.union([z.number(), z.array(z.string())])),
})
type Chat = z.infer<typeof Chat>
const Named = z.object({ model: z.string() })
const Texts = z.object({
  input: z.array(z.string()),
  keep_alive: z.union([z.string(), z.number()]),
})
type Texts = z.infer<typeof Texts>

export interface OllamaModel {
  readonly name: string
  readonly digest?: string
  readonly contextLength?: number
  readonly capabilities?: readonly string[]
  readonly remoteHost?: string
  /** Context that another program loaded it with before us. */
  readonly loadedWith?: number
}

export interface OllamaStandInOptions {
  readonly models?: readonly OllamaModel[]
  readonly slots?: number
  readonly loadMs?: number
  readonly tokenMs?: number
  /** Leaves out what servers before 2026 do not tell in the list. */
  readonly old?: boolean
}

export interface OllamaStandIn extends StandInServer {
  fault: OllamaFault | undefined
  readonly chats: Chat[]
  readonly embeds: Texts[]
  /** How often a model was loaded: once, unless the options of two requests differ. */
  readonly loads: () => number
}

const LLAMA: OllamaModel = {
  name: 'llama3.2:1b',
  digest: 'a'.repeat(64),
  contextLength: 131_072,
  capabilities: ['completion', 'tools'],
}

/** Options of which every change unloads and loads the model again. */
const RELOADING = ['num_ctx', 'num_batch', 'num_gpu', 'main_gpu', 'use_mmap', 'num_thread', 'shift']

/** A server that speaks Ollama's protocol over real HTTP, faults included. */
export async function startOllamaStandIn(
  options: OllamaStandInOptions = {},
): Promise<OllamaStandIn> {
  const { models = [LLAMA], slots = 1, loadMs = 0, tokenMs = 1, old = false } = options
  const places = new Slots(slots)
  const chats: Chat[] = []
  const embeds: Texts[] = []
  const state: { fault: OllamaFault | undefined; loads: number; runner: string } = {
    fault: undefined,
    loads: 0,
    runner: '',
  }

  async function load({ model, options: told }: Chat): Promise<void> {
    const runner = JSON.stringify([model, RELOADING.map((name) => told[name])])
    if (runner === state.runner) return
    state.runner = runner
    state.loads += 1
    await wait(loadMs)
  }

  async function chat(body: Chat, response: ServerResponse): Promise<void> {
    chats.push(body)
    if (!models.some((model) => model.name === body.model)) {
      json(response, 404, { error: `model '${body.model}' not found` })
      return
    }
    if (failsBefore(state.fault, response)) return
    await places.take()
    try {
      await load(body)
      await stream(body, response, { tokenMs, fault: state.fault })
    } finally {
      places.give()
    }
  }

  const server = await serve(async (path, body, response) => {
    switch (path) {
      case '/api/version':
        json(response, 200, { version: '0.32.15' })
        break
      case '/api/tags':
        json(response, 200, { models: models.map((model) => toTag(model, old)) })
        break
      case '/api/ps':
        json(response, 200, { models: models.flatMap(toProcess) })
        break
      case '/api/show':
        json(response, 200, toDetails(models, body))
        break
      case '/api/embed': {
        const asked = Texts.parse(body)
        embeds.push(asked)
        json(response, 200, { embeddings: asked.input.map((text) => [text.length, 1]) })
        break
      }
      default:
        await chat(Chat.parse(body), response)
    }
  })
  return {
    ...server,
    chats,
    embeds,
    loads: () => state.loads,
    get fault() {
      return state.fault
    },
    set fault(fault) {
      state.fault = fault
    },
  }
}

function toTag(
  { name, digest, contextLength, capabilities, remoteHost }: OllamaModel,
  old: boolean,
) {
  return {
    name,
    model: name,
    digest,
    remote_host: remoteHost,
    ...(old ? {} : { capabilities }),
    details: { family: 'llama', ...(old ? {} : { context_length: contextLength }) },
  }
}

function toProcess({ name, loadedWith }: OllamaModel) {
  return loadedWith === undefined ? [] : [{ name, context_length: loadedWith }]
}

function toDetails(models: readonly OllamaModel[], body: unknown) {
  const { model: name } = Named.parse(body)
  const model = models.find((candidate) => candidate.name === name)
  return {
    capabilities: model?.capabilities,
    model_info: { 'llama.context_length': model?.contextLength },
  }
}

function toAsked({ messages, format, options }: Chat): Asked {
  const number = (name: string) => {
    const value = options[name]
    return typeof value === 'number' ? value : undefined
  }
  return {
    messages,
    maxTokens: number('num_predict'),
    temperature: number('temperature'),
    seed: number('seed'),
    schema: format,
  }
}

function failsBefore(fault: OllamaFault | undefined, response: ServerResponse): boolean {
  if (fault === 'hang before headers') return true
  if (fault === 'busy') {
    json(response, 503, {
      error: 'server busy, please try again.  maximum pending requests exceeded',
    })
  } else if (fault === 'overlong prompt') {
    json(response, 400, { error: 'input length exceeds the context length' })
  } else if (fault === 'refused') {
    json(response, 400, { error: 'llama3.2:1b does not support tools' })
  } else return false
  return true
}

interface Stream {
  readonly tokenMs: number
  readonly fault: OllamaFault | undefined
}

async function stream(
  body: Chat,
  response: ServerResponse,
  { tokenMs, fault }: Stream,
): Promise<void> {
  const asked = toAsked(body)
  const { model } = body
  const line = (rest: object) => response.write(`${JSON.stringify({ model, ...rest })}\n`)
  response.writeHead(200, { 'content-type': 'application/x-ndjson' })
  const whole = tokensOf(asked)
  const tokens = whole.slice(0, asked.maxTokens)
  for (const [index, token] of tokens.entries()) {
    if (response.destroyed) return
    line({ message: { role: 'assistant', content: token }, done: false })
    await wait(tokenMs)
    if (index === 1 && fault !== undefined) {
      failsAmid(fault, response)
      return
    }
  }
  if (asked.messages.at(-1)?.content === CALL) {
    const call = { function: { name: 'weather', arguments: { city: 'Bern' } } }
    line({ message: { role: 'assistant', content: '', tool_calls: [call] }, done: false })
  }
  const reason = tokens.length < whole.length ? 'length' : 'stop'
  line({
    message: { role: 'assistant', content: '' },
    done: true,
    done_reason: reason,
    total_duration: 90e6,
    load_duration: 20e6,
    prompt_eval_count: JSON.stringify(asked.messages).length,
    prompt_eval_duration: 30e6,
    eval_count: tokens.length,
    eval_duration: 35e6,
  })
  response.end()
}

function failsAmid(fault: OllamaFault, response: ServerResponse): void {
  if (fault === 'broken connection') response.destroy()
  else if (fault === 'error in the stream') {
    response.end('{"error":"an error was encountered while running the model: CUDA error"}\n')
  } else if (fault === 'busy in the stream') {
    response.end('{"error":"server busy, please try again"}\n')
  } else if (fault === 'not JSON') response.end('<html>secret words</html>\n')
  else response.end()
}
