import { sumOf } from './sqlite-file.ts'
import { noReference, readValue, textOf } from './value-text.ts'

/** A value with its checksum. Throws a `ClientError` where it cannot be written. */
export function sealed(place: string, value: unknown): string {
  const body = textOf(value)
  return `${sumOf(place, body)} ${body}`
}

/** The value, if it is what was written. */
export function unsealed(place: string, text: unknown): unknown {
  if (typeof text !== 'string') return undefined
  const end = text.indexOf(' ')
  const body = text.slice(end + 1)
  const isWhole = sumOf(place, body) === Number(text.slice(0, end))
  return isWhole ? readValue(body, noReference) : undefined
}
