import { canonicalJson } from '../document/canonical.ts'
import { fencedBlocks, isShallow, looksLikeJson, spans } from './extract.ts'
import { lossIn } from './loss.ts'
import { listItems } from './list-items.ts'
import { parseLiteral } from './literal.ts'
import { mismatchText, type Check } from '../schema/mismatch.ts'
import type { JsonSchema } from '../needs.ts'
import { prune } from './prune.ts'
import { strictJson, type Reading } from './reading.ts'
import { repair } from './repair.ts'
import { isRecord } from '../records.ts'

/**
 * Reads answers that are structured: numbers, lists, objects.
 *
 * How the value is chosen: the whole text comes before fenced blocks, those before values in prose. Within the first
 * place that has something that fits, all that fit must be the same: two different ones are refused rather than guessed at. So is
 * everything where the last thing that looks like JSON is broken: that is likely the answer.
 */
export function structureReader(
  schema: JsonSchema,
  check: Check,
): (text: string, cut: boolean) => Reading {
  const fit: Fit = (value) => fitting(value, schema, check)
  return (text, cut) => {
    const whole = text.trim()
    const quick = isShallow(whole) ? readStrictly(whole, fit) : undefined
    if (quick?.ok === true) return quick
    const inside = readInside({ whole, cut, fit })
    if (inside !== undefined && isFinal(inside)) return inside
    return plainValue(whole, check) ?? quick ?? inside ?? { ok: false, reason: 'it holds no JSON' }
  }
}

/** Whether a reading is the last word: a value, or what is likely the answer and broken. */
function isFinal({ ok, broken = false }: Found): boolean {
  return ok || broken
}

/** What the fenced blocks of a text come to; where nothing in them fits, what its prose comes to. */
function readInside(text: Text): Found | undefined {
  let misfit: Found | undefined
  for (const place of [fencedBlocks(text.whole), spans(text.whole)]) {
    const reading = readPlace(place, text)
    if (reading !== undefined && isFinal(reading)) return reading
    misfit ??= reading
  }
  return misfit
}

/** Values that a text may hold: one with more holds no answer, and would take long to read. */
const MAX_VALUES = 64

/** What the candidates of one place come to. The same one again says the same again. */
function readPlace(place: readonly string[], text: Text): Found | undefined {
  const distinct = [...new Set(place.toReversed())].toReversed()
  if (distinct.filter(looksLikeJson).length > MAX_VALUES) {
    return { ok: false, reason: `it holds more than ${MAX_VALUES} values`, broken: true }
  }
  const found = distinct.map((candidate) => readCandidate(candidate, text))
  return choose(found.filter((entry) => entry !== undefined))
}

type Fit = (value: unknown) => Reading

/** An answer that is being read. */
interface Text {
  readonly whole: string
  /** Whether it ends at the token limit. */
  readonly cut: boolean
  readonly fit: Fit
}

/** `broken`: it looks like JSON and cannot be read. */
type Found = Reading & { readonly broken?: boolean }

function readStrictly(candidate: string, fit: Fit): Reading | undefined {
  const value = strictJson(candidate) ?? parseLiteral(candidate)
  if (value === undefined) return undefined
  const reason = lossIn(value, candidate)
  return reason === undefined ? fit(value) : { ok: false, reason }
}

