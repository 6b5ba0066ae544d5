import { Admission } from '../src/admission.ts'
import { Ticket } from '../src/gate.ts'

const MODELS = ['a', 'b'] as const
const CLIENTS = ['x', 'y', 'z'] as const

/** What can happen to admission. */
export type Happening =
  | { readonly kind: 'assign'; readonly client: string; readonly models: readonly string[] }
  | { readonly kind: 'end' | 'move'; readonly pick: number }
  | { readonly kind: 'grant'; readonly client: string }
  | { readonly kind: 'lend'; readonly slots: number }

/** Drives admission and knows, in the plainest way, what must be true of it. */
export class World {
  readonly admission = new Admission<number>()
  #slots = 2
  readonly #live = new Set<Ticket<number>>()
  readonly #credits = new Map<string, ReadonlyMap<string, number>>()
  #now = 0
  #tasks = 0

  readonly #wrongs: string[] = []

  constructor() {
    this.#lend()
    for (const name of CLIENTS) this.admission.join(name)
  }

  happen(happening: Happening): void {
    this.#now += 7
    if (happening.kind === 'assign') this.#assign(happening.client, happening.models)
    else if (happening.kind === 'grant') {
      this.#credits.set(happening.client, this.admission.grant(happening.client, this.#now))
    } else if (happening.kind === 'lend') {
      // Only ever more: slots that are taken away run out by themselves.
      this.#slots = Math.max(this.#slots, happening.slots)
      this.#lend()
    } else this.#touch(happening)
  }

  #lend(): void {
    const models = MODELS.map((name) => ({ name, slots: this.#slots }))
    for (const ticket of this.admission.lend(models, this.#now)) {
      if (ticket.state !== 'running') this.#wrongs.push('a slot went to a ticket that does not run')
    }
  }

  #assign(from: string, models: readonly string[]): void {
    this.#tasks += 1
    const ticket = this.admission.assign(from, { models, task: this.#tasks }, this.#now)
    if (ticket instanceof Ticket) this.#live.add(ticket)
    else if (ticket.code !== 'no-slot') this.#wrongs.push(`refused for ${ticket.code}`)
  }

  #touch({ kind, pick }: { readonly kind: 'end' | 'move'; readonly pick: number }): void {
    const ticket = [...this.#live][pick % Math.max(1, this.#live.size)]
    if (ticket === undefined) return
    if (kind === 'end') {
      this.#live.delete(ticket)
      this.admission.end(ticket, this.#now)
      const again = this.admission.end(ticket, this.#now)
      if (again !== undefined) this.#wrongs.push('a ticket ended twice')
    } else if (ticket.state === 'running') {
      this.admission.move(ticket, ticket.gate.model === 'a' ? 'b' : 'a', this.#now)
    }
  }

  endAll(): void {
    for (const ticket of this.#live) this.admission.end(ticket, this.#now)
  }

  /** What is not as it must be. */
  wrongs(): readonly string[] {
    const wrongs = this.#wrongs.splice(0)
    for (const model of MODELS) {
      const here = [...this.#live].filter((ticket) => ticket.gate.model === model)
      const running = here.filter((ticket) => ticket.state === 'running').length
      const waiting = here.filter((ticket) => ticket.state === 'waiting').length
      if (running > this.#slots) wrongs.push(`${running} run in ${this.#slots} slots of ${model}`)
      if (waiting > 0 && running < this.#slots) wrongs.push(`a slot of ${model} is idle`)
    }
    for (const [name, credits] of this.#credits) {
      if (Math.min(...credits.values()) < 1) wrongs.push(`${name} has no credit`)
    }
    const { running, waiting } = this.admission.load
    if (running + waiting !== this.#live.size) wrongs.push('tickets were lost')
    return wrongs
  }
}
