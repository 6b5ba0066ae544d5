import { complement, type CharacterSet, type Range } from '../schema/character-set.ts'
import { parsePattern, type PatternNode } from '../schema/pattern.ts'

/**
 * Pieces of GBNF, the grammar that llama.cpp holds a model to. A piece is text that can stand in a sequence.
 */

/** Most repetitions that are written out: more make a grammar too slow to follow. */
export const MAX_COUNT = 500

/** The rule of one character in a JSON string: itself, or escaped in JSON's shortest way. */
export const CHARACTER = 'char'
export const CHARACTER_RULE = String.raw`char ::= [^"\\\x00-\x1F] | "\\" (["\\bfnrt] | "u00" [01] [0-9a-f])`

/** The rule of any JSON string. */
export const TEXT = 'text'
export const TEXT_RULE = String.raw`text ::= "\"" char* "\""`

/**
 * What stands between members, and after a key. Models are used to one space there: without it they begin the next text with
 * it. Anywhere else, and more of it, is forbidden.
 */
export const COMMA = '"," " "?'
export const COLON_SPACE = '" "?'

/** The digits after a point. */
export const FRACTION = '("." [0-9]{1,15})'
/** The same, and not nothing but zeros. */
export const NONZERO_FRACTION = '("." "0"{0,7} [1-9] [0-9]{0,7})'

/** A text that stands as it is. */
export function literal(text: string): string {
  return JSON.stringify(text)
}

/** One of several pieces. */
export function oneOf(pieces: readonly string[]): string {
  const text = pieces.join(' | ')
  return pieces.length === 1 ? text : `(${text})`
}

/** Pieces one after the other. */
export function sequence(pieces: readonly string[]): string {
  return pieces.length === 0 ? '""' : `(${pieces.join(' ')})`
}

/** A piece so many times. */
export function repeated(piece: string, min: number, max: number): string {
  if (min === 0 && max === Infinity) return `${piece}*`
  if (min === 1 && max === Infinity) return `${piece}+`
  if (min === 0 && max === 1) return `${piece}?`
  return max === Infinity ? `${piece}{${min},}` : `${piece}{${min},${max}}`
}

/** The JSON strings whose text matches a pattern; `undefined` where a grammar cannot say it. */
export function patternPiece(source: string): string | undefined {
  const pattern = parsePattern(source)
  const alternatives = pattern.kind === 'choice' ? pattern.parts : [pattern]
  const pieces = alternatives.map(alternativePiece)
  return pieces.every((piece) => piece !== undefined)
    ? sequence(['"\\""', oneOf(pieces), '"\\""'])
    : undefined
}

/** One alternative. What is not anchored may have anything before and after it. */
function alternativePiece(node: PatternNode): string | undefined {
  const parts = node.kind === 'sequence' ? node.parts : [node]
  const from = parts[0]?.kind === 'start' ? 1 : 0
  const to = parts.at(-1)?.kind === 'end' ? parts.length - 1 : parts.length
  const inner = parts.slice(from, to).map(nodePiece)
  if (!inner.every((piece) => piece !== undefined)) return undefined
  const any = `${CHARACTER}*`
  const before = from === 1 ? [] : [any]
  return sequence([...before, ...inner, ...(to < parts.length ? [] : [any])])
}

function nodePiece(node: PatternNode): string | undefined {
  if (node.kind === 'set') return setPiece(node.set)
  if (node.kind === 'sequence') return together(node.parts, sequence)
  if (node.kind === 'choice') return together(node.parts, oneOf)
  if (node.kind !== 'repeat' || node.min > MAX_COUNT) return undefined
  if (node.max !== Infinity && node.max > MAX_COUNT) return undefined
  const part = nodePiece(node.part)
  return part === undefined ? undefined : repeated(`(${part})`, node.min, node.max)
}

function together(
  parts: readonly PatternNode[],
  join: (pieces: readonly string[]) => string,
): string | undefined {
  const pieces = parts.map(nodePiece)
  return pieces.every((piece) => piece !== undefined) ? join(pieces) : undefined
}

/** Characters that JSON escapes, with their escapes. */
const ESCAPES: readonly (readonly [number, string])[] = [
  [0x22, '\\"'],
  [0x5c, '\\\\'],
  [0x08, '\\b'],
  [0x0c, '\\f'],
  [0x0a, '\\n'],
  [0x0d, '\\r'],
  [0x09, '\\t'],
]

/** The other control characters, as JSON writes them. */
const CONTROLS = Array.from({ length: 0x20 }, (_, code) => code)
  .filter((code) => !ESCAPES.some(([known]) => known === code))
  .map((code) => [code, `\\u${code.toString(16).padStart(4, '0')}`] as const)

/** Ranges that stand for themselves in a JSON string. */
const PLAIN: readonly Range[] = [
  [0x20, 0x21],
  [0x23, 0x5b],
  [0x5d, 0xd7ff],
  [0xe000, 0x10ffff],
]

/** One character of a set, as it is written in a JSON string. */
function setPiece({ ranges, properties, negated }: CharacterSet): string | undefined {
  if (properties.length > 0) return undefined
  const wanted = negated ? complement(ranges) : ranges
  const plain = PLAIN.flatMap(([low, high]) =>
    wanted.flatMap(([from, to]): readonly Range[] => {
      const range: Range = [Math.max(low, from), Math.min(high, to)]
      return range[0] <= range[1] ? [range] : []
    }),
  )
  const escaped = [...ESCAPES, ...CONTROLS].filter(([code]) =>
    wanted.some(([from, to]) => code >= from && code <= to),
  )
  const pieces = escaped.map(([, text]) => literal(text))
  if (plain.length > 0) pieces.unshift(`[${plain.map(rangeText).join('')}]`)
  return pieces.length === 0 ? undefined : oneOf(pieces)
}

function rangeText([low, high]: Range): string {
  return low === high ? codeText(low) : `${codeText(low)}-${codeText(high)}`
}

function codeText(code: number): string {
  const character = String.fromCodePoint(code)
  if (/[0-9A-Za-z]/.test(character)) return character
  const digits = code.toString(16).toUpperCase()
  if (code < 0x100) return `\\x${digits}`
  return code < 0x10000 ? `\\u${digits.padStart(4, '0')}` : `\\U${digits.padStart(8, '0')}`
}
