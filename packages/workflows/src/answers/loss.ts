import { stringEnd } from './extract.ts'

/** What a text says and the value that was read from it does not; `undefined` where nothing is lost. */
export function lossIn(value: unknown, text: string): string | undefined {
  const long = text.match(MANY_DIGITS)
  const mayLose = long !== null || LARGE_EXPONENT.test(text)
  if (mayLose && !isExact(value, new Set(long))) {
    return 'it holds a number that is too large to be kept exactly'
  }
  return hasDoubledNames(value, text) ? 'it has two members of one name' : undefined
}

/** Digits of a number that may be more than it can keep. */
const MANY_DIGITS = /\d{16,}/g
/** The end of a number that may be infinite. */
const LARGE_EXPONENT = /\d[eE]\+?\d{3}/

/**
 * Whether each whole number that is too large stands there digit by digit: numbers beyond 2⁵³ lose digits, and an id
 * that is almost right is worse than none. Those with an exponent are no ids, but may be infinite.
 */
function isExact(value: unknown, written: ReadonlySet<string>): boolean {
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) return false
    if (written.size === 0 || !Number.isInteger(value) || Number.isSafeInteger(value)) return true
    return written.has(String(Math.abs(value)))
  }
  if (typeof value !== 'object' || value === null) return true
  return Object.values(value).every((member) => isExact(member, written))
}

/** Whether an object names a member twice, of which only the last is in the value. */
function hasDoubledNames(value: unknown, text: string): boolean {
  if (typeof value !== 'object' || value === null) return false
  const members = membersOf(value)
  // Mostly as many as there are colons after a quote: a text that may hold such colons itself is looked at closely.
  return namesIn(text) > members && colonsOf(text) > members
}

function membersOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  const inner = Object.values(value)
  let count = Array.isArray(value) ? 0 : inner.length
  for (const member of inner) count += membersOf(member)
  return count
}

/** Colons that follow a quote. */
function namesIn(text: string): number {
  let count = 0
  for (let at = text.indexOf(':'); at !== -1; at = text.indexOf(':', at + 1)) {
    let before = at - 1
    while (isSpace(text.charCodeAt(before))) before -= 1
    if (text[before] === '"' || text[before] === "'") count += 1
  }
  return count
}

/** Space, tab, line break. */
function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13)
}

/** Colons outside of strings and comments. */
function colonsOf(text: string): number {
  let count = 0
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at]
    if (character === '"' || character === "'") at = stringEnd(text, at)
    else if (character === '#') at = lineEnd(text, at)
    else if (character === ':') count += 1
  }
  return count
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from)
  return end === -1 ? text.length : end
}
