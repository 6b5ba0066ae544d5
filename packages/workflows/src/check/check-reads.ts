import type { BodyFacts, KeyRead } from './facts.ts'
import { reach, type Effort, type Reached, type StepGraph } from './step-graph.ts'

/** A read of a key that memory may not have yet, as the body around sees it. */
export interface FreeRead extends KeyRead {
  /** The step that reads it; `undefined` for the return value. */
  readonly step: string | undefined
  /** Whether that step may fail: another way leads on, or it is optional. */
  readonly excused: boolean
  /** Whether nothing can have written it when it is read first. */
  readonly certain: boolean
  /** Steps of a way on which nothing writes it. */
  readonly way: readonly string[]
}

export interface BodyParts {
  readonly facts: BodyFacts
  readonly graph: StepGraph
  readonly effort: Effort
  readonly reached: Reached
  /** What the bodies in its steps read and do not have, by the index of the step. */
  readonly inner: readonly (readonly FreeRead[])[]
}

/** A read at a place of the graph. */
interface Reading {
  readonly place: number
  readonly read: FreeRead
}

/** How a key gets its value in a body. */
interface Writers {
  /** Places after which it is written. */
  readonly places: readonly number[]
  /** From which place of the spine on it is written; Infinity where only branches write it. */
  readonly settled: number
}

/** What a body reads that nothing in it has written, at least on some way. */
export function freeReads(parts: BodyParts): readonly FreeRead[] {
  const given = new Set(parts.facts.given)
  const spine = spineOf(parts.graph)
  const writers = writersOf(parts.facts, spine)
  const free: FreeRead[] = []
  for (const [key, readings] of readingsByKey(parts)) {
    const known = writers.get(key)
    if (given.has(key)) continue
    if (known === undefined) free.push(...readings.map(({ read }) => read))
    else free.push(...unwritten(parts, readings.filter(isUnsettled(spine, known)), known))
  }
  return free
}

function isUnsettled(spine: ReadonlyMap<number, number>, { settled }: Writers) {
  return ({ place }: Reading): boolean =>
    settled === Infinity || (spine.get(place) ?? Infinity) < settled
}

/** Places that every walk passes first, one after the other, with their number. */
function spineOf({ start, next }: StepGraph): ReadonlyMap<number, number> {
  const spine = new Map<number, number>()
  for (let place: number | undefined = start; place !== undefined && !spine.has(place);) {
    spine.set(place, spine.size)
    const [only, ...others]: readonly number[] = next[place] ?? []
    place = others.length === 0 ? only : undefined
  }
  return spine
}

function writersOf(
  { steps }: BodyFacts,
  spine: ReadonlyMap<number, number>,
): ReadonlyMap<string, Writers> {
  const found = new Map<string, { places: number[]; settled: number }>()
  for (const [index, { writes }] of steps.entries()) {
    const place = steps.length + index
    for (const { key } of writes) {
      const entry = found.get(key) ?? { places: [], settled: Infinity }
      entry.places.push(place)
      entry.settled = Math.min(entry.settled, spine.get(place) ?? Infinity)
      found.set(key, entry)
    }
  }
  return found
}

/** All reads that a walk can come to, by key. */
function readingsByKey(parts: BodyParts): ReadonlyMap<string, readonly Reading[]> {
  const groups = new Map<string, Reading[]>()
  for (const reading of readingsOf(parts)) {
    if (!parts.reached.has(reading.place)) continue
    const group = groups.get(reading.read.key)
    if (group === undefined) groups.set(reading.read.key, [reading])
    else group.push(reading)
  }
  return groups
}

/** What is true of a read until it is known better. */
const OWN = { certain: true, way: [] } as const

function readingsOf(parts: BodyParts): readonly Reading[] {
  return [...stepReadings(parts), ...edgeReadings(parts), ...returnReadings(parts)]
}

function* stepReadings({ facts, graph, inner }: BodyParts): Generator<Reading> {
  for (const [place, { step, reads }] of facts.steps.entries()) {
    const excused = step.optional === true || graph.fallbacks[place] !== undefined
    for (const read of reads) yield { place, read: { ...read, step: step.id, excused, ...OWN } }
    for (const read of inner[place] ?? []) {
      yield { place, read: excused ? { ...read, excused } : read }
    }
  }
}

/** Conditions are looked at after their step ran. */
function* edgeReadings({ facts, graph }: BodyParts): Generator<Reading> {
  const { steps, edgeReads, body } = facts
  const index = new Map(steps.map(({ step }, place) => [step.id, place]))
  for (const [edge, reads] of edgeReads.entries()) {
    const step = body.edges?.[edge]?.from ?? ''
    const place = index.get(step) ?? 0
    const excused = graph.fallbacks[place] !== undefined
    for (const read of reads) {
      yield { place: steps.length + place, read: { ...read, step, excused, ...OWN } }
    }
  }
}

/** A return value that need not be there is missed all the same. */
function* returnReadings({ facts, graph }: BodyParts): Generator<Reading> {
  for (const read of facts.returns) {
    const own = { needed: true, step: undefined, excused: !read.needed }
    yield { place: graph.end, read: { ...read, ...own, ...OWN } }
  }
}

/** Those reads of one key that come before it is written, at least on some way. */
function unwritten(
  { facts, graph: { next, start, steps }, effort }: BodyParts,
  readings: readonly Reading[],
  { places }: Writers,
): readonly FreeRead[] {
  if (readings.length === 0 || effort.isSpent) return []
  const writing = new Set(places)
  const without = reach(next, { from: [start], closed: (place) => writing.has(place), effort })
  return readings.flatMap(({ place, read }) => {
    if (!without.has(place) || effort.isSpent) return []
    const before = reach(next, { from: [start], closed: (at) => at === place, effort })
    const first = read.needed ? places.filter((writer) => before.has(writer)) : places
    const certain = !reach(next, { from: first, effort }).has(place)
    if (!read.needed && !certain) return []
    const way = without.wayTo(place).filter((at) => at < steps)
    const ids = way.map((at) => facts.steps[at]?.step.id ?? '')
    return [{ ...read, certain: certain && read.certain, way: [...ids, ...read.way] }]
  })
}
