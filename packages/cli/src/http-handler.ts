import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'

const BASE = 'http://127.0.0.1'

/** A handler of `fetch`'s requests, for Node's own server. */
export function handleRequests(handler: (request: Request) => Promise<Response>): RequestListener {
  return (incoming, outgoing) => {
    answer(handler, incoming, outgoing).catch(() => {
      // Whoever asked has gone, or the store cannot be read: there is nobody to tell more.
      if (!outgoing.headersSent) outgoing.writeHead(500)
      outgoing.end()
    })
  }
}

async function answer(
  handler: (request: Request) => Promise<Response>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  if (!isUnderstood(incoming)) {
    outgoing.writeHead(400).end()
    return
  }
  const response = await handler(requestOf(incoming))
  outgoing.writeHead(response.status, Object.fromEntries(response.headers))
  outgoing.end(Buffer.from(await response.arrayBuffer()))
}

/** Whether `fetch` could ask it. */
function isUnderstood({ method, url = '/' }: IncomingMessage): boolean {
  return (
    url.startsWith('/') && URL.canParse(url, BASE) && method !== 'TRACE' && method !== 'CONNECT'
  )
}

function requestOf(incoming: IncomingMessage): Request {
  const { method = 'GET', headers, url = '/' } = incoming
  const hasBody = method !== 'GET' && method !== 'HEAD'
  const said = Object.entries(headers).flatMap(([name, value = []]) =>
    [value].flat().map((one): [string, string] => [name, one]),
  )
  return new Request(new URL(url, BASE), {
    method,
    headers: said,
    ...(hasBody && { body: Readable.toWeb(incoming), duplex: 'half' }),
  })
}
