import { randomUUID } from 'node:crypto'
import type { Clock } from '@skein/protocol'
import type { Cancellation } from '../cancellation.ts'
import { about, ClientError, toClientError } from '../errors.ts'
import { deepFreeze } from '../freeze.ts'
import { FailedAsks } from './failed-asks.ts'
import { InnerFlow, type Given } from './inner-flow.ts'
import { innerKey, isShortened, LONGEST_KEPT, seedOf, shortened, type Lineage } from './lineage.ts'
import { emptyPlan, nodeOf } from '../plan/step-node.ts'
import type { Defaults } from '../plan/plan.ts'
import { nameOf, workOf, type AnyWork } from '../plan/runnable.ts'
import { Scope, type Absences, type Row } from './scope.ts'
import type { Caller } from './step-calls.ts'
import { OWN_ORIGIN } from '../store/call-record.ts'
import { fingerprintOf } from '../store/fingerprint.ts'
import type { CallIdentity, Journal } from '../store/store.ts'
import type { Tolerance } from './tolerated.ts'
import { UnderWay } from './under-way.ts'

/** What the calls of a durable step need of the run around it. */
export interface DurableParts {
  readonly caller: Caller
  readonly journal: Journal
  readonly clock: Clock
  /** Milliseconds since 1970. */
  readonly wallNow: () => number
  readonly seed: number
  /** Whether the run was begun before and is taken up. */
  readonly isTakenUp: boolean
}

/** The call of the step itself. */
export interface DurableCaller {
  readonly key: string
  readonly step: string
  readonly lineage: Lineage
  /** Values for steps where the run gives none. */
  readonly defaults: Defaults | undefined
  readonly underWay: UnderWay
}

/** Work that is called, what on, and until when. */
export interface Ask {
  readonly work: unknown
  readonly input: unknown
  readonly cancellation: Cancellation
  /** What of the input is missing because a step was skipped. @default nothing */
  readonly absent?: Absences | undefined
}

const NOBODY = { emit: () => {}, done: () => {} }

/**
 * What a local step asks through its context. Each answer is recorded under the step's key, the name of what was
 * asked and its input, so that the step can begin anew after a crash and get the same answers, in whatever
 * order it asks. What was answered before and is not asked again shows that the step has changed its mind.
 */
export class DurableCalls {
  readonly #parts: DurableParts
  readonly #caller: DurableCaller
  readonly #prefix: string
  /** Answered before the run was taken up. */
  readonly #recorded: ReadonlySet<string>
  /** Those that were not asked again yet. */
  readonly #unasked: Set<string>
  readonly #failed: FailedAsks
  /** How often each was asked in this try. */
  readonly #counts = new Map<string, number>()
  /** What those that it asked in this try have put up with. */
  #tolerated: Tolerance[] = []
  /** Tries that failed after a sleep: the next sleeps anew. One that was cut short goes on with its own. */
  #rest: number
  /** Until the values that it was given at once are on disk. */
  #given: Promise<void> | undefined
  #underWay = 0
  /** Whether several were under way at once: then nobody can say which comes next. */
  #isConcurrent = false

