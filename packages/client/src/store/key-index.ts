/** Places at first; doubled whenever half of them are taken. A power of two. */
const FIRST_PLACES = 64

const NONE: readonly number[] = []

/**
 * Which batches may hold a key: eight bytes for each record, however long its key is. Open addressing with linear
 * probing (Knuth, The Art of Computer Programming, volume 3, section 6.4, algorithm L).
 */
export class KeyIndex {
  #hashes = new Uint32Array(FIRST_PLACES)
  /** Numbers of batches; 0 where nothing is. */
  #batches = new Uint32Array(FIRST_PLACES)
  #count = 0

  /** Notes that a batch, numbered from 1, holds a key with that hash. */
  add(hash: number, batch: number): void {
    this.#count++
    if (2 * this.#count > this.#hashes.length) this.#grow()
    this.#put(hash, batch)
  }

  /** The batches that may hold a key with that hash, the latest first. */
  find(hash: number): readonly number[] {
    let found: number[] | undefined
    const last = this.#hashes.length - 1
    for (let place = hash & last; ; place = (place + 1) & last) {
      const batch = this.#batches[place] ?? 0
      if (batch === 0) break
      if (this.#hashes[place] !== hash) continue
      if (!found) found = [batch]
      else if (!found.includes(batch)) found.push(batch)
    }
    if (!found) return NONE
    return found.length === 1 ? found : found.toSorted((a, b) => b - a)
  }

  #put(hash: number, batch: number): void {
    const last = this.#hashes.length - 1
    let place = hash & last
    while (this.#batches[place] !== 0) place = (place + 1) & last
    this.#hashes[place] = hash
    this.#batches[place] = batch
  }

  #grow(): void {
    const hashes = this.#hashes
    const batches = this.#batches
    this.#hashes = new Uint32Array(2 * hashes.length)
    this.#batches = new Uint32Array(2 * hashes.length)
    for (let place = 0; place < batches.length; place++) {
      const batch = batches[place] ?? 0
      if (batch !== 0) this.#put(hashes[place] ?? 0, batch)
    }
  }
}

/** 32 bits of a key (FNV-1a, with the finish of MurmurHash 3). */
export function hashOfKey(key: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
