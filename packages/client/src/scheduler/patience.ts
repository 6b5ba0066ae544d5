import { describeAbsence } from '../run/absence.ts'
import type { Dispatcher } from './dispatcher.ts'
import type { Roster } from './roster.ts'
import type { Entry, TaskRequest } from './task.ts'
import type { End } from './verdict.ts'
import type { WaitingLine } from './waiting-line.ts'

/** A task that is waited for no longer, and why. */
export interface GivenUpWaiting<T extends TaskRequest> {
  readonly entry: Entry<T>
  readonly end: End
}

/** A node that is there has said what it offers by then, even if it has to load a model on a busy machine. */
const LONGEST_SILENCE_MS = 30_000

/** How long tasks wait for a node that can do them: no wait is without an end, unless it was asked for. */
export class Patience<T extends TaskRequest> {
  readonly #roster: Roster
  readonly #dispatcher: Dispatcher<T>
  readonly #graceMs: number
  /** Since when nodes are looked for. */
  readonly #startedAt: number

  constructor(
    roster: Roster,
    dispatcher: Dispatcher<T>,
    { graceMs, startedAt }: { readonly graceMs: number; readonly startedAt: number },
  ) {
    this.#roster = roster
    this.#dispatcher = dispatcher
    this.#graceMs = graceMs
    this.#startedAt = startedAt
  }

  /**
   * Why a new task need not wait at all: all nodes have spoken, and none has or lately had the model; or there is
   * none, for longer than one is waited for.
   */
  refusal({ line }: Entry<T>, now: number): End | undefined {
    if (line.waitMs > 0 || isServed(line)) return undefined
    if (line.indexes.some((index) => now - index.lostAt < this.#graceMs)) return undefined
    const nodes = Array.from(this.#roster.nodes.values())
    if (nodes.length === 0 && now - this.#startedAt < this.#graceMs) return undefined
    if (nodes.some((node) => !node.offered)) return undefined
    return { ...describeAbsence(line.models, this.#roster), retryable: false }
  }

  /** Tasks that have waited long enough. */
  tick(now: number): GivenUpWaiting<T>[] {
    return this.#dispatcher.lines.flatMap((line) => {
      if (isServed(line)) {
        line.unservedSince = undefined
        return this.#unwelcome(line, now)
      }
      line.unservedSince ??= this.#soughtSince(line, now)
      const isAwaited = Array.from(this.#roster.nodes.values()).some((node) => !node.offered)
      const limitMs = Math.max(this.#limitOf(line), isAwaited ? LONGEST_SILENCE_MS : 0)
      if (now - line.unservedSince < limitMs) return []
      // It has waited already: another try would only wait again.
      const end = { ...describeAbsence(line.models, this.#roster), retryable: false }
      return line.everyone().map((entry) => ({ entry, end }))
    })
  }

  /** Tasks that every node there is has refused for good: another may come. */
  #unwelcome(line: WaitingLine<Entry<T>>, now: number): GivenUpWaiting<T>[] {
    const given: GivenUpWaiting<T>[] = []
    for (const entry of line.choosyOnes()) {
      if (entry.refusedBy.length === 0 || this.#dispatcher.isWelcome(entry)) {
        entry.unwelcomeSince = undefined
        continue
      }
      entry.unwelcomeSince ??= now
      if (now - entry.unwelcomeSince < this.#limitOf(line)) continue
      const end = { code: 'TASK_FAILED', message: entry.trouble, retryable: false } as const
      given.push({ entry, end })
    }
    return given
  }

  /** Where there has been no node yet, one is waited for since the beginning, not by each task anew. */
  #soughtSince(line: WaitingLine<Entry<T>>, now: number): number {
    const isFirst = this.#roster.nodes.size === 0 && isNew(line)
    return isFirst && line.waitMs === 0 ? this.#startedAt : now
  }

  #limitOf(line: WaitingLine<Entry<T>>): number {
    const { waitMs } = line
    // What was asked for counts; who lost a node on the way has the time to get another, however little was asked.
    return waitMs > 0 && isNew(line) ? waitMs : Math.max(this.#graceMs, waitMs)
  }
}

/** Whether none of its models was ever there. */
function isNew(line: { readonly indexes: readonly { readonly lostAt: number }[] }): boolean {
  return line.indexes.every((index) => index.lostAt === -Infinity)
}

function isServed(line: { readonly indexes: readonly { readonly lanes: number }[] }): boolean {
  return line.indexes.some((index) => index.lanes > 0)
}
