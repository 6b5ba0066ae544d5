import { jsonrepair } from 'jsonrepair'
import { opensString, stringEnd } from './extract.ts'
import { lossIn } from './loss.ts'
import { strictJson } from './reading.ts'
import { isRecord } from '../records.ts'

/** A repaired value, or why it was left alone. */
export type Repair =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly reason: string }

/**
 * Mends JSON that a model got slightly wrong: missing commas and closing brackets, quotes inside strings, keys
 * without quotes. What would be lost or made up is refused: an end that was cut off, items left out with "…", texts
 * that are not in the original, numbers that JSON has no word for. A `cut` answer may lack more than its closing
 * brackets.
 */
export function repair(span: string, cut: boolean): Repair {
  const outline = outlineOf(span)
  const flaw = flawOf(outline, cut)
  if (flaw !== undefined) return { ok: false, reason: flaw }
  const hard = hardship(span)
  if (hard !== undefined) return { ok: false, reason: hard }
  const json = mended(span)
  const value = structured(json)
  if (value === undefined) return { ok: false, reason: 'it is no JSON' }
  const loss = lossIn(value, json)
  if (loss !== undefined) return { ok: false, reason: loss }
  const faithful = outlineOf(JSON.stringify(value)).openings === outline.openings
  const original = unescaped(span)
  if (!faithful || ![...new Set(textsOf(value))].every((text) => original.includes(text))) {
    return { ok: false, reason: 'it is no JSON, and mending it would change it' }
  }
  return { ok: true, value }
}

/** Characters that are mended at most, for the same reason as below. */
const MAX_CHARS = 24 * 1024
/** What the library that mends walks round in circles on, until the stack is full. */
const CIRCLE = /\\,\s*["'`]/

/** Why mending would take long. */
function hardship(span: string): string | undefined {
  if (CIRCLE.test(span)) return 'it has a backslash before a comma'
  if (hasManyStrays(span)) return 'it has too many quotes inside its texts'
  return span.length > MAX_CHARS ? 'it is no JSON, and too long to be mended' : undefined
}

/** Quotes that neither begin nor end a text: the time that mending takes grows with the square of their number. */
const MAX_STRAYS = 64

function hasManyStrays(span: string): boolean {
  const quotes = /[[{,:]\s*'/.test(span) ? `"'` : '"'
  let strays = 0
  let before = ''
  let open = false
  for (const character of span) {
    if (/\s/.test(character)) continue
    if (open && !`,:]}"'`.includes(character)) strays += 1
    open = quotes.includes(character) && !'[{,:'.includes(before)
    before = character
  }
  return strays > MAX_STRAYS
}

/** The JSON that is left of a span; an empty text where none is. */
function mended(span: string): string {
  try {
    return jsonrepair(span)
  } catch {
    return ''
  }
}

function structured(text: string): object | undefined {
  const value = strictJson(text)
  return typeof value === 'object' && value !== null ? value : undefined
}

/** A text with its strings left out. */
interface Outline {
  readonly text: string
  /** Brackets that open. */
  readonly openings: number
  /** Brackets that are still open at the end. */
  readonly open: number
  readonly insideString: boolean
}

function outlineOf(span: string): Outline {
  let text = ''
  let openings = 0
  let closings = 0
  let insideString = false
  let before = ''
  for (let at = 0; at < span.length; at += 1) {
    const character = span[at] ?? ''
    text += character
    if (opensString(character, before)) {
      at = stringEnd(span, at)
      insideString = at >= span.length
    } else if (character === '[' || character === '{') openings += 1
    else if (character === ']' || character === '}') closings += 1
    if (!/\s/.test(character)) before = character
  }
  return { text: text.trimEnd(), openings, open: openings - closings, insideString }
}

function flawOf({ text, open, insideString }: Outline, cut: boolean): string | undefined {
  if (insideString || /[,:[{]$/.test(text) || (cut && open > 0)) return 'it ends in the middle'
  if (/\.\.\.|…/.test(text)) return 'it leaves items out with "..."'
  const [, word] = NO_VALUE.exec(text) ?? []
  if (word !== undefined) return `${word} is no value in JSON`
  return programOf(text, open)
}

/** What of an outline is no plain data. */
function programOf(text: string, open: number): string | undefined {
  if (EXPRESSION.test(text)) return 'it holds an expression, not only values'
  if (/(?:^|[\s[{,])#\s/.test(text)) return 'it holds comments that cannot be told from texts'
  // A number at an open end may lack its last digits.
  return open > 0 && /\d$/.test(text) ? 'it ends in the middle' : undefined
}

/** Program text round a string, of which only the outline is left: `f"…"`, `"…" if x else "…"`, `[…].reverse()`. */
const EXPRESSION = /[[,({:]\s*[bfru]{1,2}["'`]|["'`]\s+if\s+\w+\s+else\b|[\]})]\s*\.\w+\s*\(/i

/** Values of other languages: as texts they would mean something else. */
const NO_VALUE = /[[:,]\s*([-+]?(?:nan|inf|infinity)|undefined)\s*(?:[,}\]]|$)/i

function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  if (Array.isArray(value)) return value.flatMap(textsOf)
  return isRecord(value) ? [...Object.keys(value), ...Object.values(value).flatMap(textsOf)] : []
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['t', '\t'],
  ['r', '\r'],
])

/** A text with its escapes read, to look for what they spell. */
function unescaped(text: string): string {
  return text.replaceAll(/\\(?:u([0-9a-fA-F]{4})|([^]))/g, (_, code: string, character: string) =>
    code === undefined
      ? (ESCAPES.get(character) ?? character)
      : String.fromCharCode(Number.parseInt(code, 16)),
  )
}
