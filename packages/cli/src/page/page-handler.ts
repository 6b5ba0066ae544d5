import { readFile } from 'node:fs/promises'
import type { RecordedRuns } from '@skein/client'
import { isBearer } from '@skein/protocol'
import { moments } from './moments.ts'

/** Beside `src` and `dist`. */
const FOLDER = new URL('../../page/', import.meta.url)

/** What the page is made of, by its paths. */
const FILES: ReadonlyMap<string, { readonly name: string; readonly type: string }> = new Map([
  ['/', { name: 'index.html', type: 'text/html' }],
  ['/page.css', { name: 'page.css', type: 'text/css' }],
  ['/page.js', { name: 'page.js', type: 'text/javascript' }],
])

/** Names of this machine. A page of elsewhere whose name was made to lead here asks for its own. */
const OURS: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost'])

/** It runs nothing but its own script, asks nobody but us, and stands in no frame. */
const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

export interface PageHandlerOptions {
  /** Who sends it may see runs: `authorization: Bearer TOKEN`. */
  readonly token: string
  /** Ends what is still told. */
  readonly signal: AbortSignal
}

/**
 * The page: `GET /` and its files, for whoever reaches this machine's loopback, and `GET /moments?run=ID`, for whoever has
 * the token: JSON lines, a `PageMoment` each, now and whenever something has changed. Nothing changes anything.
 */
export function pageHandler(
  runs: RecordedRuns,
  { token, signal }: PageHandlerOptions,
): (request: Request) => Promise<Response> {
  return async (request) => {
    const { pathname, searchParams } = new URL(request.url)
    if (!isForUs(request)) return refusal(403, 'this is the page of another machine')
    if (request.method !== 'GET') return refusal(405, 'only GET is understood')
    const file = FILES.get(pathname)
    if (file) return told(await readFile(new URL(file.name, FOLDER)), file.type)
    if (pathname !== '/moments') return refusal(404, `there is nothing at ${pathname}`)
    if (!isBearer(request, token)) return refusal(401, 'the token is missing or wrong')
    const id = searchParams.get('run') ?? undefined
    return told(ReadableStream.from(linesOf(moments(runs, { id, signal }))), 'application/jsonl')
  }
}

async function* linesOf(values: AsyncIterable<unknown>): AsyncGenerator<Uint8Array, void> {
  const encoder = new TextEncoder()
  for await (const value of values) yield encoder.encode(`${JSON.stringify(value)}\n`)
}

function isForUs(request: Request): boolean {
  const host = request.headers.get('host') ?? ''
  return OURS.has(host.replace(/:\d+$/, ''))
}

function told(body: ReadableStream | Uint8Array<ArrayBuffer>, type: string): Response {
  return new Response(body, { headers: { ...HEADERS, 'content-type': `${type}; charset=utf-8` } })
}

function refusal(status: number, error: string): Response {
  return Response.json({ error }, { status, headers: HEADERS })
}
