import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { EngineError } from './engine.ts'

/** A line longer than this is no token of an answer, and not worth the memory. */
const LINE_CHARS = 4 * 1024 * 1024
/** Model lists and error texts: larger is a wrong address. */
const TEXT_CHARS = 32 * 1024 * 1024

export interface ExchangeOptions {
  readonly method?: 'GET' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly signal: AbortSignal
}

/** A model server's reply, its headers read and its body not yet. */
export interface Exchange {
  readonly status: number
  /**
   * The body line by line, without line ends. Leaving the loop early closes the connection.
   *
   * @throws {EngineError} `CRASHED` the connection broke; `BAD_RESPONSE` a line without end
   */
  lines(): AsyncGenerator<string, void, undefined>
  /** The whole body. */
  text(): Promise<string>
}

/**
 * One HTTP exchange with a model server. Not `fetch`: its deadline of 300 s on headers and between
 * chunks kills a request that waits for a large model to load.
 *
 * @throws {EngineError} `UNAVAILABLE` when nobody answers there
 */
export async function exchange(url: string, options: ExchangeOptions): Promise<Exchange> {
  const { signal } = options
  signal.throwIfAborted()
  const response = await open(new URL(url), options)
  return {
    status: response.statusCode ?? 0,
    lines: () => linesOf(chunksOf(response, signal)),
    text: () => textOf(chunksOf(response, signal)),
  }
}

function open(
  url: URL,
  { method, headers, body, signal }: ExchangeOptions,
): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const start = url.protocol === 'https:' ? httpsRequest : httpRequest
  const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }
  // A connection of its own: an idle one that the server closes just now would fail the request.
  const request = start(url, {
    method: method ?? 'GET',
    headers: { ...headers, ...length },
    agent: false,
  })
  const stop = () => {
    request.destroy()
    reject(reasonOf(signal))
  }
  signal.addEventListener('abort', stop, { once: true })
  request.once('close', () => {
    signal.removeEventListener('abort', stop)
  })
  request.once('response', resolve)
  request.on('error', (error) => {
    reject(unavailable(url, error))
  })
  request.end(body)
  return promise
}

/** Leaving the loop early destroys the response, and with it the connection. */
async function* chunksOf(
  response: IncomingMessage,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const chunks: AsyncIterable<Uint8Array> = response
  try {
    yield* chunks
  } catch (error) {
    signal.throwIfAborted()
    throw new EngineError(
      'CRASHED',
      'The model server closed the connection in the middle of an answer',
      { cause: error },
    )
  }
  signal.throwIfAborted()
}

async function* linesOf(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of chunks) {
    rest += decoder.decode(chunk, { stream: true })
    let start = 0
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n', start)) {
      yield withoutReturn(rest.slice(start, end))
      start = end + 1
    }
    rest = rest.slice(start)
    if (rest.length > LINE_CHARS) throw tooLong('a line', LINE_CHARS)
  }
  rest += decoder.decode()
  if (rest !== '') yield withoutReturn(rest)
}

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of chunks) {
    text += decoder.decode(chunk, { stream: true })
    if (text.length > TEXT_CHARS) throw tooLong('an answer', TEXT_CHARS)
  }
  return text + decoder.decode()
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line
}

function tooLong(what: string, limit: number): EngineError {
  return new EngineError(
    'BAD_RESPONSE',
    `The model server sent ${what} of more than ${limit} characters`,
  )
}

function unavailable(url: URL, cause: Error): EngineError {
  const code = 'code' in cause ? String(cause.code) : cause.message
  return new EngineError(
    'UNAVAILABLE',
    `No model server answers at ${url.origin} (${code}): start it, or correct its address`,
    { cause },
  )
}

/** What aborting rejects with: the caller's own reason. */
export function reasonOf(signal: AbortSignal): Error {
  const reason: unknown = signal.reason
  return reason instanceof Error ? reason : new EngineError('ABORTED', String(reason))
}
