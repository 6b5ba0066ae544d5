import { candidates } from './extract.ts'
import { mismatchText, type Check } from '../schema/mismatch.ts'
import type { JsonSchema } from '../needs.ts'
import { strictJson, type Reading } from './reading.ts'

/**
 * Reads answers that are a text of a certain form (an enum, a length, a pattern): as they stand, as a JSON string, in a
 * fence, or without the marks that models put round a single word.
 */
export function textReader(schema: JsonSchema, check: Check): (text: string) => Reading {
  const choices = choicesOf(schema)
  return (text) => {
    const bare = text.trim()
    const wrong = check(bare)
    if (wrong === undefined) return { ok: true, value: bare }
    const fitting = places(bare, schema).flatMap((place) => first(place, check))
    const chosen = choices.get(plainWord(bare))
    const [only, ...others] = new Set(chosen === undefined ? fitting : [...fitting, chosen])
    if (only !== undefined && others.length === 0) return { ok: true, value: only }
    return { ok: false, reason: mismatchText(wrong) }
  }
}

/** The values of an enum by their plain word; none where two have the same. */
function choicesOf(schema: JsonSchema): ReadonlyMap<string, string> {
  const listed: readonly unknown[] = Array.isArray(schema['enum'])
    ? schema['enum']
    : [schema['const']]
  const texts = listed.filter((choice) => typeof choice === 'string')
  const words = texts.map((choice) => [plainWord(choice), choice] as const)
  return new Map(new Set(words.map(([word]) => word)).size === words.length ? words : [])
}

/** Longer texts are no word with marks round it. */
const MAX_WORD_CHARS = 1024

/** A word without its case and the marks round it: "**Good**." is "good". */
function plainWord(text: string): string {
  if (text.length > MAX_WORD_CHARS) return text
  return text
    .replace(/^[\s"'`*_([]+/, '')
    .replace(/[\s"'`*_.!)\]]+$/, '')
    .toLowerCase()
}

/** The first of several texts that fits. */
function first(place: readonly string[], check: Check): readonly string[] {
  const found = place.find((candidate) => check(candidate) === undefined)
  return found === undefined ? [] : [found]
}

/**
 * Where the text may stand, and what may be meant by it there, best first. In prose only JSON is looked for, and
 * only where a pattern asks for it.
 */
function places(text: string, { pattern }: JsonSchema): readonly (readonly string[])[] {
  const [[whole = ''] = [], fenced = [], inProse = []] = candidates(text)
  const json = pattern === undefined ? [] : inProse.filter((span) => strictJson(span) !== undefined)
  return [whole, ...fenced, ...json].map(variants)
}

/**
 * A text as it stands, and what it spells as a JSON string. A pattern may describe JSON: then it may be the JSON without
 * its spaces that matches.
 */
function variants(text: string): readonly string[] {
  const value = strictJson(text)
  if (typeof value === 'string') return [text, value]
  return typeof value === 'object' && value !== null ? [text, JSON.stringify(value)] : [text]
}
