/** Reads GBNF, makes texts of a grammar and tells whether a text is one of them: independent of what wrote it. */

type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'set'
      readonly ranges: readonly (readonly [number, number])[]
      readonly negated: boolean
    }
  | { readonly kind: 'rule'; readonly name: string }
  | { readonly kind: 'all'; readonly parts: readonly Piece[] }
  | { readonly kind: 'any'; readonly parts: readonly Piece[] }
  | { readonly kind: 'repeat'; readonly part: Piece; readonly min: number; readonly max: number }

export type Rules = ReadonlyMap<string, Piece>

/** @throws {SyntaxError} */
export function readGrammar(text: string): Rules {
  const rules = new Map<string, Piece>()
  for (const line of text.split('\n')) {
    const found = /^([a-z][a-z0-9-]*) ::= (.*)$/.exec(line)
    if (found === null) throw new SyntaxError(`no rule: ${line}`)
    const reader = new Reader(found[2] ?? '')
    rules.set(found[1] ?? '', reader.choice())
    reader.end()
  }
  for (const piece of rules.values()) refuseUnknownRules(piece, rules)
  return rules
}

function refuseUnknownRules(piece: Piece, rules: Rules): void {
  if (piece.kind === 'rule' && !rules.has(piece.name))
    throw new SyntaxError(`no rule ${piece.name}`)
  if (piece.kind === 'repeat') refuseUnknownRules(piece.part, rules)
  if (piece.kind === 'all' || piece.kind === 'any') {
    for (const part of piece.parts) refuseUnknownRules(part, rules)
  }
}

class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  end(): void {
    this.#space()
    if (this.#at < this.#text.length)
      throw new SyntaxError(`left over: ${this.#text.slice(this.#at)}`)
  }

