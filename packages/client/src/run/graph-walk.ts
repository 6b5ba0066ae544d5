import type { Cancellation } from '../cancellation.ts'
import { ClientError } from '../errors.ts'
import { prefixOf, type GraphNode, type GraphPart, type Wiring } from '../plan/plan.ts'
import { isRecord, ownMember } from '../guards.ts'
import type { Lacking } from './missing.ts'
import { pass, type Output } from './passage.ts'
import type { Absences, Row } from './scope.ts'
import { originOfAbsence, originOfGap } from './skips.ts'
import { withValue, type Track } from './track.ts'
import { joined, type Trail } from './trail.ts'
import { follow, missingOfWires } from './wiring.ts'
import { needsOf } from '../plan/ref.ts'

/** Takes a row through a graph: every part once, as soon as what it needs is there. */
export function walkGraph(
  track: Track,
  row: Row,
  { node, place }: { node: GraphNode; place: number },
): undefined {
  new GraphWalk(track, row, { node, place }).start()
}

class GraphWalk {
  readonly #track: Track
  readonly #row: Row
  readonly #node: GraphNode
  readonly #place: number
  readonly #input: Lacking
  readonly #came: (Lacking | undefined)[] = []
  /** Nothing is missing of the input, nor of what parts gave. */
  #isWhole: boolean
  /** Of what each part gave. */
  readonly #trails: (Trail | undefined)[] = []
  /** How many parts each part still waits for. */
  readonly #awaited: number[]
  /** Places of the parts that wait for each part. */
  readonly #followers: number[][]
  readonly #cancellation: Cancellation
  readonly #leave: () => void
  #running = 0
  #hasFailed = false

  constructor(track: Track, row: Row, { node, place }: { node: GraphNode; place: number }) {
    this.#track = track
    this.#row = row
    this.#node = node
    this.#place = place
    this.#input = { value: row.value, absent: withNotGiven(row) }
    this.#isWhole = this.#input.absent === undefined
    this.#awaited = node.parts.map((part) => part.needs.length)
    this.#followers = node.parts.map(() => [])
    node.parts.forEach(({ needs }, follower) => {
      for (const need of needs) this.#followers[need]?.push(follower)
    })
    const { cancellation, leave } = row.scope.cancellation.branch()
    this.#cancellation = cancellation
    this.#leave = leave
  }

  start(): void {
    // Stands for the parts to come while they start.
    this.#running = 1
    const ready = this.#node.parts.flatMap(({ needs }, part) => (needs.length === 0 ? [part] : []))
    for (const part of ready) this.#begin(part)
    this.#ended()
  }

  #begin(place: number): void {
    const part = this.#node.parts[place]
    if (!part || this.#hasFailed) return
    const given = this.#follow(part.wiring)
    this.#running++
    const origin = given.absent && originOfLack(part, given)
    if (origin !== undefined) {
      this.#track.skipped(this.#row, part.plan.name, `'${origin}' is absent`)
      this.#arrive(place, { value: undefined, absent: { '': origin } })
      return
    }
    const { plan } = part
    const { scope } = this.#row
    const passage = {
      plan,
      prefix: prefixOf(scope.prefix, this.#node, plan.name),
      row: { ...this.#row, trail: this.#trailOf(part.needs) },
      ...given,
      cancellation: this.#cancellation,
      isTolerant: scope.isTolerant,
    }
    pass(this.#track, passage, (output) => {
      this.#settle(place, output)
    })
  }

  #settle(place: number, output: Output | undefined): void {
    if (output) {
      this.#trails[place] = output.trail
      this.#arrive(place, output)
      return
    }
    if (!this.#hasFailed) {
      this.#hasFailed = true
      this.#cancellation.cancel(new ClientError('CANCELLED', 'a step beside it failed'))
    }
    this.#ended()
  }

  /** A part gave something, or was skipped: those that waited only for it begin. */
  #arrive(place: number, { value, absent }: Lacking): void {
    this.#came[place] = { value, absent }
    this.#isWhole &&= absent === undefined
    for (const follower of this.#followers[place] ?? []) {
      const awaited = (this.#awaited[follower] ?? 0) - 1
      this.#awaited[follower] = awaited
      if (awaited === 0) this.#begin(follower)
    }
    this.#ended()
  }

  #ended(): void {
    this.#running--
    if (this.#running > 0) return
    this.#leave()
    const row = this.#row
    if (this.#hasFailed) {
      this.#track.release(row.scope)
      return
    }
    const { value, absent } = this.#follow(this.#node.output)
    const trail = this.#trailOf(needsOf(this.#node.output))
    this.#track.advance({ ...withValue(row, value), absent, trail }, this.#place + 1)
  }

  /** What the wires bring. */
  #follow(wiring: Wiring): Lacking {
    const values = { input: this.#input, parts: this.#came }
    const absent = this.#isWhole ? undefined : missingOfWires(wiring, values)
    return { value: follow(wiring, values), absent }
  }

  /** Of what is made of these parts. */
  #trailOf(parts: readonly number[]): Trail | undefined {
    const { trail } = this.#row
    return parts.length === 0 ? trail : joined(parts.map((part) => this.#trails[part] ?? trail))
  }
}

/** An optional input that was not given is as absent as what a step left out. */
function withNotGiven({ value, absent, scope }: Row): Absences | undefined {
  const { inputNames: names } = scope.plan
  const isMissing = (name: string) =>
    isRecord(value) && ownMember(value, name) === undefined && ownMember(absent, name) === undefined
  if (!names?.some(isMissing)) return absent
  const inputs = names.filter(isMissing).map((name) => [name, `input '${name}'`] as const)
  return { ...absent, ...Object.fromEntries(inputs) }
}

/** The skipped step because of which the part cannot run; none where it can do without, or would not fit anyway. */
function originOfLack(part: GraphPart, given: Lacking): string | undefined {
  const [node] = part.plan.nodes
  if (node?.kind !== 'step' && node?.kind !== 'nest') return undefined
  const row = { ...given, scope: part }
  try {
    const value = node.with ? node.with(given.value) : given.value
    return originOfGap(node, row, { given: value, input: node.fit(value) })
  } catch (thrown) {
    return originOfAbsence(node, row, thrown)
  }
}
