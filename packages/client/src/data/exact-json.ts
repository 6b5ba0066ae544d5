import { isRecord } from '../guards.ts'

/** Takes the place of a number in a file that a number here could only hold rounded: two ids would become one. */
export class RoundedNumber {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  toJSON(): string {
    return this.text
  }
}

/** Only such texts can hold a number that is rounded. */
const LONG_NUMBER = /\d{16}/

/**
 * A value of JSON, with a RoundedNumber for each whole number in it that would be rounded.
 *
 * @throws {SyntaxError} it is no JSON
 */
export function parseExactly(text: string): unknown {
  return LONG_NUMBER.test(text) ? JSON.parse(text, markRounded) : JSON.parse(text)
}

function markRounded(
  _key: string,
  value: unknown,
  context?: { readonly source?: string },
): unknown {
  const source = context?.source
  return source !== undefined && isRounded(source, value) ? new RoundedNumber(source) : value
}

/** Whether the number is another than the text says. What we wrote ourselves is as it was, however many digits it has. */
export function isRounded(text: string, value: unknown): boolean {
  if (typeof value !== 'number' || Number.isSafeInteger(value) || !/^-?\d+$/.test(text))
    return false
  return String(value) !== text && (!Number.isFinite(value) || BigInt(value) !== BigInt(text))
}

/** Whether there is one anywhere in it. */
export function holdsRounded(value: unknown): boolean {
  if (value instanceof RoundedNumber) return true
  if (Array.isArray(value)) return value.some(holdsRounded)
  return isRecord(value) && Object.values(value).some(holdsRounded)
}