  choice(): Piece {
    const parts = [this.#sequence()]
    while (this.#take('|')) parts.push(this.#sequence())
    return { kind: 'any', parts }
  }

  #sequence(): Piece {
    const parts: Piece[] = []
    for (
      this.#space();
      this.#at < this.#text.length && !'|)'.includes(this.#peek());
      this.#space()
    ) {
      parts.push(this.#repeated(this.#atom()))
    }
    return { kind: 'all', parts }
  }

  #repeated(part: Piece): Piece {
    if (this.#text[this.#at] === '*') return this.#count(part, 0, Infinity)
    if (this.#text[this.#at] === '+') return this.#count(part, 1, Infinity)
    if (this.#text[this.#at] === '?') return this.#count(part, 0, 1)
    const found = /^\{(\d+)(,?)(\d*)\}/.exec(this.#text.slice(this.#at))
    if (found === null) return part
    this.#at += found[0].length
    const min = Number(found[1])
    const max = found[2] === '' ? min : found[3] === '' ? Infinity : Number(found[3])
    if (max < min || min > 2000) throw new SyntaxError(`wrong count ${found[0]}`)
    return { kind: 'repeat', part, min, max }
  }

  #count(part: Piece, min: number, max: number): Piece {
    this.#at += 1
    return { kind: 'repeat', part, min, max }
  }

  #atom(): Piece {
    if (this.#take('(')) {
      const inner = this.choice()
      if (!this.#take(')')) throw new SyntaxError('a group is not closed')
      return inner
    }
    if (this.#text[this.#at] === '"') return this.#literal()
    if (this.#text[this.#at] === '[') return this.#set()
    const name = /^[a-z][a-z0-9-]*/.exec(this.#text.slice(this.#at))?.[0]
    if (name === undefined) throw new SyntaxError(`no piece: ${this.#text.slice(this.#at)}`)
    this.#at += name.length
    return { kind: 'rule', name }
  }

  #literal(): Piece {
    this.#at += 1
    let text = ''
    while (this.#text[this.#at] !== '"') text += String.fromCodePoint(this.#code())
    this.#at += 1
    return { kind: 'text', text }
  }

  #set(): Piece {
    this.#at += 1
    const negated = this.#text[this.#at] === '^'
    if (negated) this.#at += 1
    const ranges: (readonly [number, number])[] = []
    while (this.#text[this.#at] !== ']') {
      const from = this.#code()
      const isRange = this.#text[this.#at] === '-' && this.#text[this.#at + 1] !== ']'
      if (isRange) this.#at += 1
      ranges.push([from, isRange ? this.#code() : from])
    }
    this.#at += 1
    return { kind: 'set', ranges, negated }
  }

  /** One character of a literal or a set; the escapes are those of llama.cpp. */
  #code(): number {
    const code = this.#text.codePointAt(this.#at)
    if (code === undefined) throw new SyntaxError('it ends too early')
    this.#at += code > 0xffff ? 2 : 1
    if (code !== 0x5c) return code
    const kind = this.#text[this.#at] ?? ''
    this.#at += 1
    const digits = { x: 2, u: 4, U: 8 }[kind]
    if (digits !== undefined) {
      const text = this.#text.slice(this.#at, this.#at + digits)
      this.#at += digits
      return Number.parseInt(text, 16)
    }
    const plain = { t: 9, r: 13, n: 10, '\\': 0x5c, '"': 0x22, '[': 0x5b, ']': 0x5d }[kind]
    if (plain === undefined) throw new SyntaxError(`unknown escape \\${kind}`)
    return plain
  }

  #peek(): string {
    return this.#text[this.#at] ?? ''
  }

  #take(character: string): boolean {
    this.#space()
    if (this.#text[this.#at] !== character) return false
    this.#at += 1
    return true
  }

  #space(): void {
    while (this.#text[this.#at] === ' ') this.#at += 1
  }
}

/** Makes texts of a grammar. `choose` gives a whole number below the one it is given. */
class Maker {
  readonly #rules: Rules
  readonly #choose: (below: number) => number
  #depth = 0

  constructor(rules: Rules, choose: (below: number) => number) {
    this.#rules = rules
    this.#choose = choose
  }

  make(piece: Piece): string {
    if (piece.kind === 'text') return piece.text
    if (piece.kind === 'set') return oneCharacter(piece, this.#choose)
    if (piece.kind === 'all') return piece.parts.map((part) => this.make(part)).join('')
    if (piece.kind === 'repeat') return this.#repeat(piece)
    if (piece.kind === 'rule') return this.#rule(piece.name)
    // Deep in a recursion the last alternative leads out soonest.
    const { length } = piece.parts
    return this.make(piece.parts[this.#depth > 12 ? length - 1 : this.#choose(length)] ?? piece)
  }

  #repeat({ part, min, max }: Extract<Piece, { kind: 'repeat' }>): string {
    const most = this.#depth > 8 ? min : Math.min(max, min + 4)
    const length = min + this.#choose(most - min + 1)
    return Array.from({ length }, () => this.make(part)).join('')
  }

  #rule(name: string): string {
    this.#depth += 1
    const text = this.make(ruleOf(this.#rules, name))
    this.#depth -= 1
    return text
  }
}

/** A text of the grammar. */
export function makeText(rules: Rules, choose: (below: number) => number): string {
  return new Maker(rules, choose).make({ kind: 'rule', name: 'root' })
}

function oneCharacter(
  piece: Extract<Piece, { kind: 'set' }>,
  choose: (below: number) => number,
): string {
  if (piece.negated) {
    const fitting = Array.from(`aZ0 é雁🪿{}[],:'/`).filter((character) => inSet(piece, character))
    return fitting[choose(fitting.length)] ?? ''
  }
  const [low, high] = piece.ranges[choose(piece.ranges.length)] ?? [0x61, 0x61]
  return String.fromCodePoint(low + choose(Math.min(high - low + 1, 1000)))
}

function inSet({ ranges, negated }: Extract<Piece, { kind: 'set' }>, character: string): boolean {
  const code = character.codePointAt(0) ?? 0
  return ranges.some(([low, high]) => code >= low && code <= high) !== negated
}

function ruleOf(rules: Rules, name: string): Piece {
  const rule = rules.get(name)
  if (rule === undefined) throw new SyntaxError(`no rule ${name}`)
  return rule
}

/** Where a piece can end that begins at one of several places. */
class Matcher {
  readonly #rules: Rules
  readonly #text: readonly string[]

  constructor(rules: Rules, text: string) {
    this.#rules = rules
    this.#text = Array.from(text)
  }

  get length(): number {
    return this.#text.length
  }

  ends(piece: Piece, from: readonly number[]): readonly number[] {
    if (from.length === 0) return []
    if (piece.kind === 'text') return this.#after(Array.from(piece.text), from)
    if (piece.kind === 'all') return piece.parts.reduce((at, part) => this.ends(part, at), from)
    if (piece.kind === 'any')
      return [...new Set(piece.parts.flatMap((part) => this.ends(part, from)))]
    if (piece.kind === 'repeat') return this.#repeated(piece, from)
    if (piece.kind === 'rule') return this.ends(ruleOf(this.#rules, piece.name), from)
    return from
      .filter((at) => at < this.length && inSet(piece, this.#text[at] ?? ''))
      .map((at) => at + 1)
  }

  #after(wanted: readonly string[], from: readonly number[]): readonly number[] {
    return from
      .filter((at) => wanted.every((character, index) => this.#text[at + index] === character))
      .map((at) => at + wanted.length)
  }

  #repeated(
    { part, min, max }: Extract<Piece, { kind: 'repeat' }>,
    from: readonly number[],
  ): readonly number[] {
    const found = new Set<number>(min === 0 ? from : [])
    let here = from
    for (let count = 1; count <= max && here.length > 0; count += 1) {
      const next = this.ends(part, here)
      here = count < min ? next : next.filter((at) => !found.has(at))
      if (count >= min) for (const at of here) found.add(at)
    }
    return [...found]
  }
}

/** Whether a text is one of the grammar. */
export function accepts(rules: Rules, text: string): boolean {
  const matcher = new Matcher(rules, text)
  return matcher.ends({ kind: 'rule', name: 'root' }, [0]).includes(matcher.length)
}