  constructor(parts: DurableParts, caller: DurableCaller) {
    this.#parts = parts
    this.#caller = caller
    this.#prefix = `${shortened(caller.key)}>`
    const { length } = this.#prefix
    const keys = parts.isTakenUp ? parts.journal.under(this.#prefix) : []
    // Of calls far below it, whose own prefixes are longer.
    const isFarBelow = (key: string) => length <= LONGEST_KEPT && isShortened(key)
    const inner = keys
      .filter((key) => !isFarBelow(key))
      .map((key) => {
        // What those that were asked asked themselves is theirs.
        const end = key.indexOf('>', length)
        return end < 0 ? key : key.slice(0, end)
      })
    this.#failed = new FailedAsks(parts.journal, this.#prefix, inner)
    this.#rest = inner.reduce((most, key) => Math.max(most, this.#restOf(key) ?? 0), 0)
    const isOfThisTry = (key: string) => (this.#restOf(key) ?? this.#rest) === this.#rest
    const asks = inner.flatMap((key) => this.#failed.askOf(key) ?? []).filter(isOfThisTry)
    this.#recorded = new Set(asks)
    this.#unasked = new Set(this.#failed.isFree ? [] : asks)
  }

  /** The step is tried again: it asks from the beginning. */
  begin(): void {
    this.#counts.clear()
    this.#tolerated = []
  }

  /** The try has failed, and nothing of it is left to do: the next one may ask something else. */
  fail(): void {
    if (this.#counts.has(this.#sleep)) this.#rest++
    for (const key of this.#unasked) if (this.#restOf(key) !== undefined) this.#unasked.delete(key)
    this.begin()
    this.#failed.end()
    if (this.#failed.isFree) this.#unasked.clear()
  }

  /** Failures of rows in what it asked, which gave answers all the same. */
  get tolerated(): readonly Tolerance[] {
    return this.#tolerated
  }

  /** Why the step cannot be done, if it has not asked what it asked before. */
  objection(): ClientError | undefined {
    const [first] = this.#unasked
    if (first === undefined) return undefined
    return changedMind(this.#caller.step, `it no longer asks ${this.#tell(first)}`)
  }

  /** Rejects with what the work failed with. The output is what the type of the work says. */
  call<Out>(ask: Ask): Promise<Out>
  async call(ask: Ask): Promise<unknown> {
    return (await this.pass(ask)).value
  }

  /** The same, with what of the output is missing because a step was skipped. */
  async pass({ work, input, absent, cancellation }: Ask): Promise<Given> {
    const { any, value, key } = this.#identify(work, input)
    if (this.#underWay > 0) this.#isConcurrent = true
    this.#underWay++
    try {
      await this.#expect(key)
      this.#failed.keep()
      const failure = this.#failed.find(key)
      if (failure) throw failure
      // What is asked may carry them out of the program: after a crash they must not be others.
      if (this.#given) await this.#given
      return await this.#try(key, { work: any, input: value, absent, cancellation })
    } finally {
      this.#underWay--
    }
  }

  /** Counts what would have been asked, but for a failure: who takes the step up may learn of that one sooner, or later. */
  forgo(work: unknown, input: unknown): void {
    try {
      this.#unasked.delete(this.#identify(work, input).key)
    } catch {
      // What cannot be asked is counted by nobody.
    }
  }

  /** Milliseconds since 1970: when it was first asked. */
  now(): number {
    return Number(this.#once('now', () => this.#parts.wallNow()))
  }

  uuid(): string {
    return String(this.#once('uuid', () => randomUUID()))
  }

  /** Needs no record: it follows from the run's seed. */
  random(): number {
    const key = `${this.#prefix}random#${this.#count('random')}`
    const { seed } = this.#parts
    return (seedOf(seed, key, 1) * 2 ** 22 + (seedOf(seed, key, 2) >>> 9)) / 2 ** 53
  }

  /** Resolves at the moment that was set when it was first asked. */
  async sleep(ms: number, cancellation: Cancellation): Promise<void> {
    const { wallNow, clock } = this.#parts
    const { value, recorded } = this.#note(this.#sleep, () => wallNow() + ms)
    await recorded
    const leftMs = Number(value) - wallNow()
    if (leftMs <= 0) return
    await new Promise<void>((resolve, reject) => {
      const stop = clock.schedule(leftMs, () => {
        leave()
        resolve()
      })
      // Calls back at once if it was cancelled while the moment was recorded.
      const leave = cancellation.listen(() => {
        stop()
        reject(cancellation.reason ?? new ClientError('CANCELLED', 'cancelled'))
      })
    })
  }

  /** How sleeps of this try are called. */
  get #sleep(): string {
    return this.#rest === 0 ? 'sleep' : `sleep~${this.#rest}`
  }

  /** After how many tries that slept and failed the key is a sleep, if it is one. */
  #restOf(key: string): number | undefined {
    const found = /^sleep(?:~(\d{1,9}))?#\d+$/.exec(key.slice(this.#prefix.length))
    return found ? Number(found[1] ?? 0) : undefined
  }

  metric(name: string, value: number): void {
    if (typeof name !== 'string' || name === '') {
      throw new ClientError('STEP_FAILED', 'metric() needs the name of what is measured')
    }
    if (typeof value !== 'number' || Number.isNaN(value)) {
      throw new ClientError('STEP_FAILED', `metric '${name}' must be a number`)
    }
    const { key, step } = this.#caller
    // The last of each name takes the place of those before it, those of a try that has failed included.
    const place = `${key} ${name}`
    void this.#parts.journal.note({ kind: 'metric', place, value: { name, value, step, key } })
  }

  async #try(key: string, ask: Ask & { work: AnyWork }): Promise<Given> {
    try {
      return await this.#run(key, ask)
    } catch (thrown) {
      if (!ask.cancellation.isCancelled) this.#failed.add(key, thrown)
      throw thrown
    }
  }

  async #run(key: string, ask: Ask & { work: AnyWork }): Promise<Given> {
    const { work, input, absent, cancellation } = ask
    const { caller, clock } = this.#parts
    const { lineage, step, defaults, underWay: outer } = this.#caller
    if (work.kind === 'plan') {
      const tolerated = this.#tolerated
      const around = { key, step, lineage, cancellation, defaults, tolerated, outer, clock }
      return new InnerFlow(caller, around).run(work.plan, { value: input, absent })
    }
    return { value: await this.#callStep(key, ask), absent: undefined }
  }

  async #callStep(key: string, ask: Ask & { work: AnyWork }): Promise<unknown> {
    const { work, input, cancellation } = ask
    const { lineage, step, defaults, underWay: outer } = this.#caller
    const name = nameOf(work)
    const node = nodeOf(name, work, {})
    if (node.kind !== 'step') return undefined
    const plan = emptyPlan(name)
    const place = {
      prefix: '',
      base: lineage,
      end: NOBODY,
      cancellation,
      isTolerant: false,
      defaults,
    }
    const nothing = { value: input, origin: undefined, absent: undefined, trail: undefined }
    const row: Row = { scope: new Scope(plan, place), lineage, ...nothing }
    const underWay = new UnderWay(node, outer)
    const call = { name: `${step}/${name}`, key, underWay, node, row, input, models: undefined }
    const tolerated = this.#tolerated
    const { outcome } = await this.#parts.caller.call({ ...call, tolerated })
    underWay.end()
    if (outcome.ok) return outcome.output
    throw outcome.error
  }

  /** Throws where something else should be asked now. */
  async #expect(key: string): Promise<void> {
    this.#unasked.delete(key)
    if (this.#recorded.has(key) || this.#unasked.size === 0) return
    // Others that are asked at the same time come first.
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
    const [first] = this.#unasked
    if (first === undefined || this.#isConcurrent) return
    const [before, now] = [this.#tell(first), this.#tell(key)]
    const what =
      before === now
        ? `it asks ${now} something else now`
        : `it asked ${before} before and asks ${now} now`
    throw changedMind(this.#caller.step, what)
  }

  #once(kind: string, make: () => unknown): unknown {
    const { value, recorded } = this.#note(kind, make)
    if (recorded) {
      // Records come in order: the last one says that all are there. Who asks nothing more need not wait.
      recorded.catch(() => {})
      this.#given = recorded
    }
    return value
  }

  /** What was recorded of that kind, else what is made and recorded now. */
  #note(
    kind: string,
    make: () => unknown,
  ): { readonly value: unknown; readonly recorded: Promise<void> | undefined } {
    const key = `${this.#prefix}${kind}#${this.#count(kind)}`
    this.#unasked.delete(key)
    const { journal } = this.#parts
    const call: CallIdentity = { key, definition: kind, input: null }
    const found = journal.find(call)
    if (found) return { value: found.output, recorded: undefined }
    this.#failed.keep()
    const value = make()
    const recorded = journal.commit({ ...call, output: value, origin: OWN_ORIGIN, attempts: 1 })
    return { value, recorded }
  }

  /** What is asked, and its key: that of one more of its kind. */
  #identify(work: unknown, input: unknown) {
    const any = workOf(work, 'call()')
    const name = nameOf(any)
    const node = any.kind === 'plan' ? undefined : nodeOf(name, any, {})
    const value: unknown = deepFreeze(node ? node.fit(input) : input)
    return { any, value, key: this.#keyOf(name, this.#printOf(name, value)) }
  }

  #printOf(name: string, input: unknown): string {
    try {
      return fingerprintOf({ key: '', definition: '', input })
    } catch (thrown) {
      const what = `what step '${this.#caller.step}' asks '${name}'`
      throw about(what, toClientError(thrown, 'STORE_FAILED'))
    }
  }

  #keyOf(name: string, fingerprint: string): string {
    const key = innerKey(this.#prefix, name, fingerprint)
    const count = this.#count(key)
    return count === 0 ? key : `${key}#${count}`
  }

  /** How often that was asked before in this try. */
  #count(what: string): number {
    const count = this.#counts.get(what) ?? 0
    this.#counts.set(what, count + 1)
    return count
  }

  /** As it is called in the program. */
  #tell(key: string): string {
    return `'${key.slice(this.#prefix.length).replace(/(?:~[^~]*)?(?:#\d+)?$/, '')}'`
  }
}

function changedMind(step: string, what: string): ClientError {
  const message = `step '${step}' does not do what it did before the run was resumed: ${what}`
  return new ClientError('NONDETERMINISM', message)
}
