import { isRecord } from '../records.ts'
import { WorkflowError } from '../errors.ts'

const MAX_MESSAGE_CHARS = 400

/** What is wrong with a value: where, and what was expected. */
export interface Mismatch {
  /** "" for the value itself, else `.key`, `[3]`, … */
  readonly path: string
  readonly message: string
  /** A key that the schema does not know: everything else about the object may still be right. */
  readonly unknownKey?: boolean
}

/** Whether a value matches; the first mismatch where it does not. */
export type Check = (value: unknown) => Mismatch | undefined

/** A mismatch of a part, as one of the whole. */
export function inside(step: string, wrong: Mismatch): Mismatch {
  return { ...wrong, path: step + wrong.path }
}

/** A mismatch of the value itself. */
export function mismatch(message: string): Mismatch {
  const short = message.length > MAX_MESSAGE_CHARS
  return { path: '', message: short ? `${message.slice(0, MAX_MESSAGE_CHARS - 1)}…` : message }
}

/** A mismatch as a sentence for people and models. */
export function mismatchText({ path, message }: Mismatch): string {
  return path === '' ? message : `at ${path}: ${message}`
}

/** A type with its article. */
export function article(type: string): string {
  if (type === 'null') return 'null'
  return /^[aio]/.test(type) ? `an ${type}` : `a ${type}`
}

/** A value in a few words, short enough for a message. */
export function describe(value: unknown): string {
  if (Array.isArray(value)) return 'an array'
  if (isRecord(value)) return 'an object'
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}

/** What is wrong with a schema. */
export function invalidSchema(reason: string): WorkflowError {
  return new WorkflowError('INVALID_SCHEMA', `the schema cannot be used: ${reason}`)
}
