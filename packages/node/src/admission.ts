import type { RefusalCode } from '@skein/protocol'
import { Gate, Line, Ticket } from './gate.ts'

/** How long a client may go on by a grant that was just lowered: its tasks may be on their way. */
const GRACE_MS = 2000

/** Why a task is not taken. */
export interface Refusal {
  readonly code: RefusalCode
  readonly message: string
}

/** A model with as many slots as really run at once. */
export interface ModelSlots {
  readonly name: string
  readonly slots: number
}

/**
 * Who may have how many tasks here, and which of them runs next. A plain state machine: events come
 * in as calls with the time, and what follows from them comes back.
 */
export class Admission<T> {
  readonly #gates = new Map<string, Gate<T>>()
  readonly #clients = new Set<string>()
  #isDraining = false

  get isDraining(): boolean {
    return this.#isDraining
  }

  /** Whether some client's credits differ from what they should be. */
  get isStale(): boolean {
    for (const gate of this.#gates.values()) if (gate.isStale) return true
    return false
  }

  /** Tasks in slots and in line, all models together. */
  get load(): { readonly running: number; readonly waiting: number } {
    const load = { running: 0, waiting: 0 }
    for (const gate of this.#gates.values()) {
      load.running += gate.running
      load.waiting += gate.waiting
    }
    return load
  }

  /**
   * The models from now on. Gives the tickets that can start in new slots; tickets at a model that
   * is gone are left to end by themselves.
   */
  lend(models: readonly ModelSlots[], now: number): readonly Ticket<T>[] {
    const started: Ticket<T>[] = []
    const names = new Set(models.map(({ name }) => name))
    for (const name of this.#gates.keys()) if (!names.has(name)) this.#gates.delete(name)
    for (const { name, slots } of models) {
      const gate = this.#gates.get(name)
      if (gate === undefined) this.#open(name, slots)
      else {
        gate.resize(slots)
        for (let next = gate.startNext(now); next !== undefined; next = gate.startNext(now)) {
          started.push(next)
        }
      }
    }
    return started
  }

  #open(name: string, slots: number): void {
    const gate = new Gate<T>(name, slots)
    for (const client of this.#clients) gate.lines.set(client, new Line(gate))
    gate.isStale = true
    this.#gates.set(name, gate)
  }

  join(client: string): void {
    this.#clients.add(client)
    for (const gate of this.#gates.values()) {
      gate.lines.set(client, new Line(gate))
      gate.isStale = true
    }
  }

  /** All of its tickets have been ended before. */
  leave(client: string): void {
    this.#clients.delete(client)
    for (const gate of this.#gates.values()) {
      gate.lines.delete(client)
      gate.isStale = true
    }
  }

  /** Takes nothing new from now on; what is here goes on. */
  drain(): void {
    this.#isDraining = true
    for (const gate of this.#gates.values()) gate.isStale = true
  }

  /** The credits of a client for each model, which from now on count. */
  grant(client: string, now: number): ReadonlyMap<string, number> {
    const credits = new Map<string, number>()
    for (const [name, gate] of this.#gates) {
      const line = gate.lines.get(client)
      if (line !== undefined) credits.set(name, this.#isDraining ? 0 : announce(line, now))
    }
    return credits
  }

  /** All clients have been told their credits. */
  refreshed(): void {
    for (const gate of this.#gates.values()) gate.isStale = false
  }

  /** A client sends a task for one of these models, best first; for any, if none is named. */
  assign(
    client: string,
    { models, task }: { readonly models: readonly string[]; readonly task: T },
    now: number,
  ): Ticket<T> | Refusal {
    if (this.#isDraining) {
      return { code: 'draining', message: 'this node is shutting down and takes nothing new' }
    }
    const gate = this.#choose(models)
    const line = gate?.lines.get(client)
    if (gate === undefined || line === undefined) return this.#missing(models)
    const most = mostOf(line, now)
    if (line.unfinished >= most) {
      const message = `you may have ${most} tasks for ${gate.model} here, and all are unfinished`
      return { code: 'no-slot', message }
    }
    const ticket = new Ticket(task, line)
    gate.enter(ticket, now)
    return ticket
  }

  /** A task is over, or given up while it waited. Gives the ticket that starts instead. */
  end(ticket: Ticket<T>, now: number): Ticket<T> | undefined {
    if (ticket.state === 'ended') return undefined
    const next = ticket.gate.release(ticket, now)
    ticket.line.gate.settle(ticket)
    return next
  }

  /**
   * A running task goes on with another model: it gives its slot back and waits for one there, ahead
   * of new tasks. Gives the ticket that starts in the slot; undefined for the model: nobody lends it.
   */
  move(
    ticket: Ticket<T>,
    model: string,
    now: number,
  ): { readonly next: Ticket<T> | undefined } | undefined {
    const gate = this.#gates.get(model)
    if (gate === undefined || ticket.state === 'ended') return undefined
    const next = ticket.gate.release(ticket, now)
    gate.comeOver(ticket, now)
    return { next }
  }

  /** A slot of that model that nobody uses or waits for, to be given back to the gate soon. */
  borrow(model: string): Gate<T> | undefined {
    const gate = this.#gates.get(model)
    return gate?.borrow() === true ? gate : undefined
  }

  /** The first that is lent and has a free slot, else the first that is lent. */
  #choose(models: readonly string[]): Gate<T> | undefined {
    let first: Gate<T> | undefined
    for (const name of models.length > 0 ? models : this.#gates.keys()) {
      const gate = this.#gates.get(name)
      if (gate?.hasFreeSlot === true) return gate
      first ??= gate
    }
    return first
  }

  #missing(models: readonly string[]): Refusal {
    const here = [...this.#gates.keys()].join(', ') || 'none'
    const wanted = models.join(', ') || 'any model'
    return {
      code: 'no-such-model',
      message: `this node does not lend ${wanted} (it lends: ${here})`,
    }
  }
}

/** Tasks that a line may have unfinished now. */
function mostOf<T>({ granted, ceiling, ceilingUntil }: Line<T>, now: number): number {
  return now < ceilingUntil ? Math.max(ceiling, granted) : granted
}

function announce<T>(line: Line<T>, now: number): number {
  const granted = line.gate.grantFor(line)
  if (granted < line.granted) {
    line.ceiling = mostOf(line, now)
    line.ceilingUntil = now + GRACE_MS
  }
  line.granted = granted
  return granted
}
