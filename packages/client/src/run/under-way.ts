import type { Linked, LinkedQueue } from '@skein/protocol'
import type { StepNode } from '../plan/plan.ts'

const NOBODY: Iterable<UnderWay> = []

/**
 * A call that is under way, or wants its turn, as far as others may come to wait for it. A call ends after those that it
 * asks, and after those whose answer or turn it waits for: who is about to wait can see whether that closes a circle.
 */
export class UnderWay implements Linked<UnderWay> {
  readonly node: StepNode
  /** The call that it is asked in. */
  readonly outer: UnderWay | undefined
  /** Of those that have their turn at the same step, and ask or wait. */
  before: UnderWay | undefined
  behind: UnderWay | undefined
  #turn: LinkedQueue<UnderWay> | undefined
  #isInTurn = false
  #inner: Set<UnderWay> | undefined
  #awaited = NOBODY

  constructor(node: StepNode, outer: UnderWay | undefined) {
    this.node = node
    this.outer = outer
    if (!outer) return
    outer.#inner ??= new Set()
    outer.#inner.add(this)
    outer.#showInTurn()
  }

  /** It has its turn. Once it asks or waits for others it stands in the queue: no circle goes through the rest. */
  takeTurn(turn: LinkedQueue<UnderWay>): void {
    this.goOn()
    this.#turn = turn
  }

  leaveTurn(): void {
    if (this.#isInTurn) this.#turn?.remove(this)
  }

  /** It has its outcome. */
  end(): void {
    const { outer } = this
    if (outer) outer.#inner?.delete(this)
  }

  /** It does not go on before one of these has ended; who they are may change meanwhile. */
  wait(awaited: Iterable<UnderWay>): void {
    this.#awaited = awaited
    this.#showInTurn()
  }

  goOn(): void {
    this.#awaited = NOBODY
  }

  /** Steps whose calls it is asked in, the innermost first. */
  get within(): StepNode[] {
    return this.#around().map(({ node }) => node)
  }

  isIn(call: UnderWay): boolean {
    return call === this || this.#around().includes(call)
  }

  /** Whether one of these waits, by way of others perhaps, for that call or for one that the call is asked in. */
  static doWait(calls: Iterable<UnderWay>, call: UnderWay): boolean {
    const awaited = new Set([call, ...call.#around()])
    const seen = new Set<UnderWay>()
    // A list instead of recursion: calls may be asked in calls deeper than the stack has room.
    const open = [...calls]
    for (let next = open.pop(); next; next = open.pop()) {
      if (awaited.has(next)) return true
      if (seen.has(next)) continue
      seen.add(next)
      if (next.#inner) open.push(...next.#inner)
      open.push(...next.#awaited)
    }
    return false
  }

  #showInTurn(): void {
    if (this.#isInTurn || !this.#turn) return
    this.#isInTurn = true
    this.#turn.push(this)
  }

  /** Calls that it is asked in, the innermost first. */
  #around(): UnderWay[] {
    const calls: UnderWay[] = []
    for (let { outer } = this; outer; { outer } = outer) calls.push(outer)
    return calls
  }
}
