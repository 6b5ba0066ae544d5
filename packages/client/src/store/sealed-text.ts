import { sumOf } from './sqlite-file.ts'
import { noReference, readValue, textOf } from './value-text.ts'

/** A value with its checksum, in one piece unless `write` does otherwise. Throws a `ClientError` where it cannot be written. */
export function sealed(
  place: string,
  value: unknown,
  write: (value: unknown) => string = textOf,
): string {
  const body = write(value)
  return `${sumOf(place, body)} ${body}`
}

/** The value, if it is what was written; `read` reads what was not written in one piece. */
export function unsealed(
  place: string,
  text: unknown,
  read: (body: string) => unknown = inOnePiece,
): unknown {
  if (typeof text !== 'string') return undefined
  const end = text.indexOf(' ')
  const body = text.slice(end + 1)
  const isWhole = sumOf(place, body) === Number(text.slice(0, end))
  return isWhole ? read(body) : undefined
}

function inOnePiece(body: string): unknown {
  return readValue(body, noReference)
}
