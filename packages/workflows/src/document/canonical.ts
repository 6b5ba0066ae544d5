import { sha256 as digest } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { WorkflowError } from '../errors.ts'

/**
 * The one text of a JSON value: keys sorted by code unit, no white space, absent keys left out.
 * Equal values have equal texts on every machine.
 *
 * @throws {WorkflowError} `INVALID_DOCUMENT` where the value is not JSON (a function, NaN, a cycle)
 */
export function canonicalJson(value: unknown): string {
  return write(value, [])
}

/** SHA-256 of a text in UTF-8, as 64 hexadecimal digits. */
export function sha256(text: string): string {
  return bytesToHex(digest(utf8ToBytes(text)))
}

function write(value: unknown, path: unknown[]): string {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') {
    return JSON.stringify(value)
  }
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return JSON.stringify(value)
    throw notJson(String(value))
  }
  if (typeof value === 'object') return writeNested(value, path)
  throw notJson(`a ${typeof value}`)
}

function writeNested(value: object, path: unknown[]): string {
  if (path.includes(value)) throw notJson('a value that contains itself')
  path.push(value)
  const text = Array.isArray(value)
    ? `[${value.map((item: unknown) => write(item, path)).join(',')}]`
    : `{${writeMembers(value, path).join(',')}}`
  path.pop()
  return text
}

function writeMembers(value: object, path: unknown[]): string[] {
  return Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${write(member, path)}`)
}

function notJson(what: string): WorkflowError {
  return new WorkflowError('INVALID_DOCUMENT', `${what} cannot travel: only JSON values can`)
}
