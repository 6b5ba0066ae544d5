import {
  CLASSES,
  complement,
  LINE_ENDS,
  setOf,
  single,
  type CharacterSet,
  type Range,
} from './character-set.ts'
import { WorkflowError } from '../errors.ts'

/**
 * Regular expressions of strangers: the part of JavaScript's syntax (flag `u`) that can be matched in time linear
 * in the text. Back-references and look-around are refused, and so is what would grow too large.
 *
 *     pattern  = sequence *( "|" sequence )
 *     sequence = *( atom [ quantifier ] )
 *     atom     = character | "." | class | escape | "^" | "$" | "(" pattern ")"
 */

export type PatternNode =
  | { readonly kind: 'set'; readonly set: CharacterSet }
  | { readonly kind: 'sequence'; readonly parts: readonly PatternNode[] }
  | { readonly kind: 'choice'; readonly parts: readonly PatternNode[] }
  | {
      readonly kind: 'repeat'
      readonly part: PatternNode
      readonly min: number
      readonly max: number
    }
  | { readonly kind: 'start' }
  | { readonly kind: 'end' }
  | { readonly kind: 'boundary'; readonly negated: boolean }

const MAX_CHARS = 4096
const MAX_DEPTH = 32
/** Repetitions beyond this are no description of an answer. */
const MAX_REPEAT = 1000

const SIMPLE_ATOMS: ReadonlyMap<string, PatternNode> = new Map<string, PatternNode>([
  ['^', { kind: 'start' }],
  ['$', { kind: 'end' }],
  ['.', { kind: 'set', set: setOf(LINE_ENDS, true) }],
])

const CONTROLS: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, 0: 0 }

/**
 * Reads a pattern.
 *
 * @throws {WorkflowError} `INVALID_SCHEMA` for what is no pattern or cannot be matched safely
 */
export function parsePattern(source: string): PatternNode {
  if (source.length > MAX_CHARS) throw refuse(source, `it is longer than ${MAX_CHARS} characters`)
  const reader = new PatternReader(source)
  const node = reader.choice(0)
  if (!reader.atEnd()) throw refuse(source, `there is a '${reader.peek()}' without its beginning`)
  return node
}

class PatternReader {
  readonly #source: string
  readonly #characters: readonly string[]
  #at = 0

  constructor(source: string) {
    this.#source = source
    this.#characters = Array.from(source)
  }

  atEnd(): boolean {
    return this.#at >= this.#characters.length
  }

  peek(): string | undefined {
    return this.#characters[this.#at]
  }

