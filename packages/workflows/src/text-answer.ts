import { candidates } from './extract.ts'
import { mismatchText, type Check } from './mismatch.ts'
import type { JsonSchema } from './needs.ts'
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
    const fitting = [...variants(bare)].filter((variant) => check(variant) === undefined)
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

/** Other texts that the answer may stand for. */
function* variants(text: string): Generator<string> {
  const [[whole = ''] = [], fenced = [], inProse = []] = candidates(text)
  for (const candidate of [whole, ...fenced]) {
    yield candidate
    yield* quoted(candidate)
  }
  // A pattern may describe JSON: then it is the JSON in the answer that must match, with or without its spaces.
  for (const candidate of [...fenced, ...inProse]) {
    yield candidate
    yield* compact(candidate)
  }
}

function* quoted(text: string): Generator<string> {
  const value = strictJson(text)
  if (typeof value === 'string') yield value
}

function* compact(text: string): Generator<string> {
  const value = strictJson(text)
  if (typeof value === 'object' && value !== null) yield JSON.stringify(value)
}
