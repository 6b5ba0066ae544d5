import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { isBearer } from '@skein/protocol'
import { Page, type FindRecords } from './page.ts'

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

/**
 * The page: `GET /` and its files, for whoever reaches this machine's loopback, and `GET /moment?run=ID`, for whoever
 * sends the token (`authorization: Bearer TOKEN`): a `PageMoment` as JSON, or 304 where it is the one that is known
 * already. Nothing changes anything.
 */
export function pageHandler(
  find: FindRecords,
  token: string,
): (request: Request) => Promise<Response> {
  const page = new Page(find)
  return async (request) => {
    const { pathname, searchParams } = new URL(request.url)
    if (!isForUs(request)) return refusal(403, 'this is the page of another machine')
    if (request.method !== 'GET') return refusal(405, 'only GET is understood')
    const file = FILES.get(pathname)
    if (file) return told(await readFile(new URL(file.name, FOLDER)), { type: file.type })
    if (pathname !== '/moment') return refusal(404, `there is nothing at ${pathname}`)
    if (!isBearer(request, token)) return refusal(401, 'the token is missing or wrong')
    const moment = JSON.stringify(await page.look(searchParams.get('run') ?? undefined))
    const etag = `"${createHash('sha256').update(moment).digest('base64url')}"`
    if (request.headers.get('if-none-match') !== etag) {
      return told(moment, { type: 'application/json', etag })
    }
    return new Response(null, { status: 304, headers: { ...HEADERS, etag } })
  }
}

function isForUs(request: Request): boolean {
  const host = request.headers.get('host') ?? ''
  return OURS.has(host.replace(/:\d+$/, '').toLowerCase())
}

function told(
  body: string | Uint8Array<ArrayBuffer>,
  { type, etag }: { readonly type: string; readonly etag?: string },
): Response {
  const headers = { ...HEADERS, 'content-type': `${type}; charset=utf-8`, ...(etag && { etag }) }
  return new Response(body, { headers })
}

function refusal(status: number, error: string): Response {
  return Response.json({ error }, { status, headers: HEADERS })
}
