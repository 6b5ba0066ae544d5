import type { HttpRequest } from '@skein/workflows'
import { ToolError } from './tool-error.ts'

/** A request that can go out as it is. */
export interface OutgoingRequest {
  readonly method: HttpRequest['method']
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

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
 * Checks what a workflow would send. Its arguments are in their places already, and what looks like a
 * place now was in an argument: it stays as it is.
 *
 * @throws {ToolError} `INVALID_REQUEST`
 */
export function outgoing({ method, url, headers = {}, body }: HttpRequest): OutgoingRequest {
  const checked = headersOf(headers)
  if (body === undefined) return { method, url: urlOf(url), headers: checked, body: undefined }
  return {
    method,
    url: urlOf(url),
    headers: { 'content-type': 'application/json', ...checked },
    body: JSON.stringify(body),
  }
}

function urlOf(address: string): URL {
  if (!URL.canParse(address)) {
    throw new ToolError('INVALID_REQUEST', "the tool's address is no URL once it is filled in")
  }
  return new URL(address)
}

function headersOf(headers: Readonly<Record<string, string>>): Record<string, string> {
  const checked: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    const key = name.toLowerCase()
    if (!HEADER_NAME.test(name) || CONNECTION_HEADERS.has(key) || key.startsWith('proxy-')) {
      throw new ToolError(
        'INVALID_REQUEST',
        `a tool may not set the header ${JSON.stringify(name)}`,
      )
    }
    if (!HEADER_VALUE.test(value)) {
      throw new ToolError('INVALID_REQUEST', `the header ${name} holds a control character`)
    }
    checked[key] = value
  }
  return checked
}
