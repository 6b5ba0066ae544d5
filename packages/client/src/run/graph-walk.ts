import type { Cancellation } from '../cancellation.ts'
import { ClientError } from '../errors.ts'
import { Misfit } from '../plan/misfit.ts'
import { prefixOf, type GraphNode, type GraphPart } from '../plan/plan.ts'
import { pass, type Output } from './passage.ts'
import type { Row } from './scope.ts'
import { withValue, type Track } from './track.ts'
import { joined, type Trail } from './trail.ts'
import { follow, type Came } from './wiring.ts'
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
  readonly #came: (Came | undefined)[] = []
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
    const { value, missing } = follow(part.wiring, { input: this.#row.value, parts: this.#came })
    this.#running++
    if (missing !== undefined && !accepts(part, value)) {
      this.#track.skipped(this.#row, part.plan.name, `'${missing}' is absent`)
      this.#arrive(place, { skipped: missing })
      return
    }
    const { plan } = part
    const { scope } = this.#row
    const passage = {
      plan,
      prefix: prefixOf(scope.prefix, this.#node, plan.name),
      row: { ...this.#row, trail: this.#trailOf(part.needs) },
      value,
      absent: undefined,
      cancellation: this.#cancellation,
      isTolerant: scope.isTolerant,
    }
    pass(this.#track, passage, (output) => {
      this.#settle(place, output)
    })
  }

  #settle(place: number, output: Output | undefined): void {
    if (output) {
      const { value, skipped, trail } = output
      this.#trails[place] = trail
      this.#arrive(place, skipped === undefined ? { value } : { skipped })
      return
    }
    if (!this.#hasFailed) {
      this.#hasFailed = true
      this.#cancellation.cancel(new ClientError('CANCELLED', 'a step beside it failed'))
    }
    this.#ended()
  }

  /** A part gave something, or was skipped: those that waited only for it begin. */
  #arrive(place: number, came: Came): void {
    this.#came[place] = came
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
    const { value, missing } = follow(this.#node.output, { input: row.value, parts: this.#came })
    const isAbsent = value === undefined && missing !== undefined
    const absent = isAbsent ? { '': missing } : undefined
    const trail = this.#trailOf(needsOf(this.#node.output))
    this.#track.advance({ ...withValue(row, value), absent, trail }, this.#place + 1)
  }

  /** Of what is made of these parts. */
  #trailOf(parts: readonly number[]): Trail | undefined {
    const { trail } = this.#row
    return parts.length === 0 ? trail : joined(parts.map((part) => this.#trails[part] ?? trail))
  }
}

/** Whether the part can do without what is missing, or would not fit anyway. */
function accepts({ plan }: GraphPart, value: unknown): boolean {
  const [node] = plan.nodes
  if (node?.kind !== 'step' && node?.kind !== 'nest') return true
  try {
    node.fit(node.with ? node.with(value) : value)
    return true
  } catch (thrown) {
    return thrown instanceof Misfit && !thrown.isLack
  }
}
