/** What a heap needs of its members: a price, and a place where the heap notes where it put them. */
export interface HeapMember {
  /** Cheapest first. Tell the heap with `update` when it changes. */
  cost: number
  /** One note for each heap that may hold it; -1: not there. */
  readonly places: number[]
}

/** A heap whose members can change their price or leave in O(log n). */
export class IndexedHeap<T extends HeapMember> {
  /** Which note of its members is this heap's. */
  readonly #note: number
  readonly #members: T[] = []

  constructor(note: number) {
    this.#note = note
  }

  get size(): number {
    return this.#members.length
  }

  /** The cheapest, in O(1). */
  peek(): T | undefined {
    return this.#members[0]
  }

  has(member: T): boolean {
    return (member.places[this.#note] ?? -1) >= 0
  }

  /** Puts a member in, or where its new price belongs. */
  update(member: T): void {
    const place = member.places[this.#note] ?? -1
    if (place < 0) this.#rise(member, this.#members.push(member) - 1)
    else this.#sink(member, this.#rise(member, place))
  }

  remove(member: T): void {
    const place = member.places[this.#note] ?? -1
    if (place < 0) return
    member.places[this.#note] = -1
    const last = this.#members.pop()
    if (last === undefined || last === member) return
    this.#put(last, place)
    this.#sink(last, this.#rise(last, place))
  }

  /** The cheapest that passes. O(k log k), where k are the members that are cheaper than it. */
  best(passes: (member: T) => boolean): T | undefined {
    const frontier = [0]
    while (frontier.length > 0) {
      const place = this.#cheapest(frontier)
      const member = this.#members[place]
      if (member === undefined) continue
      if (passes(member)) return member
      frontier.push(2 * place + 1, 2 * place + 2)
    }
    return undefined
  }

  /** Takes the place of the cheapest member out of the list. */
  #cheapest(places: number[]): number {
    let chosen = 0
    for (let i = 1; i < places.length; i++) {
      if (this.#costAt(places[i]) < this.#costAt(places[chosen])) chosen = i
    }
    const [place = 0] = places.splice(chosen, 1)
    return place
  }

  #costAt(place = 0): number {
    return this.#members[place]?.cost ?? Infinity
  }

  #put(member: T, place: number): void {
    this.#members[place] = member
    member.places[this.#note] = place
  }

  #rise(member: T, from: number): number {
    let place = from
    while (place > 0) {
      const above = (place - 1) >> 1
      const parent = this.#members[above]
      if (parent === undefined || parent.cost <= member.cost) break
      this.#put(parent, place)
      place = above
    }
    this.#put(member, place)
    return place
  }

  #sink(member: T, from: number): void {
    let place = from
    for (;;) {
      let below = 2 * place + 1
      if (this.#costAt(below + 1) < this.#costAt(below)) below++
      const child = this.#members[below]
      if (child === undefined || child.cost >= member.cost) break
      this.#put(child, place)
      place = below
    }
    this.#put(member, place)
  }
}
