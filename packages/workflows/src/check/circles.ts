/**
 * Sets of places each of which leads to all others of its set: the circles of a graph. After Tarjan, without
 * recursion, as the way into a graph may be long.
 */
export function circlesOf(next: readonly (readonly number[])[], start: number): number[][] {
  return new Search(next).run(start)
}

class Search {
  readonly #next: readonly (readonly number[])[]
  readonly #order: Int32Array
  readonly #low: Int32Array
  readonly #tried: Int32Array
  readonly #isOpen: Uint8Array
  readonly #open: number[] = []
  readonly #found: number[][] = []
  #count = 0

  constructor(next: readonly (readonly number[])[]) {
    this.#next = next
    this.#order = new Int32Array(next.length)
    this.#low = new Int32Array(next.length)
    this.#tried = new Int32Array(next.length)
    this.#isOpen = new Uint8Array(next.length)
  }

  run(start: number): number[][] {
    const way = [start]
    this.#enter(start)
    for (let at = way.at(-1); at !== undefined; at = way.at(-1)) {
      const to = this.#next[at]?.[this.#tried[at] ?? 0]
      if (to === undefined) {
        way.pop()
        this.#leave(at, way.at(-1))
      } else if (this.#order[to] === 0) {
        this.#enter(to)
        way.push(to)
      } else {
        this.#tried[at] = (this.#tried[at] ?? 0) + 1
        if (this.#isOpen[to] === 1) this.#lower(at, this.#order[to] ?? 0)
      }
    }
    return this.#found
  }

  #enter(place: number): void {
    this.#count += 1
    this.#order[place] = this.#count
    this.#low[place] = this.#count
    this.#isOpen[place] = 1
    this.#open.push(place)
  }

  #leave(place: number, before: number | undefined): void {
    if (before !== undefined) this.#lower(before, this.#low[place] ?? 0)
    if (this.#low[place] !== this.#order[place]) return
    const members = this.#open.splice(this.#open.lastIndexOf(place))
    for (const member of members) this.#isOpen[member] = 0
    const isCircle = members.length > 1 || this.#next[place]?.includes(place) === true
    if (isCircle) this.#found.push(members)
  }

  #lower(place: number, order: number): void {
    this.#low[place] = Math.min(this.#low[place] ?? order, order)
  }
}
