import type { HttpRequest } from '@skein/workflows'
import { ToolError } from './tool-error.ts'

/** A request with the call's arguments in their places. */
export interface FilledRequest {
  readonly method: HttpRequest['method']
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  /** JSON text, or what the workflow wrote as text. */
  readonly body: string | undefined
}

type Arguments = Readonly<Record<string, unknown>>

const PLACE = /\{\{\s*([\w-]+)\s*\}\}/g
const WHOLE_PLACE = /^\{\{\s*([\w-]+)\s*\}\}$/
const HEADER_NAME = /^[!#$%&'*+.^_`|~\w-]+$/
// oxlint-disable-next-line no-control-regex -- control characters are what must not stand in a header
const HEADER_VALUE = /^[^\u0000-\u0008\u000a-\u001f\u007f]*$/
/** Headers that belong to the connection: a task that sets them could smuggle a second request. */
const CONNECTION_HEADERS = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/**
 * Puts arguments in the places of a request: percent-encoded in the address, as JSON values in the body.
 * Arguments without a place go into the query (GET, DELETE) or, where the workflow gives no body, make it.
 *
 * @throws {ToolError} `INVALID_REQUEST`
 */
export function fillRequest(request: HttpRequest, given: unknown): FilledRequest {
  const values = argumentsOf(given)
  const used = new Set<string>()
  const address = fillText(request.url, (name) => encodeURIComponent(text(values, name, used)))
  const url = urlOf(address)
  const headers = headersOf(request, values, used)
  const body = request.body === undefined ? undefined : fillValue(request.body, values, used)
  const left = Object.entries(values).filter(([name]) => !used.has(name))
  const { method } = request
  if (method === 'GET' || method === 'DELETE') {
    for (const [name, value] of left) url.searchParams.append(name, asText(value))
    return { method, url, ...payload(body, headers) }
  }
  const made = left.length === 0 ? undefined : Object.fromEntries(left)
  return { method, url, ...payload(body ?? made, headers) }
}

function payload(
  body: unknown,
  headers: Readonly<Record<string, string>>,
): Pick<FilledRequest, 'headers' | 'body'> {
  if (body === undefined || typeof body === 'string') return { headers, body }
  return {
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  }
}

function argumentsOf(given: unknown): Arguments {
  if (given === undefined || given === null) return {}
  if (isArguments(given)) return given
  throw new ToolError('INVALID_REQUEST', "the call's arguments are no object")
}

function isArguments(given: unknown): given is Arguments {
  return typeof given === 'object' && given !== null && !Array.isArray(given)
}

function urlOf(address: string): URL {
  if (!URL.canParse(address)) {
    throw new ToolError('INVALID_REQUEST', "the tool's address is no URL once it is filled in")
  }
  return new URL(address)
}

function headersOf(
  request: HttpRequest,
  values: Arguments,
  used: Set<string>,
): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(request.headers ?? {})) {
    const key = name.toLowerCase()
    const filled = fillText(value, (place) => text(values, place, used))
    if (!HEADER_NAME.test(name) || CONNECTION_HEADERS.has(key) || key.startsWith('proxy-')) {
      throw new ToolError(
        'INVALID_REQUEST',
        `a tool may not set the header ${JSON.stringify(name)}`,
      )
    }
    if (!HEADER_VALUE.test(filled)) {
      throw new ToolError('INVALID_REQUEST', `the header ${name} holds a control character`)
    }
    headers[key] = filled
  }
  return headers
}

function fillValue(value: unknown, values: Arguments, used: Set<string>): unknown {
  if (typeof value === 'string') {
    const [, whole] = WHOLE_PLACE.exec(value) ?? []
    if (whole !== undefined) return valueOf(values, whole, used)
    return fillText(value, (name) => text(values, name, used))
  }
  if (Array.isArray(value)) return value.map((item: unknown) => fillValue(item, values, used))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, fillValue(item, values, used)]),
  )
}

function fillText(source: string, read: (name: string) => string): string {
  return source.replaceAll(PLACE, (_, name: string) => read(name))
}

function text(values: Arguments, name: string, used: Set<string>): string {
  return asText(valueOf(values, name, used))
}

function valueOf(values: Arguments, name: string, used: Set<string>): unknown {
  if (!Object.hasOwn(values, name)) {
    throw new ToolError('INVALID_REQUEST', `the call lacks the argument '${name}'`)
  }
  used.add(name)
  return values[name]
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