  choice(depth: number): PatternNode {
    if (depth > MAX_DEPTH) throw this.#refuse('it is nested too deeply')
    const parts = [this.#sequence(depth)]
    while (this.#take('|')) parts.push(this.#sequence(depth))
    const [only] = parts
    return parts.length === 1 && only !== undefined ? only : { kind: 'choice', parts }
  }

  #sequence(depth: number): PatternNode {
    const parts: PatternNode[] = []
    for (
      let next = this.peek();
      next !== undefined && next !== '|' && next !== ')';
      next = this.peek()
    ) {
      parts.push(this.#quantified(this.#atom(depth)))
    }
    const [only] = parts
    return parts.length === 1 && only !== undefined ? only : { kind: 'sequence', parts }
  }

  #quantified(part: PatternNode): PatternNode {
    const counts = this.#quantifier()
    if (counts === undefined) return part
    if (part.kind === 'start' || part.kind === 'end' || part.kind === 'boundary') {
      throw this.#refuse('an anchor cannot be repeated')
    }
    this.#take('?')
    const [min, max] = counts
    if (max < min) throw this.#refuse(`{${min},${max}} is out of order`)
    if (min > MAX_REPEAT || (max !== Infinity && max > MAX_REPEAT)) {
      throw this.#refuse(`it repeats more than ${MAX_REPEAT} times`)
    }
    return { kind: 'repeat', part, min, max }
  }

  #quantifier(): readonly [number, number] | undefined {
    if (this.#take('*')) return [0, Infinity]
    if (this.#take('+')) return [1, Infinity]
    if (this.#take('?')) return [0, 1]
    if (!this.#take('{')) return undefined
    const text = this.#until('}')
    const [, low, comma, high] = /^(\d{1,5})(?:(,)(\d{1,5})?)?$/.exec(text) ?? []
    if (low === undefined) throw this.#refuse(`'{${text}}' is no count`)
    const min = Number(low)
    if (comma === undefined) return [min, min]
    return [min, high === undefined ? Infinity : Number(high)]
  }

  #atom(depth: number): PatternNode {
    const character = this.#next()
    const simple = SIMPLE_ATOMS.get(character)
    if (simple !== undefined) return simple
    if (character === '(') return this.#group(depth)
    if (character === '[') return { kind: 'set', set: this.#class() }
    if (character === '\\') return this.#escape()
    if ('*+?{'.includes(character)) {
      throw this.#refuse(`there is nothing to repeat before '${character}'`)
    }
    return literal(character)
  }

  #group(depth: number): PatternNode {
    if (this.#take('?') && !this.#take(':')) this.#groupName()
    const inner = this.choice(depth + 1)
    if (!this.#take(')')) throw this.#refuse('a group is not closed')
    return inner
  }

  #groupName(): void {
    if (!this.#take('<')) throw this.#refuse('look-ahead cannot be checked in bounded time')
    if (this.peek() === '=' || this.peek() === '!') {
      throw this.#refuse('look-behind cannot be checked in bounded time')
    }
    this.#until('>')
  }

  #escape(): PatternNode {
    const character = this.peek()
    if (character === 'b' || character === 'B') {
      this.#at += 1
      return { kind: 'boundary', negated: character === 'B' }
    }
    if (character !== undefined && /[1-9k]/.test(character)) {
      throw this.#refuse('back-references cannot be checked in bounded time')
    }
    const set = this.#escapedSet()
    return { kind: 'set', set }
  }

  /** What stands after a backslash, in a class or outside. */
  #escapedSet(): CharacterSet {
    const character = this.#next()
    const known = Object.hasOwn(CLASSES, character) ? CLASSES[character] : undefined
    if (known !== undefined) return known
    if (character === 'p' || character === 'P') return this.#property(character === 'P')
    const code = this.#escapedCode(character)
    return setOf([[code, code]])
  }

  #escapedCode(character: string): number {
    const control = Object.hasOwn(CONTROLS, character) ? CONTROLS[character] : undefined
    if (control !== undefined) return control
    if (character === 'x') return this.#hexadecimal(2)
    if (character === 'u') return this.#unicode()
    if (/[A-Za-z0-9]/.test(character)) throw this.#refuse(`'\\${character}' is not known`)
    return character.codePointAt(0) ?? 0
  }

  #unicode(): number {
    if (!this.#take('{')) return this.#hexadecimal(4)
    const text = this.#until('}')
    const code = /^[0-9a-fA-F]{1,6}$/.test(text) ? Number.parseInt(text, 16) : Infinity
    if (code > 0x10ffff) throw this.#refuse(`'\\u{${text}}' is no character`)
    return code
  }

  #hexadecimal(digits: number): number {
    const text = this.#characters.slice(this.#at, this.#at + digits).join('')
    if (text.length !== digits || !/^[0-9a-fA-F]+$/.test(text)) {
      throw this.#refuse(`'${text}' is no hexadecimal code`)
    }
    this.#at += digits
    return Number.parseInt(text, 16)
  }

  #property(negated: boolean): CharacterSet {
    if (!this.#take('{')) throw this.#refuse(`'\\p' needs a name in braces`)
    const name = this.#until('}')
    try {
      return { ranges: [], properties: [new RegExp(`^\\p{${name}}$`, 'u')], negated }
    } catch {
      throw this.#refuse(`the property '${name}' is not known`)
    }
  }

  #class(): CharacterSet {
    const negated = this.#take('^')
    const ranges: Range[] = []
    const properties: RegExp[] = []
    while (!this.#take(']')) {
      const low = this.#member()
      const isRange = this.peek() === '-' && this.#characters[this.#at + 1] !== ']'
      if (isRange) {
        this.#at += 1
        ranges.push(this.#span(low, this.#member()))
      } else {
        if (low.negated) ranges.push(...complement(this.#withoutProperties(low)))
        else ranges.push(...low.ranges)
        properties.push(...low.properties)
      }
    }
    return { ranges, properties, negated }
  }

  #withoutProperties(set: CharacterSet): readonly Range[] {
    if (set.properties.length > 0) throw this.#refuse(`'\\P' cannot stand in a class`)
    return set.ranges
  }

  #member(): CharacterSet {
    const character = this.#next()
    if (character !== '\\') {
      const code = character.codePointAt(0) ?? 0
      return setOf([[code, code]])
    }
    if (this.#take('b')) return setOf([[8, 8]])
    return this.#escapedSet()
  }

  #span(low: CharacterSet, high: CharacterSet): Range {
    const from = single(low)
    const to = single(high)
    if (from === undefined || to === undefined || to < from)
      throw this.#refuse('a range is out of order')
    return [from, to]
  }

  #until(end: string): string {
    const from = this.#at
    while (this.#next() !== end);
    return this.#characters.slice(from, this.#at - 1).join('')
  }

  #next(): string {
    const character = this.peek()
    if (character === undefined) throw this.#refuse('it ends too early')
    this.#at += 1
    return character
  }

  #take(character: string): boolean {
    if (this.peek() !== character) return false
    this.#at += 1
    return true
  }

  #refuse(reason: string): WorkflowError {
    return refuse(this.#source, reason)
  }
}

function literal(character: string): PatternNode {
  const code = character.codePointAt(0) ?? 0
  return { kind: 'set', set: setOf([[code, code]]) }
}

function refuse(source: string, reason: string): WorkflowError {
  const shown = source.length > 60 ? `${source.slice(0, 57)}…` : source
  return new WorkflowError('INVALID_SCHEMA', `the pattern ${shown} cannot be used: ${reason}`)
}
