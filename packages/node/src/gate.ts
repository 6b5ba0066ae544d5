import { LinkedQueue } from '@skein/protocol'
import { Prefetch } from './prefetch.ts'

/** A task that was let in: it waits for a slot, runs in one, or has ended. */
export class Ticket<T> {
  readonly task: T
  /** The client's line that it counts in until its end. */
  readonly line: Line<T>
  /** The model whose slot it waits for or holds. */
  gate: Gate<T>
  state: 'waiting' | 'running' | 'ended' = 'waiting'
  startedAt = 0
  /** Waits among those that came over from another model. */
  isReturning = false
  before: Ticket<T> | undefined = undefined
  behind: Ticket<T> | undefined = undefined

  constructor(task: T, line: Line<T>) {
    this.task = task
    this.line = line
    this.gate = line.gate
  }
}

/** One client's tasks at one model. */
export class Line<T> {
  readonly gate: Gate<T>
  readonly waiting = new LinkedQueue<Ticket<T>>()
  /** Let in and not ended: what its credits count. */
  unfinished = 0
  /** What it was last told that it may have unfinished. */
  granted = 0
  /** A larger grant from before, which holds until its end could have been heard. */
  ceiling = 0
  ceilingUntil = 0
  /**
   * It has most of its credits at work, and others may be under way: it may well have more tasks.
   * Who uses less than half of them is not held up by us.
   */
  isLimited = false

  constructor(gate: Gate<T>) {
    this.gate = gate
  }
}

/**
 * The slots of one model and the lines before them. Invariants: never more running and borrowed than
 * slots (but for those that ran when slots were taken away); no free slot while a ticket waits; lines take
 * turns.
 */
export class Gate<T> {
  readonly model: string
  /** Lines of clients, by client. */
  readonly lines = new Map<string, Line<T>>()
  /** Tasks in the middle of their work that come over from another model: they go first. */
  readonly #returning = new LinkedQueue<Ticket<T>>()
  /** Lines with somebody waiting, in the order of their turns. */
  readonly #turns = new Set<Line<T>>()
  #slots: number
  #prefetch: Prefetch
  #running = 0
  /** Slots lent to branches of tasks that run here or elsewhere. */
  #borrowed = 0
  #waiting = 0
  /** Lines with unfinished tasks. */
  #active = 0
  /** Whether the credits of its clients should be worked out anew. */
  isStale = false

  constructor(model: string, slots: number) {
    this.model = model
    this.#slots = slots
    this.#prefetch = new Prefetch(slots)
  }

  get slots(): number {
    return this.#slots
  }

  get running(): number {
    return this.#running
  }

  get waiting(): number {
    return this.#waiting
  }

  get hasFreeSlot(): boolean {
    return this.#running + this.#borrowed < this.#slots
  }

  /** Tasks that all clients together should have here: those that run and some at hand. */
  get window(): number {
    return this.#slots + this.#prefetch.size
  }

  /**
   * Tasks that one client may have unfinished: those at work share the window, those that are not
   * share one more share; everybody may have one. All grants together are at most twice the window
   * and one for each client.
   */
  grantFor(line: Line<T>): number {
    const isActive = line.unfinished > 0
    const shares = isActive ? this.#active : this.#active + 1
    const idle = isActive ? 1 : this.lines.size - this.#active
    return Math.max(1, Math.floor(this.window / shares / idle))
  }

  /** Takes a new ticket in; it runs at once where a slot is free. */
  enter(ticket: Ticket<T>, now: number): void {
    const { line } = ticket
    line.unfinished += 1
    if (line.unfinished === 1) {
      this.#active += 1
      this.isStale ||= this.lines.size > 1
    }
    // While larger credits are on their way, an idle slot proves nothing.
    line.isLimited = !this.isStale && line.unfinished * 2 > line.granted
    if (this.hasFreeSlot) {
      this.#start(ticket, now)
      if (this.#prefetch.fed(now)) this.isStale = true
    } else {
      this.#waiting += 1
      line.waiting.push(ticket)
      this.#turns.add(line)
    }
  }

  /** Takes in a ticket that comes over from another model. */
  comeOver(ticket: Ticket<T>, now: number): void {
    ticket.gate = this
    if (this.hasFreeSlot) this.#start(ticket, now)
    else {
      ticket.state = 'waiting'
      ticket.isReturning = true
      this.#waiting += 1
      this.#returning.push(ticket)
    }
  }

  /** Gives a ticket's slot back, or its place in line. Gives the ticket that now has the slot. */
  release(ticket: Ticket<T>, now: number): Ticket<T> | undefined {
    if (ticket.state === 'waiting') {
      this.#leaveLine(ticket)
      return undefined
    }
    this.#running -= 1
    if (this.#prefetch.ran(now - ticket.startedAt)) this.isStale = true
    const next = this.startNext(now)
    if (next !== undefined) {
      if (this.#prefetch.taken(this.#waiting)) this.isStale = true
    } else if (ticket.line.isLimited) this.#prefetch.starved(now)
    return next
  }

  /** The task is over: its client has one unfinished less. */
  settle(ticket: Ticket<T>): void {
    ticket.state = 'ended'
    const { line } = ticket
    line.unfinished -= 1
    if (line.unfinished > 0) return
    this.#active -= 1
    this.isStale ||= this.lines.size > 1
  }

  /** Fills a free slot with whoever is next. */
  startNext(now: number): Ticket<T> | undefined {
    if (!this.hasFreeSlot || this.#waiting === 0) return undefined
    const next = this.#returning.shift() ?? this.#takeTurn()
    if (next === undefined) return undefined
    this.#waiting -= 1
    this.#start(next, now)
    return next
  }

  /** Takes a slot that nobody uses or waits for; false where there is none. */
  borrow(): boolean {
    if (!this.hasFreeSlot || this.#waiting > 0) return false
    this.#borrowed += 1
    return true
  }

  /** Takes a borrowed slot back. Gives the ticket that now has it. */
  giveBack(now: number): Ticket<T> | undefined {
    this.#borrowed -= 1
    return this.startNext(now)
  }

  resize(slots: number): void {
    if (slots === this.#slots) return
    this.#slots = slots
    this.#prefetch = new Prefetch(slots)
    this.isStale = true
  }

  #start(ticket: Ticket<T>, now: number): void {
    this.#running += 1
    ticket.state = 'running'
    ticket.isReturning = false
    ticket.startedAt = now
  }

  #takeTurn(): Ticket<T> | undefined {
    const [line] = this.#turns
    if (line === undefined) return undefined
    this.#turns.delete(line)
    const ticket = line.waiting.shift()
    if (!line.waiting.isEmpty) this.#turns.add(line)
    return ticket
  }

  #leaveLine(ticket: Ticket<T>): void {
    this.#waiting -= 1
    if (ticket.isReturning) {
      this.#returning.remove(ticket)
      return
    }
    ticket.line.waiting.remove(ticket)
    if (ticket.line.waiting.isEmpty) this.#turns.delete(ticket.line)
  }
}
