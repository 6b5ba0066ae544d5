import { sha256 } from '@skein/workflows'

/**
 * Where a row comes from: the index of its input, then the index of each scattering. It orders rows, names
 * their calls and seeds their sampling.
 */
export type Lineage = readonly number[]

/** Ids of tasks stay under the limit of the wire. */
const LONGEST_KEY = 160

/** Input order: for sorting. */
export function compareLineage(a: Lineage, b: Lineage): number {
  const shared = Math.min(a.length, b.length)
  for (let i = 0; i < shared; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

/** Where a row comes from, in words: whose input it is, and which item of what that was scattered to. */
export function describeLineage([input = 0, ...items]: Lineage): string {
  const places = items.map((item) => `item ${item + 1} of `).toReversed()
  return `${places.join('')}input number ${input + 1}`
}

/** The key of a row's call: the same in every run of the plan on the same inputs. */
export function keyOf(lineage: Lineage, step: string): string {
  const key = `${lineage.join('.')}/${step}`
  return key.length <= LONGEST_KEY ? key : `${cut(key, 80)}~${sha256(key)}`
}

/** What keys inside a call begin with is bounded, however deep they are. */
const LONGEST_PREFIX = 90
const LONGEST_INNER_NAME = 32
/** Characters that one keeps which is too long. */
export const LONGEST_KEPT = 40
const SHORTENED = /^[^]{40}~[\da-f]{40}(?:>|$)/

/** The key of a call, as keys inside it begin. */
export function shortened(key: string): string {
  if (key.length <= LONGEST_PREFIX) return key
  return `${cut(key, LONGEST_KEPT)}~${sha256(key).slice(0, 40)}`
}

/** Whether the key begins with one that was too long. */
export function isShortened(key: string): boolean {
  return SHORTENED.test(key)
}

/** The key of what a call asks: by name and input, not by when. */
export function innerKey(prefix: string, name: string, fingerprint: string): string {
  const short = cut(name.replaceAll('>', ')'), LONGEST_INNER_NAME)
  return `${prefix}${short}~${fingerprint.slice(0, 16)}`
}

/** Where that cuts a character in half, what a file makes of the half: it would be found under no other name. */
function cut(text: string, length: number): string {
  return text.slice(0, length).toWellFormed()
}

/** 31 bits that differ from key to key, from try to try and from run to run. */
export function seedOf(run: number, key: string, attempt: number): number {
  let hash = mix(mix(run) + attempt)
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193)
  return mix(hash) & 0x7fffffff
}

/** Spreads every bit over all others (the finish of MurmurHash 3). */
function mix(value: number): number {
  let hash = value | 0
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}
