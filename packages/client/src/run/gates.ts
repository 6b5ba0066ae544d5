import { LinkedQueue } from '@skein/protocol'
import type { StepNode } from '../plan/plan.ts'
import { UnderWay } from './under-way.ts'

/** A call that wants its turn. */
export interface Entrant {
  readonly underWay: UnderWay
  /** Who may give up what it has waiting. */
  readonly owner: object
  /** It has its turn until this has ended. Never rejects. */
  begin(): Promise<void>
  /** It never will have it. */
  giveUp(): void
}

/** Calls of one step that may run at the same time. */
interface Gate {
  running: number
  /** Those of them that ask or wait for others. */
  readonly asking: LinkedQueue<UnderWay>
  waiting: Entrant[]
  /** Steps that were asked in its calls: those may wait for these. */
  readonly inside: Set<StepNode>
}

/**
 * Lets no more calls of a step run at once than it allows, wherever in the run they are asked. A call waits for no
 * step that might wait for it: one that a step asks in itself, through however many others, goes uncounted. So does
 * one that somebody with a turn waits for, because it leads to an answer that both have asked for.
 */
export class Gates {
  readonly #gates = new Map<StepNode, Gate>()

  /** Begins it at once or when others have ended. */
  enter(entrant: Entrant): void {
    const { underWay } = entrant
    const { node } = underWay
    const gate = this.#gateOf(node)
    if (!this.#mayWait(underWay)) void entrant.begin()
    else if (gate.running < node.policy.concurrency) void this.#pass(gate, entrant)
    else if (isAwaited(underWay, gate)) void entrant.begin()
    else {
      underWay.wait(gate.asking)
      gate.waiting.push(entrant)
    }
  }

  /** What the owner has waiting never has its turn. */
  abandon(owner: object): void {
    for (const gate of this.#gates.values()) {
      const given = gate.waiting.filter((entrant) => entrant.owner === owner)
      if (given.length === 0) continue
      gate.waiting = gate.waiting.filter((entrant) => entrant.owner !== owner)
      for (const entrant of given) entrant.giveUp()
    }
  }

  async #pass(gate: Gate, entrant: Entrant): Promise<void> {
    const { underWay } = entrant
    underWay.takeTurn(gate.asking)
    gate.running++
    await entrant.begin()
    gate.running--
    underWay.leaveTurn()
    const next = gate.waiting.shift()
    if (next) void this.#pass(gate, next)
  }

  /** Whether nobody can wait in a circle if it waits; then it is remembered that it may. */
  #mayWait({ node, within }: UnderWay): boolean {
    const around = within.filter(({ policy }) => policy.concurrency !== Infinity)
    if (around.some((outer) => this.#leadsTo(node, outer))) return false
    for (const outer of around) this.#gateOf(outer).inside.add(node)
    return true
  }

  /** There are no circles. */
  #leadsTo(from: StepNode, to: StepNode): boolean {
    if (from === to) return true
    return [...this.#gateOf(from).inside].some((inner) => this.#leadsTo(inner, to))
  }

  #gateOf(node: StepNode): Gate {
    let gate = this.#gates.get(node)
    if (!gate) {
      gate = { running: 0, asking: new LinkedQueue(), waiting: [], inside: new Set() }
      this.#gates.set(node, gate)
    }
    return gate
  }
}

/** Whether one of those that have their turn waits for it. Nobody waits for what is asked in no call. */
function isAwaited(call: UnderWay, { asking }: Gate): boolean {
  return call.outer !== undefined && !asking.isEmpty && UnderWay.doWait(asking, call)
}
