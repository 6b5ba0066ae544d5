import { inSet, isWord, type CharacterSet } from './character-set.ts'
import { WorkflowError } from '../errors.ts'
import { parsePattern, type PatternNode } from './pattern.ts'

/**
 * Matches a pattern by following all its possibilities at once, one character at a time (Thompson's construction):
 * the time is bounded by text length × states, whatever the pattern.
 */

type State =
  | { readonly kind: 'set'; readonly holds: (character: string) => boolean; readonly next: number }
  | { readonly kind: 'split'; readonly to: number[] }
  | { readonly kind: 'assert'; readonly holds: Assertion; readonly next: number }
  | { readonly kind: 'match' }

/** Whether a position between two characters is what an anchor wants. */
type Assertion = (before: string | undefined, after: string | undefined) => boolean

/** Bounds the time a text can take: states × characters. */
const MAX_STATES = 1000

/**
 * Makes a test for texts that hold a match of the pattern, as `RegExp.test` with the flag `u` has it.
 *
 * @throws {WorkflowError} `INVALID_SCHEMA`
 */
export function compilePattern(source: string): (text: string) => boolean {
  const states: State[] = []
  const match = add(states, { kind: 'match' })
  const start = build(states, parsePattern(source), match)
  return (text) => run(states, start, Array.from(text))
}

/** Adds the states of a node, which lead on to `next`; gives the first of them. */
function build(states: State[], node: PatternNode, next: number): number {
  if (node.kind === 'set') return add(states, { kind: 'set', holds: memberOf(node.set), next })
  if (node.kind === 'repeat') return buildRepeat(states, node, next)
  if (node.kind === 'sequence') {
    return node.parts.reduceRight((after, part) => build(states, part, after), next)
  }
  if (node.kind === 'choice') {
    return add(states, { kind: 'split', to: node.parts.map((part) => build(states, part, next)) })
  }
  return add(states, { kind: 'assert', holds: assertionOf(node), next })
}

type Anchor = Extract<PatternNode, { kind: 'start' | 'end' | 'boundary' }>

function assertionOf(node: Anchor): Assertion {
  if (node.kind === 'start') return (before) => before === undefined
  if (node.kind === 'end') return (_, after) => after === undefined
  return (before, after) => (isWord(before) !== isWord(after)) !== node.negated
}

function buildRepeat(
  states: State[],
  { part, min, max }: Extract<PatternNode, { kind: 'repeat' }>,
  next: number,
): number {
  let after = next
  if (max === Infinity) {
    const loop: State = { kind: 'split', to: [next] }
    after = add(states, loop)
    loop.to.push(build(states, part, after))
  } else {
    for (let count = min; count < max; count += 1) {
      after = add(states, { kind: 'split', to: [next, build(states, part, after)] })
    }
  }
  for (let count = 0; count < min; count += 1) after = build(states, part, after)
  return after
}

/** Tests made already: a repetition has the same set in many states. */
const members = new WeakMap<CharacterSet, (character: string) => boolean>()

/** The same as `inSet`, with the answers for ASCII kept in a table. */
function memberOf(set: CharacterSet): (character: string) => boolean {
  const known = members.get(set)
  if (known !== undefined) return known
  const ascii: boolean[] = []
  const made = (character: string): boolean => {
    const code = character.charCodeAt(0)
    return code < 128 ? (ascii[code] ??= inSet(set, character)) : inSet(set, character)
  }
  members.set(set, made)
  return made
}

function add(states: State[], state: State): number {
  if (states.length >= MAX_STATES) {
    throw new WorkflowError(
      'INVALID_SCHEMA',
      'the pattern is too large once its repetitions are written out',
    )
  }
  states.push(state)
  return states.length - 1
}

function run(states: readonly State[], start: number, text: readonly string[]): boolean {
  const seen = new Int32Array(states.length).fill(-1)
  let current: number[] = []
  for (let at = 0; at <= text.length; at += 1) {
    const character = text[at]
    const sides = [text[at - 1], character] as const
    const reached: number[] = []
    for (const state of [...current, start]) {
      if (spread({ states, seen, reached, at, sides }, state)) return true
    }
    current = []
    if (character === undefined) break
    for (const index of reached) {
      const state = states[index]
      if (state?.kind === 'set' && state.holds(character)) current.push(state.next)
    }
  }
  return false
}

interface Spread {
  readonly states: readonly State[]
  /** The position at which each state was reached last. */
  readonly seen: Int32Array
  readonly reached: number[]
  readonly at: number
  readonly sides: readonly [string | undefined, string | undefined]
}

/** Follows a state to all that it reaches without a character; true when the match is among them. */
function spread({ states, seen, reached, at, sides }: Spread, from: number): boolean {
  const open = [from]
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    const state = seen[index] === at ? undefined : states[index]
    if (state === undefined) continue
    seen[index] = at
    if (state.kind === 'match') return true
    if (state.kind === 'set') reached.push(index)
    else if (state.kind === 'split') open.push(...state.to)
    else if (state.holds(...sides)) open.push(state.next)
  }
  return false
}
