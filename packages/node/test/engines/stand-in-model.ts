import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import { z } from 'zod'

/** A conversation as either protocol carries it. */
export const Conversation = z.array(
  z.strictObject({
    role: z.enum(['system', 'user', 'assistant', 'tool']),
    content: z.unknown(),
    images: z.array(z.string()).optional(),
  }),
)

/** What a stand-in server knows of a request, whichever protocol it came by. */
export interface Asked {
  readonly messages: z.infer<typeof Conversation>
  readonly maxTokens?: number | undefined
  readonly temperature?: number | undefined
  readonly seed?: number | undefined
  readonly schema?: unknown
}

export const COUNT = 'Count to a thousand.'
export const LIST = 'Name three colours.'
/** Asks for a call of `weather`, with `{"city":"Bern"}`. */
export const CALL = 'What is the weather in Bern?'

/** The model of the stand-ins: it counts, lists colours, and otherwise repeats what it was told. */
export function tokensOf({ messages, schema, temperature = 0, seed }: Asked): readonly string[] {
  const told = messages.at(-1)?.content
  const prompt = typeof told === 'string' ? told : ''
  if (prompt === COUNT) return Array.from({ length: 1000 }, (_, index) => `${index + 1} `)
  if (prompt === LIST) {
    return schema === undefined ? ['red, ', 'green, ', 'blue'] : ['["red"', ',"green"', ',"blue"]']
  }
  const luck = temperature > 0 ? (seed ?? Math.random()) : 0
  return [...prompt.split(/(?<= )/), ` [${luck}]`]
}

/** Lets so many answers run at once, as model servers do; the others wait without a header. */
export class Slots {
  #free: number
  readonly #line: (() => void)[] = []

  constructor(slots: number) {
    this.#free = slots
  }

  async take(): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1
      return
    }
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#line.push(resolve)
    await promise
  }

  give(): void {
    const next = this.#line.shift()
    if (next === undefined) this.#free += 1
    else next()
  }
}

export interface StandInServer extends AsyncDisposable {
  readonly url: string
  /** Requests whose client left before the end. */
  readonly left: () => number
  /** The `authorization` of every request. */
  readonly keys: readonly (string | undefined)[]
}

export type Handler = (path: string, body: unknown, response: ServerResponse) => Promise<void>

/** A real HTTP server on a free port of loopback. */
export async function serve(handle: Handler): Promise<StandInServer> {
  let left = 0
  const keys: (string | undefined)[] = []
  const server = createServer((request, response) => {
    keys.push(request.headers.authorization)
    response.once('close', () => {
      if (!response.writableFinished) left += 1
    })
    void reply(request, response, handle)
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    left: () => left,
    keys,
    [Symbol.asyncDispose]: () => close(server),
  }
}

async function reply(
  request: IncomingMessage,
  response: ServerResponse,
  handle: Handler,
): Promise<void> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  await handle(request.url ?? '', text === '' ? undefined : JSON.parse(text), response)
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve()
    })
    server.closeAllConnections()
  })
}

export function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}

export function wait(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}
