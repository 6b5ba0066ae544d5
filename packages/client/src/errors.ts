import { isFunction } from './guards.ts'
import { inWords } from './in-words.ts'

/** What can go wrong on the asking side. */
export type ClientErrorCode =
  /** A plan that cannot be built; the message names the verb or step. */
  | 'INVALID_PLAN'
  /** A value that does not fit what a pipeline, step or option wants. */
  | 'INVALID_INPUT'
  /** A local function of the plan threw, or answered what its schema refuses. */
  | 'STEP_FAILED'
  /** A node could not do the task, or none that may would. */
  | 'TASK_FAILED'
  /** The task failed on several different nodes: the fault is most likely its own. */
  | 'POISON'
  /** The task's node was lost too often while it had the task. */
  | 'NODE_LOST'
  | 'TIMED_OUT'
  | 'CANCELLED'
  /** Nodes are there, but none with a wanted model. */
  | 'NO_SUCH_MODEL'
  /** No node at all. */
  | 'NO_NODES'
  /** A finished call could not be recorded, or a record cannot be read. */
  | 'STORE_FAILED'
  /** Another process is at the run. */
  | 'RUN_HELD'
  /** Nothing is recorded of that run. */
  | 'NO_SUCH_RUN'
  /** A step that is taken up again does not ask what it asked before. */
  | 'NONDETERMINISM'
  /** Too many rows of a run failed. */
  | 'RUN_FAILED'
  /** The client was closed. */
  | 'CLOSED'

const RETRYABLE: ReadonlySet<ClientErrorCode> = new Set([
  'STEP_FAILED',
  'TASK_FAILED',
  'NODE_LOST',
  'TIMED_OUT',
])

/** Codes that end a call because the run ends, where it does: no failure of the row. */
export const ENDED: ReadonlySet<ClientErrorCode> = new Set(['CANCELLED', 'CLOSED'])

export interface ClientErrorOptions extends ErrorOptions {
  /** Whether asking again might succeed. @default what the code usually means */
  readonly retryable?: boolean
}

/** Every error of this package. The message is for people: it names the culprit and the mend. */
export class ClientError extends Error {
  override readonly name: string = 'ClientError'
  readonly code: ClientErrorCode
  /** Whether asking again might succeed. */
  readonly retryable: boolean

  constructor(code: ClientErrorCode, message: string, options: ClientErrorOptions = {}) {
    super(message, options)
    this.code = code
    this.retryable = options.retryable ?? RETRYABLE.has(code)
  }
}

/** An object is told in no more characters. */
const MOST_TOLD = 1000

/** How the text of an object begins that has none. */
const SILENT = '[object '

/** The text of whatever was thrown. Throws nothing itself. */
export function messageOf(thrown: unknown): string {
  try {
    if (thrown instanceof Error) return errorText(thrown)
    return typeof thrown === 'object' && thrown !== null ? objectText(thrown) : String(thrown)
  } catch {
    return 'a value that cannot be told'
  }
}

/** Errors below an error, or beside each other, that are told. */
const MOST_CAUSES = 3

/** With what is behind it, where it does not say that itself: `fetch failed` says nothing. Ours say all that they know. */
function errorText(error: Error, depth = 0): string {
  const own = error.message || error.name
  if (error instanceof ClientError || depth >= MOST_CAUSES) return own
  const behind: readonly unknown[] = error instanceof AggregateError ? error.errors : [error.cause]
  const told = behind
    .slice(0, MOST_CAUSES)
    .map((cause) => (cause instanceof Error ? errorText(cause, depth + 1) : ''))
    .filter((text) => !own.includes(text))
  return told.length === 0 ? own : shortened(`${own}: ${told.join('; ')}`)
}

/** As it tells itself; what has no words of its own, as JSON. */
function objectText(thrown: object): string {
  const tell: unknown = Reflect.get(thrown, 'toString')
  const own = isFunction(tell) ? String(Reflect.apply(tell, thrown, [])) : SILENT
  const isTold = !own.startsWith(SILENT) && !Array.isArray(thrown)
  const text = isTold ? own : JSON.stringify(thrown, inWords)
  return shortened(text)
}

function shortened(text: string): string {
  return text.length > MOST_TOLD ? `${text.slice(0, MOST_TOLD)}…` : text
}

/** The error where nothing here was called off: that another run or client has ended is a failure like others. */
export function asFailure(error: ClientError): ClientError {
  if (!ENDED.has(error.code)) return error
  return new ClientError('STEP_FAILED', `${error.code}: ${error.message}`, { cause: error })
}

/** Whatever was thrown, as an error of ours with its cause. */
export function toClientError(thrown: unknown, code: ClientErrorCode): ClientError {
  if (thrown instanceof ClientError) return thrown
  return new ClientError(code, messageOf(thrown), { cause: thrown })
}

/** The same error, for who would not know what it is about. */
export function about(what: string, error: ClientError): ClientError {
  const { code, message, retryable } = error
  return new ClientError(code, `${what}: ${message}`, { cause: error, retryable })
}

/** What went wrong with the store, if anything did. */
export function troubleIn(work: () => void): ClientError | undefined {
  try {
    work()
    return undefined
  } catch (thrown) {
    return toClientError(thrown, 'STORE_FAILED')
  }
}
