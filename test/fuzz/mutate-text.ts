import type { Random } from './random.ts'

/** What texts are made from. */
export interface TextStock {
  /** Whole texts that are right, or nearly. */
  readonly seeds: readonly [string, ...string[]]
  /** What the language that is fuzzed is made of. */
  readonly pieces: readonly [string, ...string[]]
}

/** Longest text that is made. */
const MAX_CHARS = 64 * 1024
/** Characters that readers of texts have stumbled over. */
const ODD = [
  '\0',
  '\\',
  '\n',
  '\r\n',
  '\u2028',
  '\ud800',
  '\udfff',
  '😀',
  'é',
  '\u0301',
  '\ufeff',
] as const

/** A seed that was changed in a few places, or a text of nothing but pieces. */
export function makeText(random: Random, stock: TextStock): string {
  if (random.oneIn(4)) return piecesOf(random, stock, 60)
  let text = random.pick(stock.seeds)
  for (let change = 1 + random.below(6); change > 0; change -= 1) {
    text = mutateText(random, text, stock).slice(0, MAX_CHARS)
  }
  return text
}

type Mutation = (random: Random, text: string, stock: TextStock) => string

const MUTATIONS: readonly [Mutation, ...Mutation[]] = [
  (random, text, { pieces }) => insert(random, text, random.pick(pieces)),
  (random, text, stock) => insert(random, text, piecesOf(random, stock, 8)),
  (random, text) => insert(random, text, random.pick(ODD)),
  function leaveOut(random, text) {
    const from = random.below(text.length + 1)
    return text.slice(0, from) + text.slice(from + 1 + random.below(12))
  },
  (random, text) => text.slice(0, random.below(text.length + 1)),
  (random, text) => text.slice(random.below(text.length + 1)),
  function repeatPart(random, text) {
    const from = random.below(text.length + 1)
    const part = text.slice(from, from + 1 + random.below(16))
    const times = random.oneIn(20) ? 2000 : 1 + random.below(20)
    return text.slice(0, from) + part.repeat(times) + text.slice(from)
  },
  function repeatPiece(random, text, { pieces }) {
    const times = random.oneIn(20) ? 2000 : 1 + random.below(40)
    return insert(random, text, random.pick(pieces).repeat(times))
  },
  function splice(random, text, { seeds }) {
    const other = random.pick(seeds)
    return (
      text.slice(0, random.below(text.length + 1)) + other.slice(random.below(other.length + 1))
    )
  },
  (_, text) => text + text,
]

/** A text with one change. */
export function mutateText(random: Random, text: string, stock: TextStock): string {
  return random.pick(MUTATIONS)(random, text, stock)
}

function insert(random: Random, text: string, part: string): string {
  const at = random.below(text.length + 1)
  return text.slice(0, at) + part + text.slice(at)
}

function piecesOf(random: Random, { pieces }: TextStock, most: number): string {
  let text = ''
  for (let count = 1 + random.below(most); count > 0; count -= 1) text += random.pick(pieces)
  return text
}
