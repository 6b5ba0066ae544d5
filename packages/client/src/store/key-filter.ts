/** Bits of a filter: at 100,000 keys it is wrong about one key in a hundred. */
const BITS = 2 ** 21

/** Tells which keys were certainly never added, without keeping any. */
export class KeyFilter {
  /** Made when the first key is added: many runs are short. */
  #words: Uint32Array | undefined

  add(key: string): void {
    this.#words ??= new Uint32Array(BITS / 32)
    const [first, second] = placesOf(key)
    this.#words[first >>> 5] = (this.#words[first >>> 5] ?? 0) | (1 << (first & 31))
    this.#words[second >>> 5] = (this.#words[second >>> 5] ?? 0) | (1 << (second & 31))
  }

  /** `false`: it was not added. `true`: it may have been. */
  mayHave(key: string): boolean {
    if (!this.#words) return false
    const [first, second] = placesOf(key)
    return this.#isSet(first) && this.#isSet(second)
  }

  #isSet(place: number): boolean {
    return ((this.#words?.[place >>> 5] ?? 0) & (1 << (place & 31))) !== 0
  }
}

/** Two places from the two halves of one hash (FNV-1a, with the finish of MurmurHash 3). */
function placesOf(key: string): [first: number, second: number] {
  let hash = 0x811c9dc5
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash ^= hash >>> 13
  const other = Math.imul(hash ^ 0x5bd1e995, 0xc2b2ae35)
  return [hash & (BITS - 1), (other ^ (other >>> 15)) & (BITS - 1)]
}
