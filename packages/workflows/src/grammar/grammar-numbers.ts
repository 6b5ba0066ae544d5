import type { JsonSchema } from '../needs.ts'
import { FRACTION, literal, NONZERO_FRACTION, oneOf, sequence } from './grammar-text.ts'

/** Digits that every number keeps exactly. */
const MAX_DIGITS = 15
const LARGEST = 10 ** MAX_DIGITS - 1

/** The bounds of a number. */
export interface Bounds {
  readonly min: number
  readonly max: number
  readonly openMin: boolean
  readonly openMax: boolean
}

/** The bounds that a schema sets. */
export function boundsOf(schema: JsonSchema): Bounds {
  const bound = (key: string, otherwise: number): number =>
    typeof schema[key] === 'number' ? schema[key] : otherwise
  const [min, above] = [bound('minimum', -Infinity), bound('exclusiveMinimum', -Infinity)]
  const [max, below] = [bound('maximum', Infinity), bound('exclusiveMaximum', Infinity)]
  return {
    min: Math.max(min, above),
    max: Math.min(max, below),
    openMin: above >= min && above !== -Infinity,
    openMax: below <= max && below !== Infinity,
  }
}

/** Whether the bounds are whole numbers, or none: others a grammar cannot keep exactly. */
export function hasWholeBounds({ min, max }: Bounds): boolean {
  return [min, max].every((bound) => Number.isInteger(bound) || !Number.isFinite(bound))
}

/** Whole numbers within bounds; `undefined` where there are none. */
export function integerWithin({ min, max, openMin, openMax }: Bounds): string | undefined {
  const low = openMin && Number.isInteger(min) ? min + 1 : min
  return integerPiece(low, openMax && Number.isInteger(max) ? max - 1 : max)
}

/** Numbers within bounds, or within the whole ones around them; `undefined` where there are none. */
export function numberWithin(bounds: Bounds): string | undefined {
  if (hasWholeBounds(bounds)) return numberPiece(bounds)
  const { min, max } = bounds
  return numberPiece({ min: Math.floor(min), max: Math.ceil(max), openMin: false, openMax: false })
}

/** Whole numbers within bounds, both included; `undefined` where there are none. */
function integerPiece(min: number, max: number): string | undefined {
  const low = Math.max(Math.ceil(min), -LARGEST)
  const high = Math.min(Math.floor(max), LARGEST)
  if (low > high) return undefined
  const pieces: string[] = []
  if (low < 0) pieces.push(sequence(['"-"', naturals(Math.max(1, -high), -low)]))
  if (high >= 0) pieces.push(naturals(Math.max(0, low), high))
  return oneOf(pieces)
}

/** Natural numbers from `low` to `high`. */
function naturals(low: number, high: number): string {
  if (high === LARGEST && low < 2) {
    const all = `[1-9] [0-9]{0,${MAX_DIGITS - 1}}`
    return low === 0 ? `("0" | ${all})` : `(${all})`
  }
  const pieces: string[] = []
  for (let digits = String(low).length; digits <= String(high).length; digits += 1) {
    const from = Math.max(low, digits === 1 ? 0 : 10 ** (digits - 1))
    const to = Math.min(high, 10 ** digits - 1)
    pieces.push(sameLength(String(from), String(to)))
  }
  return oneOf(pieces)
}

/** Numbers of one length, from one to another. */
function sameLength(from: string, to: string): string {
  const [first = '', ...restFrom] = from
  const [last = '', ...restTo] = to
  const count = restFrom.length
  const tailFrom = restFrom.join('')
  const tailTo = restTo.join('')
  if (count === 0) return digitPiece(first, last)
  if (first === last) return sequence([literal(first), sameLength(tailFrom, tailTo)])
  const free = `[0-9]{${count}}`
  const pieces: string[] = []
  const wholeLow = /^0*$/.test(tailFrom)
  const wholeHigh = /^9*$/.test(tailTo)
  if (!wholeLow) pieces.push(sequence([literal(first), sameLength(tailFrom, '9'.repeat(count))]))
  const low = wholeLow ? Number(first) : Number(first) + 1
  const high = wholeHigh ? Number(last) : Number(last) - 1
  if (low <= high) pieces.push(sequence([digitPiece(String(low), String(high)), free]))
  if (!wholeHigh) pieces.push(sequence([literal(last), sameLength('0'.repeat(count), tailTo)]))
  return oneOf(pieces)
}

function digitPiece(from: string, to: string): string {
  return from === to ? literal(from) : `[${from}-${to}]`
}

/** Numbers with or without a fraction within bounds that are whole; `undefined` where there are none. */
function numberPiece({ min, max, openMin, openMax }: Bounds): string | undefined {
  const above = magnitudes({ min: Math.max(min, 0), max, openMin: min >= 0 && openMin, openMax })
  const below = magnitudes({
    min: Math.max(-max, 0),
    max: -min,
    openMin: max >= 0 || openMax,
    openMax: openMin,
  })
  const pieces = [...above, ...below.map((piece) => sequence(['"-"', piece]))]
  return pieces.length === 0 ? undefined : oneOf(pieces)
}

/** Numbers from 0 up: each whole one with any fraction, the last without where it is a bound. */
function magnitudes(bounds: Bounds): readonly string[] {
  const { min, max, openMin } = bounds
  const pieces: string[] = []
  if (openMin && min < max) pieces.push(sequence([literal(String(min)), NONZERO_FRACTION]))
  const whole = integerPiece(openMin ? min + 1 : min, max > LARGEST ? LARGEST : max - 1)
  if (whole !== undefined) pieces.push(sequence([whole, `${FRACTION}?`]))
  return max > LARGEST || !includesMax(bounds) ? pieces : [...pieces, literal(String(max))]
}

function includesMax({ min, max, openMin, openMax }: Bounds): boolean {
  return !openMax && (openMin ? min < max : min <= max)
}
