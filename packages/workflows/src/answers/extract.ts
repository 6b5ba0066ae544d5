/**
 * Finds the places of a text where JSON may stand. In time linear in the text.
 */

/** Places that begin but do not end: more of them are noise, not JSON. */
const MAX_UNCLOSED = 32
/** Nesting of an answer: deeper is no answer, and would exhaust the stack of whoever reads it. */
const MAX_DEPTH = 128

/**
 * Candidates for a value, best first: the whole text, fenced blocks, spans in prose. Whoever reads them takes
 * the first tier in which something fits.
 */
export function candidates(text: string): readonly (readonly string[])[] {
  const whole = text.trim()
  return [[whole].filter(isShallow), fencedBlocks(text), spans(whole)]
}

/** What a model says after it has thought aloud; `undefined` where it never came to an end of that. */
export function withoutThinking(text: string): string | undefined {
  // True of most answers, and found out quicker.
  if (!text.includes('<')) return text
  let from = 0
  let thinking = false
  for (const tag of text.matchAll(/<(\/?)think(?:ing)?>/g)) {
    if (!thinking && beginsAsJson(text, from)) break
    if (tag[1] === '/') {
      // A template may have opened the thinking before the model began.
      from = tag.index + tag[0].length
      thinking = false
    } else if (thinking || text.slice(from, tag.index).trim() === '') thinking = true
    else break
  }
  if (thinking) return undefined
  return from === 0 ? text : text.slice(from).trimStart()
}

function beginsAsJson(text: string, from: number): boolean {
  JSON_START.lastIndex = from
  return JSON_START.test(text)
}

