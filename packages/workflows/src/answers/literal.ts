/**
 * Reads a literal as Python prints it: JSON, and besides single quotes, `True`, `False`, `None`, tuples and a comma
 * after the last item and comments. Strict: what is not exactly that is `undefined`, never a guess.
 *
 *     value = string / number / name / "[" items "]" / "(" items ")" / "{" [ pair *( "," pair ) [ "," ] ] "}"
 *     items = [ value *( "," value ) [ "," ] ]
 *     pair  = string ":" value
 */
export function parseLiteral(text: string): unknown {
  const reader = new LiteralReader(text)
  try {
    return reader.whole()
  } catch (error) {
    if (error === NOT_LITERAL) return undefined
    throw error
  }
}

/** Ends the reading of what is no literal; never leaves this file. */
class NotLiteral extends Error {
  override readonly name = 'NotLiteral'
}
/** One for all: making one takes longer than reading. */
const NOT_LITERAL = new NotLiteral()

const MAX_DEPTH = 128

const NAMES: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['True', true],
  ['true', true],
  ['False', false],
  ['false', false],
  ['None', null],
  ['null', null],
])

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['t', '\t'],
  ['r', '\r'],
  ['b', '\b'],
  ['f', '\f'],
  ['"', '"'],
  ["'", "'"],
  ['\\', '\\'],
  ['/', '/'],
])

/** A token at the place where it is looked for. */
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])/y
const NAME = /[A-Za-z]+/y
const PLAIN = /[^"'\\\n\r]+/y
const CODE = /x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})/y

class LiteralReader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  whole(): unknown {
    const value = this.#value(0)
    this.#space()
    if (this.#at < this.#text.length) throw NOT_LITERAL
    return value
  }

  #value(depth: number): unknown {
    if (depth > MAX_DEPTH) throw NOT_LITERAL
    this.#space()
    const character = this.#text[this.#at]
    if (character === '[') return this.#items(']', depth)
    if (character === '(') return this.#items(')', depth)
    if (character === '{') return this.#members(depth)
    if (character === '"' || character === "'") return this.#string(character)
    const number = this.#match(NUMBER)
    if (number !== undefined) return Number(number)
    const name = this.#match(NAME)
    if (name === undefined || !NAMES.has(name)) throw NOT_LITERAL
    return NAMES.get(name)
  }

  #items(close: string, depth: number): unknown[] {
    this.#at += 1
    const items: unknown[] = []
    while (!this.#take(close)) {
      items.push(this.#value(depth + 1))
      if (this.#take(',')) continue
      if (!this.#take(close)) throw NOT_LITERAL
      break
    }
    return items
  }

  #members(depth: number): Record<string, unknown> {
    this.#at += 1
    const members: [string, unknown][] = []
    while (!this.#take('}')) {
      members.push(this.#pair(depth))
      if (this.#take(',')) continue
      if (!this.#take('}')) throw NOT_LITERAL
      break
    }
    return Object.fromEntries(members)
  }

  #pair(depth: number): [string, unknown] {
    this.#space()
    const quote = this.#text[this.#at]
    if (quote !== '"' && quote !== "'") throw NOT_LITERAL
    const key = this.#string(quote)
    if (!this.#take(':')) throw NOT_LITERAL
    return [key, this.#value(depth + 1)]
  }

  #string(quote: string): string {
    this.#at += 1
    let text = ''
    for (;;) {
      text += this.#match(PLAIN) ?? ''
      const character = this.#text[this.#at]
      this.#at += 1
      if (character === quote) return text
      if (character === '\\') text += this.#escape()
      else if (character === '"' || character === "'") text += character
      else throw NOT_LITERAL
    }
  }

  #escape(): string {
    const code = this.#match(CODE)
    if (code !== undefined) return String.fromCharCode(Number.parseInt(code.slice(1), 16))
    const found = ESCAPES.get(this.#text[this.#at] ?? '')
    if (found === undefined) throw NOT_LITERAL
    this.#at += 1
    return found
  }

  #take(character: string): boolean {
    this.#space()
    if (this.#text[this.#at] !== character) return false
    this.#at += 1
    return true
  }

  /** White space, and comments as Python has them. */
  #space(): void {
    for (;;) {
      while (/\s/.test(this.#text[this.#at] ?? '')) this.#at += 1
      if (this.#text[this.#at] !== '#') return
      while (this.#at < this.#text.length && this.#text[this.#at] !== '\n') this.#at += 1
    }
  }

  #match(token: RegExp): string | undefined {
    token.lastIndex = this.#at
    const found = token.exec(this.#text)?.[0]
    this.#at += found?.length ?? 0
    return found
  }
}
