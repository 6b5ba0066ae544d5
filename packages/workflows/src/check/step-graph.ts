import { END, type Body, type Edge } from '../document/document.ts'

/**
 * The steps of a body as a graph of places. Each step has two: before it runs (its index) and after it ran, where its
 * results are stored. A failure leads from the first to the fallback, the edges lead on from the second.
 */
export interface StepGraph {
  readonly steps: number
  readonly start: number
  /** The place of the end. */
  readonly end: number
  /** Where each place leads. */
  readonly next: readonly (readonly number[])[]
  /** Where each step leads by its edges, each with the index of the edge; `undefined` for the implied one. */
  readonly ways: readonly (readonly Way[])[]
  readonly fallbacks: readonly (number | undefined)[]
  /** Edges that are never tried: one before them is always taken. */
  readonly dead: readonly number[]
}

export interface Way {
  readonly to: number
  readonly edge: number | undefined
}

/** The graph of a body whose edges all lead to steps that are there. */
export function graphOf({ steps, start, edges = [] }: Body): StepGraph {
  const count = steps.length
  const end = 2 * count
  const index = new Map(steps.map(({ id }, place) => [id, place]))
  const place = (id: string): number => (id === END ? end : (index.get(id) ?? end))
  const own: { edge: Edge; number: number }[][] = steps.map(() => [])
  for (const [number, edge] of edges.entries())
    own[index.get(edge.from) ?? 0]?.push({ edge, number })
  const dead: number[] = []
  const ways = own.map((list, step) => {
    if (list.length === 0) return [{ to: step + 1 < count ? step + 1 : end, edge: undefined }]
    const last = list.findIndex(({ edge }) => edge.if === undefined || edge.else !== undefined)
    const tried = last === -1 ? list : list.slice(0, last + 1)
    dead.push(...list.slice(tried.length).map(({ number }) => number))
    return tried.flatMap(({ edge, number }) => waysOf(edge, number, place))
  })
  const fallbacks = own.map((list) => {
    const target = list.find(({ edge }) => edge.fallback !== undefined)?.edge.fallback
    return target === undefined ? undefined : place(target)
  })
  const before = fallbacks.map((fallback, step) =>
    fallback === undefined ? [count + step] : [count + step, fallback],
  )
  const after = ways.map((list) => list.map(({ to }) => to))
  const next = [...before, ...after, []]
  return {
    steps: count,
    start: place(start ?? steps[0]?.id ?? END),
    end,
    next,
    ways,
    fallbacks,
    dead,
  }
}

function waysOf(edge: Edge, number: number, place: (id: string) => number): readonly Way[] {
  const to = { to: place(edge.to), edge: number }
  return edge.else === undefined ? [to] : [to, { to: place(edge.else), edge: number }]
}

/** Work that a check may still do: what searches of the graph cost is bounded, whatever the document. */
export class Effort {
  #left: number

  constructor(most: number) {
    this.#left = most
  }

  get isSpent(): boolean {
    return this.#left <= 0
  }

  spend(amount: number): void {
    this.#left -= amount
  }
}

/** No place comes before. */
const NONE = -1

/** Places that a search came to. */
export class Reached {
  readonly #from: Int32Array

  constructor(from: Int32Array) {
    this.#from = from
  }

  has(place: number): boolean {
    return this.#from[place] !== NONE
  }

  /** Places on the way to this one, from the first. */
  wayTo(place: number): readonly number[] {
    const way = [place]
    for (let at = place; ;) {
      const before = this.#from[at] ?? NONE
      if (before === NONE || before === at) return way.toReversed()
      way.push((at = before))
    }
  }
}

interface Search {
  readonly from: readonly number[]
  /** Places that are not entered. */
  readonly closed?: (place: number) => boolean
  readonly effort: Effort
}

/** Everything that can be reached from some places, the nearest first, without those that are closed. */
export function reach(
  next: readonly (readonly number[])[],
  { from, closed = () => false, effort }: Search,
): Reached {
  const before = new Int32Array(next.length).fill(NONE)
  const open = from.filter((place) => !closed(place))
  for (const place of open) before[place] = place
  effort.spend(next.length)
  for (const at of open) {
    for (const to of next[at] ?? []) {
      if (before[to] !== NONE || closed(to)) continue
      before[to] = at
      open.push(to)
    }
  }
  return new Reached(before)
}

/** The graph with every arrow turned round. */
export function reversed(next: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const back: number[][] = next.map(() => [])
  for (const [from, list] of next.entries()) for (const to of list) back[to]?.push(from)
  return back
}
