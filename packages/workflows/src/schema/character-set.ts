/** Sets of characters, as patterns name them. */

/** Characters from one code point to another, both included. */
export type Range = readonly [number, number]

/** One character of these ranges or Unicode properties; of none of them when negated. */
export interface CharacterSet {
  readonly ranges: readonly Range[]
  readonly properties: readonly RegExp[]
  readonly negated: boolean
}

const DIGITS: readonly Range[] = [[48, 57]]
const WORDS: readonly Range[] = [
  [48, 57],
  [65, 90],
  [95, 95],
  [97, 122],
]
const SPACES: readonly Range[] = [
  [9, 13],
  [32, 32],
  [160, 160],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
]
/** What `.` leaves out. */
export const LINE_ENDS: readonly Range[] = [
  [10, 10],
  [13, 13],
  [0x2028, 0x2029],
]

/** What stands for a class after a backslash. */
export const CLASSES: Readonly<Record<string, CharacterSet>> = {
  d: setOf(DIGITS),
  D: setOf(DIGITS, true),
  w: setOf(WORDS),
  W: setOf(WORDS, true),
  s: setOf(SPACES),
  S: setOf(SPACES, true),
}

/** Whether a set holds a character. */
export function inSet({ ranges, properties, negated }: CharacterSet, character: string): boolean {
  const code = character.codePointAt(0) ?? 0
  const found =
    ranges.some(([low, high]) => code >= low && code <= high) ||
    properties.some((property) => property.test(character))
  return found !== negated
}

/** Whether a character counts as part of a word, for `\b`. */
export function isWord(character: string | undefined): boolean {
  return character !== undefined && /^\w$/.test(character)
}

/** A set of ranges. */
export function setOf(ranges: readonly Range[], negated = false): CharacterSet {
  return { ranges, properties: [], negated }
}

/** The only character of a set; `undefined` where it has several. */
export function single({ ranges, properties, negated }: CharacterSet): number | undefined {
  const [range] = ranges
  const alone = ranges.length === 1 && properties.length === 0 && !negated
  return alone && range !== undefined && range[0] === range[1] ? range[0] : undefined
}

/** Every code point that is in none of the ranges. */
export function complement(ranges: readonly Range[]): readonly Range[] {
  const found: Range[] = []
  let from = 0
  for (const [low, high] of ranges.toSorted((a, b) => a[0] - b[0])) {
    if (low > from) found.push([from, low - 1])
    from = Math.max(from, high + 1)
  }
  if (from <= 0x10ffff) found.push([from, 0x10ffff])
  return found
}
