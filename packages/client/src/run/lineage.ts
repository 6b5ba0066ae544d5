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

/** The key of a row's call: the same in every run of the plan on the same inputs. */
export function keyOf(lineage: Lineage, step: string): string {
  const key = `${lineage.join('.')}/${step}`
  return key.length <= LONGEST_KEY ? key : `${key.slice(0, 80)}~${sha256(key)}`
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