function readCandidate(candidate: string, { whole, cut, fit }: Text): Found | undefined {
  const reading = readStrictly(candidate, fit)
  if (reading !== undefined) return reading
  const alone = candidate === whole && /^[[{]/.test(candidate) && !isRemark(candidate)
  if (!alone && !looksLikeJson(candidate)) return undefined
  const mended = repair(candidate, cut)
  return mended.ok ? fit(mended.value) : { ...mended, broken: true }
}

/** Words of one who does not answer. */
const REFUSES =
  /\b(sorry|cannot|can't|can’t|unable|unfortunately|apolog\w*|refuse|won't|won’t|don't|don’t|do not|not (able|possible|available)|I'm|I’m|I am)\b/i
/** The same in a sentence of its own, line by line. */
const DECLINES = /\b(?:sorry|cannot|can ?not|can't|can’t|unable|refuse|as an ai)\b/i
/** An item without quotes is a few words: more are a sentence. */
const MAX_ITEM_WORDS = 4

/** Words in brackets without quotes may be a remark, "[Sorry, I cannot help]", and no list. */
function isRemark(candidate: string): boolean {
  const [, inside] = /^\[\s*([^\s"'`“‘[\]{}][^"`“”[\]{}]*)\]$/.exec(candidate) ?? []
  if (inside === undefined) return false
  const lengths = inside.split(',').map((item) => item.trim().split(/\s+/).length)
  const most = lengths.length === 1 ? 1 : MAX_ITEM_WORDS
  return REFUSES.test(inside) || lengths.some((length) => length > most)
}

/** What the candidates of one place come to; `undefined` where there are none. */
function choose(found: readonly Found[]): Found | undefined {
  const values = new Map<string, Found>()
  for (const entry of found) if (entry.ok) values.set(canonicalJson(entry.value), entry)
  const [only] = values.values()
  const last = found.at(-1)
  if (last?.broken === true || only === undefined) return last
  if (values.size === 1) return only
  const reason = `it holds ${values.size} different values that fit; give only one`
  return { ok: false, reason, broken: true }
}

/** A value that fits, also out of a wrapping that says nothing, or without keys that nobody asked for. */
function fitting(value: unknown, schema: JsonSchema, check: Check): Reading {
  const wrong = check(value)
  if (wrong === undefined) return { ok: true, value }
  const others = [wrong.unknownKey === true ? prune(value, schema) : undefined, unwrapped(value)]
  const other = others.find(
    (candidate) => candidate !== undefined && check(candidate) === undefined,
  )
  return other === undefined
    ? { ok: false, reason: mismatchText(wrong) }
    : { ok: true, value: other }
}

/** Names under which models speak of a failure, not of a result; and words in names of what is not the result. */
const FAILURE = /^(?:error|errors|message|reason|refusal)$/i
const NO_RESULT =
  /(?:^|[^a-z])(?:not|no|non|without|wrong|bad|invalid|incorrect|missing|failed|excluded?|rejected|removed|ignored|skipped|discarded|unused|avoid|avoided|old|previous|original|before|input|schema|thoughts?|thinking|reasoning)(?![a-z])/

/** The only member of an object whose name may be that of a result, the only item of a list, the JSON in a string. */
function unwrapped(value: unknown): unknown {
  if (typeof value === 'string') return wholly(strictJson(value), value)
  if (Array.isArray(value)) return value.length === 1 && isRecord(value[0]) ? value[0] : undefined
  const [member, ...others] = isRecord(value) ? Object.entries(value) : []
  if (member === undefined || others.length > 0 || !mayNameResult(member[0])) return undefined
  return typeof member[1] === 'object' ? member[1] : undefined
}

/** "answer", "items", "haikus", but not "errors", "rejectedItems", "not_used". */
function mayNameResult(name: string): boolean {
  const words = name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_').toLowerCase()
  return !FAILURE.test(words) && !NO_RESULT.test(words)
}

/** A text that fits as it stands, where the schema takes texts among other things; or a list line by line. */
function plainValue(text: string, check: Check): Reading | undefined {
  if (!/[[\]{}]/.test(text) && check(text) === undefined) return { ok: true, value: text }
  const items = listItems(text)
  if (items?.every((item) => DECLINES.test(item)) === true) {
    return { ok: false, reason: 'it declines to answer' }
  }
  if (items !== undefined && check(items) === undefined) return { ok: true, value: items }
  const word = bareValue(text)
  return word !== undefined && check(word) === undefined ? { ok: true, value: word } : undefined
}

/** No number or truth value is longer. */
const MAX_WORD_CHARS = 128

/** A number or truth value with the marks that models put round a single word: "**7**", "True." */
function bareValue(text: string): unknown {
  if (text.length > MAX_WORD_CHARS) return undefined
  const [, word = ''] = /^[\s*_`"']*([\w.+-]+?)[\s*_`"'.]*$/.exec(text) ?? []
  return wholly(parseLiteral(word), word)
}

/** A value that is all that its text says. */
function wholly(value: unknown, text: string): unknown {
  return lossIn(value, text) === undefined ? value : undefined
}
