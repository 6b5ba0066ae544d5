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

/** A decimal of a file that knows how many digits it has. */
export class Decimal {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  /** Only if it has all the digits. */
  get number(): number | undefined {
    const number = Number(this.text)
    return digitsOf(String(number)) === digitsOf(this.text) ? number : undefined
  }

  toJSON(): string {
    return this.text
  }
}

/** Only such texts can hold a number that is rounded: fifteen digits fit always, but not every exponent. */
const LONG_NUMBER = /\d[\d.]{15}|\de\+?\d{3}/i

const NUMBER = /^[+-]?(?=\.?\d)(?<whole>\d*)\.?(?<part>\d*)(?:e(?<exponent>[+-]?\d+))?$/i

/**
 * A value of JSON, with a RoundedNumber for each number in it that would be rounded.
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

/**
 * Whether a number beyond 2^53 is another than the text says: two ids would become one. What a program wrote itself
 * is as it was, however many digits it has, and of fractions a number holds what it can.
 */
export function isRounded(text: string, value: unknown): boolean {
  if (typeof value !== 'number' || Math.abs(value) < 2 ** 53) return false
  const said = digitsOf(text)
  if (said === undefined) return false
  if (!Number.isFinite(value)) return true
  return said !== digitsOf(String(value)) && said !== digitsOf(String(BigInt(value)))
}

/** The same for all texts of one number, whatever its sign. */
function digitsOf(text: string): string | undefined {
  const { whole, part = '', exponent = '0' } = NUMBER.exec(text)?.groups ?? {}
  if (whole === undefined) return undefined
  const digits = whole + part
  let [start, end] = [0, digits.length]
  while (digits[start] === '0') start++
  while (end > start && digits[end - 1] === '0') end--
  if (start === end) return '0'
  const power = Number(exponent) - part.length + digits.length - end
  return `${digits.slice(start, end)}e${power}`
}

/** Whether there is one of these anywhere in a value. */
export function holds(value: unknown, isIt: (part: unknown) => boolean): boolean {
  if (isIt(value)) return true
  if (Array.isArray(value)) return value.some((part) => holds(part, isIt))
  return isRecord(value) && Object.values(value).some((part) => holds(part, isIt))
}

/** Whether a number that would be rounded is anywhere in it. */
export function holdsRounded(value: unknown): boolean {
  return holds(value, (part) => part instanceof RoundedNumber)
}