const JSON_START = /\s*[[{"]/y

/** Whether a text nests no deeper than an answer does. */
export function isShallow(text: string): boolean {
  let depth = 0
  for (const bracket of text.matchAll(/[[\]{}]/g)) {
    depth += bracket[0] === '[' || bracket[0] === '{' ? 1 : -1
    if (depth > MAX_DEPTH) return false
  }
  return true
}

/**
 * What stands between fences of three backticks or tildes; the last may lack its end. A block of words counts only
 * where the sentence that it stands in does not deny it: "Not ```good```".
 */
export function fencedBlocks(text: string): readonly string[] {
  const parts = text.split(/```|~~~/)
  return parts.flatMap((part, index) => {
    const block = index % 2 === 1 ? withoutLanguage(part) : ''
    if (block === '' || !isShallow(block)) return []
    const around = { before: parts[index - 1] ?? '', after: parts[index + 1] ?? '' }
    return isTakenBack(around.after) || deniesBlock(block, around) ? [] : [block]
  })
}

/** Whether the text round a block denies it: of words its sentence, of JSON what stands right before it. */
function deniesBlock(
  block: string,
  { before, after }: { readonly before: string; readonly after: string },
): boolean {
  if (/^[[{]/.test(block)) return isDenied(before)
  const start = before.trimEnd().split(SENTENCE_END).at(-1) ?? ''
  return DENIES.test(`${start} ${after.split(SENTENCE_END, 1)[0] ?? ''}`)
}

const SENTENCE_END = /[.!?\n]/

/** Words that turn round what they stand beside. */
const DENIES =
  /\b(?:not|no|never|neither|nor|cannot|but|except|instead|rather|unlike|wrong|incorrect)\b|n['’]t\b/i

/** Leaves out the name of a language after the fence. */
function withoutLanguage(block: string): string {
  return block.replace(/^[\w+#.-]*(?=\s)/, '').trim()
}

/** Begins as lists of texts, numbers or more of the kind do, or as objects do: no bracket of prose. */
const LIKE_JSON = /^(\[\s*["'{[\d-]|\{\s*["']|\{\s*\w+\s*:)/

/** Whether a span begins as JSON does. */
export function looksLikeJson(span: string): boolean {
  return LIKE_JSON.test(span)
}

/**
 * Outermost `[…]` and `{…}` of a text. One that is not closed reaches to the end: if it looks like JSON it is a cut
 * answer, and nothing inside it is the answer; else it is a bracket of prose, and the search goes on after it. Numbers
 * that point to a source, "as in [1]", are left out, and so is what is denied or taken back; what a program does something with keeps a call, by which whoever
 * reads it sees that it is no value.
 */
export function spans(text: string): readonly string[] {
  const found: string[] = []
  let unclosed = 0
  let at = nextOpening(text, 0)
  while (at !== -1 && unclosed < MAX_UNCLOSED) {
    const end = closing(text, at)
    const span = text.slice(at, end)
    if (end === undefined) found.push(span)
    else found.push(...meant(text, at, end))
    if (end === undefined && looksLikeJson(span)) break
    if (end === undefined) unclosed += 1
    at = nextOpening(text, end ?? at + 1)
  }
  return found.filter(isShallow)
}

/** A closed span as the value that it may be; nothing where it is none. */
function meant(text: string, from: number, to: number): readonly string[] {
  if (isDisowned(text, from, to)) return []
  const span = text.slice(from, to)
  if (isOperand(text, from, to)) return [`${span}.call()`]
  return isCitation(text, from, to) ? [] : [span]
}

/** Characters beside a value in which it is denied or taken back. */
const VERDICT_CHARS = 48
/** What ends right before a value that it denies: "The answer is not {…}", "Wrong: {…}". */
const DENIED =
  /(?:\b(?:not|never|except|instead of|rather than|unlike)|n['’]t|(?:^|[.!?\n])\s*(?:wrong|incorrect))[\s"'`*_:=~]*(?:json\s*)?$/i
/** What begins right after a value that it takes back: "{…} Actually, no: {…}". */
const TAKEN_BACK =
  /^[\s"'`*_~.,;!]*(?:(?:actually|oops|scratch that)\b|(?:wait|no|correction)\s*[,:.!…–—-])/i
/** "I would not use these:" */
const ADVISED_AGAINST =
  /\bI(?:['’]d|['’]ll| (?:would|will|do|did|could|should|must|can|ca|wo))?\s*(?:not|never|n['’]t) (?:use|choose|pick|recommend|suggest|advise|include|take|want)\b/

/** Whether the words before a value say that it is not the answer. */
export function isDenied(before: string): boolean {
  const near = before.slice(-VERDICT_CHARS)
  return DENIED.test(near) || ADVISED_AGAINST.test(near.split(SENTENCE_END).at(-1) ?? '')
}

function isTakenBack(after: string): boolean {
  return TAKEN_BACK.test(after.slice(0, VERDICT_CHARS))
}

function isDisowned(text: string, from: number, to: number): boolean {
  return (
    isTakenBack(text.slice(to, to + VERDICT_CHARS)) ||
    isDenied(text.slice(Math.max(0, from - VERDICT_CHARS), from))
  )
}

/** What follows a value that something is done with: a call, an index, an operator and another value. */
const DOES = /(?:\s*\.\w+\s*\(|\[|[ \t]*[*+%][ \t]*[\d[({])/y
/** What a value and an operator before it make of it. */
const JOINS = /[\]}\d][ \t]*[*+][ \t]*$/
/** A call that a value is handed to, and those that give it back or show it as it is. */
const TAKES = /(\w+)\($/
const SHOWS = /^(?:print|list|dict|tuple|dumps|stringify|log|answer|output|result|submit|return)$/i

/** Whether a bracket is a part of a program, whose value is another: `["a", "b"].reverse()`, `sorted(["b", "a"])`. */
function isOperand(text: string, from: number, to: number): boolean {
  DOES.lastIndex = to
  const before = text.slice(Math.max(0, from - CONTEXT_CHARS), from)
  const [, taker] = TAKES.exec(before) ?? []
  const isTaken = taker !== undefined && !SHOWS.test(taker)
  return isTaken || DOES.test(text) || JOINS.test(before)
}

const NOTES = /^\[\s*\d{1,3}(\s*[,;–-]\s*\d{1,3})*\s*\]$/
/** Words and signs that a value follows. */
const INTRODUCES = /([:=]|\b(is|are|be))[\s"'`*_]*$/i
/** Characters before a bracket that say what it is. */
const CONTEXT_CHARS = 16

/** Whether a bracket of small whole numbers may point to a source: nothing introduces it, and its line holds more. */
function isCitation(text: string, from: number, to: number): boolean {
  if (to - from > CONTEXT_CHARS * 4 || !NOTES.test(text.slice(from, to))) return false
  const before = text.slice(Math.max(0, from - CONTEXT_CHARS), from)
  if (INTRODUCES.test(before)) return false
  const alone =
    /(^|\n)[ \t]*$/.test(before) && /^[ \t]*(\r?\n|$)/.test(text.slice(to, to + CONTEXT_CHARS))
  return !alone
}

function nextOpening(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '[' || text[at] === '{') return at
  }
  return -1
}

/** The index after the bracket that closes the one at `from`; `undefined` where none does. */
function closing(text: string, from: number): number | undefined {
  let depth = 0
  let before = ''
  for (let at = from; at < text.length; at += 1) {
    const character = text[at] ?? ''
    if (opensString(character, before)) at = stringEnd(text, at)
    else depth += DEPTHS.get(character) ?? 0
    if (depth === 0) return at + 1
    if (!/\s/.test(character)) before = character
  }
  return undefined
}

const DEPTHS: ReadonlyMap<string, number> = new Map([
  ['[', 1],
  ['{', 1],
  [']', -1],
  ['}', -1],
])

/** Whether a string begins here: a single quote is an apostrophe unless it stands where a string may begin. */
export function opensString(character: string, before: string): boolean {
  return character === '"' || (character === "'" && '[{(,:'.includes(before))
}

/** The index of the quote that ends a string; the end of the text where none does. */
export function stringEnd(text: string, from: number): number {
  const quote = text[from]
  let at = from + 1
  while (at < text.length && text[at] !== quote) at += text[at] === '\\' ? 2 : 1
  return Math.min(at, text.length)
}
