import type { StepNode } from '../plan/plan.ts'

/** A call that wants its turn. */
export interface Entrant {
  readonly node: StepNode
  /** Steps whose calls it is asked in, the outermost first. */
  readonly within: readonly StepNode[]
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
  waiting: Entrant[]
  /** Steps that were asked in its calls: those may wait for these. */
  readonly inside: Set<StepNode>
}

/**
 * Lets no more calls of a step run at once than it allows, wherever in the run they are asked. A call waits for no
 * step that might wait for it: one that a step asks in itself, through however many others, goes uncounted.
 */
export class Gates {
  readonly #gates = new Map<StepNode, Gate>()

  /** Begins it at once or when others have ended. */
  enter(entrant: Entrant): void {
    const { node } = entrant
    const gate = this.#gateOf(node)
    if (!this.#mayWait(entrant)) void entrant.begin()
    else if (gate.running >= node.policy.concurrency) gate.waiting.push(entrant)
    else void this.#pass(gate, entrant)
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
    gate.running++
    await entrant.begin()
    gate.running--
    const next = gate.waiting.shift()
    if (next) void this.#pass(gate, next)
  }

  /** Whether nobody can wait in a circle if it waits; then it is remembered that it may. */
  #mayWait({ node, within }: Entrant): boolean {
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
    if (!gate) this.#gates.set(node, (gate = { running: 0, waiting: [], inside: new Set() }))
    return gate
  }
}
