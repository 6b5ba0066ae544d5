import { isBearer } from '@skein/protocol'
import { ClientError } from '../errors.ts'
import { inWords } from '../in-words.ts'
import type { ExternalTask, TaskDesk } from './task-desk.ts'

/** An answer to a task is no larger. */
const MOST_BYTES = 4 * 1024 * 1024

const TASKS = '/tasks'

/** What the handler needs. */
export interface TasksHandlerOptions {
  /** Who sends it may see and answer tasks: `authorization: Bearer TOKEN`. */
  readonly token: string
}

/** Answers a request as `fetch` has it. */
export type TasksHandler = (request: Request) => Promise<Response>

/**
 * Open tasks over HTTP: `GET /tasks` lists them, `GET /tasks/KEY` shows one, `POST /tasks/KEY` with the answer as JSON
 * completes it: 400 where it does not fit, 404 where there is no such task, 409 where somebody was faster.
 * Nothing but POST changes anything, and nobody without the token learns whether a task is there.
 *
 * @throws {ClientError} `INVALID_INPUT` there is no token
 */
export function tasksHandler(desk: TaskDesk, { token }: TasksHandlerOptions): TasksHandler {
  // A variable that is not set would be a token that everybody knows: `undefined`.
  if (typeof token !== 'string' || token.trim() === '') {
    throw new ClientError(
      'INVALID_INPUT',
      'a handler of tasks needs a token, a text that nobody guesses',
    )
  }
  return async (request) => {
    if (!isBearer(request, token)) return refusal(401, 'the token is missing or wrong')
    const { pathname } = new URL(request.url)
    if (pathname === TASKS && request.method === 'GET') return told(desk.list().map(shown))
    const key = keyOf(pathname)
    if (key === undefined) return refusal(404, `there is nothing at ${pathname}`)
    if (request.method === 'GET') return show(desk, key)
    if (request.method !== 'POST') return refusal(405, 'only GET and POST are understood')
    return complete(desk, key, request)
  }
}

/** Keys have slashes of their own. */
function keyOf(pathname: string): string | undefined {
  if (!pathname.startsWith(`${TASKS}/`)) return undefined
  try {
    return decodeURIComponent(pathname.slice(TASKS.length + 1))
  } catch {
    return undefined
  }
}

function show(desk: TaskDesk, key: string): Response {
  const task = desk.find(key)
  return task ? told(shown(task)) : refusal(404, `no task '${key}' is open`)
}

async function complete(desk: TaskDesk, key: string, request: Request): Promise<Response> {
  const body = await bodyOf(request)
  if ('response' in body) return body.response
  const completion = desk.complete(key, body.value)
  if (completion.state === 'done') return Response.json({ key, state: 'done' })
  if (completion.state === 'unknown') return refusal(404, `there is no task '${key}'`)
  if (completion.state === 'over') return refusal(409, `task '${key}' has been completed already`)
  return refusal(400, `the answer does not fit: ${completion.problem}`)
}

async function bodyOf(
  request: Request,
): Promise<{ readonly value: unknown } | { readonly response: Response }> {
  const bytes = await bytesOf(request)
  if (!bytes) return { response: refusal(413, `an answer has at most ${MOST_BYTES} bytes`) }
  try {
    return { value: JSON.parse(new TextDecoder('utf8', { fatal: true }).decode(bytes)) as unknown }
  } catch {
    return { response: refusal(400, 'the answer is not valid JSON') }
  }
}

/** None where there are too many; the rest is not read then. */
async function bytesOf(request: Request): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = []
  let size = 0
  const body: AsyncIterable<Uint8Array> | Iterable<Uint8Array> = request.body ?? []
  for await (const chunk of body) {
    size += chunk.byteLength
    if (size > MOST_BYTES) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function shown({ openedAt, ...task }: ExternalTask) {
  return { ...task, openedAt: new Date(openedAt).toISOString() }
}

/** Whatever a task is about: one odd input keeps nobody from the others. */
function told(value: unknown): Response {
  const headers = { 'content-type': 'application/json' }
  return new Response(JSON.stringify(value, inWords), { headers })
}

function refusal(status: number, error: string): Response {
  return Response.json({ error }, { status })
}
