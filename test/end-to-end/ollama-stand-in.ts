import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { z } from 'zod'

/** As much of Ollama's protocol as a demonstration needs; its one model answers by a function. */

const MODEL = 'llama3.2:3b'
const Chat = z.object({ messages: z.array(z.object({ content: z.string() })).min(1) })

export interface OllamaStandIn extends AsyncDisposable {
  /** For `OLLAMA_HOST`. */
  readonly host: string
  readonly model: string
}

/** Starts it on a free port of this machine. */
export async function startOllama(answer: (prompt: string) => string): Promise<OllamaStandIn> {
  const pages: Readonly<Record<string, unknown>> = {
    '/api/version': { version: '0.32.15' },
    '/api/tags': {
      models: [{ name: MODEL, model: MODEL, digest: 'd', capabilities: ['completion'] }],
    },
    '/api/ps': { models: [{ name: MODEL, context_length: 4096 }] },
    '/api/show': { capabilities: ['completion'], model_info: { 'llama.context_length': 4096 } },
  }
  const reply = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request)
    const page = pages[request.url ?? '']
    if (page) response.end(JSON.stringify(page))
    else chat(answer(Chat.parse(JSON.parse(body)).messages.at(-1)?.content ?? ''), response)
  }
  const server = createServer((request, response) => void reply(request, response))
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const address = server.address()
  return {
    host: `127.0.0.1:${typeof address === 'object' ? address?.port : address}`,
    model: MODEL,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
}

function chat(answer: string, response: ServerResponse): void {
  const part = { model: MODEL, created_at: new Date().toISOString() }
  const message = { role: 'assistant', content: answer }
  const end = {
    done: true,
    done_reason: 'stop',
    total_duration: 20_000_000,
    load_duration: 0,
    prompt_eval_count: 10,
    prompt_eval_duration: 5_000_000,
    eval_count: 20,
    eval_duration: 10_000_000,
  }
  response.setHeader('content-type', 'application/x-ndjson')
  response.write(`${JSON.stringify({ ...part, message, done: false })}\n`)
  response.end(`${JSON.stringify({ ...part, message: { ...message, content: '' }, ...end })}\n`)
}
