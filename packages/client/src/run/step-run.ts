import type { Clock } from '@skein/protocol'
import type { Cancellation } from '../cancellation.ts'
import { about, ClientError, toClientError } from '../errors.ts'
import type { Gates } from './gates.ts'
import type { InheritedMetrics } from './inherited-metrics.ts'
import type { CachePlace, Call } from './call.ts'
import type { Lineage } from './lineage.ts'
import type { LocalSteps } from './local-step.ts'
import type { Network } from '../network/network.ts'
import { markOfFallback, type TryOutcome } from './outcomes.ts'
import type { Defaults, StepNode } from '../plan/plan.ts'
import type { Policy } from '../plan/policy.ts'
import { nameOf } from '../plan/runnable.ts'
import type { ReportedCall, RunReport } from './run-report.ts'
import type { RunContext } from './run-context.ts'
import type { StepCall } from './step-calls.ts'
import type { Tolerance, Tolerances } from './tolerated.ts'
import type { Trail } from './trail.ts'
import { fingerprintOf } from '../store/fingerprint.ts'
import type { CallRecord, Journal } from '../store/store.ts'
import type { ModelGroups } from '../scheduler/model-groups.ts'

/** What all calls of a run share. */
export interface RunParts {
  /** Id of the run. */
  readonly run: string
  readonly project: string
  readonly network: Network
  /** Names that stand for lists of models. */
  readonly groups: ModelGroups
  readonly local: LocalSteps
  readonly gates: Gates
  readonly report: RunReport
  /** Failures that calls which succeeded have put up with. */
  readonly tolerances: Tolerances
  readonly journal: Journal
  readonly context: RunContext
  readonly clock: Clock
  /** Milliseconds since 1970. */
  readonly wallNow: () => number
  /** Whether it was begun before and is taken up. */
  readonly isTakenUp: boolean
  /** Noted in the run that this one does again. */
  readonly metrics: InheritedMetrics
  /** Whether what the parent recorded of a step does not count. */
  readonly isAnew: (step: string) => boolean
  /** Models for steps that name none. */
  readonly models: readonly string[] | undefined
  /** Whether some of those of the run that this one does again are none of these. */
  readonly hasOtherModels: boolean
  readonly waitMs: number
  readonly seed: number
  /** Whether nodes send what each step asked and was answered. */
  readonly trace: boolean
}

/** What an answer has put up with, as a rule. */
export const NOTHING_TOLERATED: readonly Tolerance[] = []

/** A try that was not begun. */
export const CANCELLED: TryOutcome = {
  ok: false,
  error: new ClientError('CANCELLED', 'cancelled'),
  leases: 0,
  nodes: [],
}

/** One call of a run, as the kernel, the report and the network see it: one object, for there are many. */
export abstract class StepRun implements Call, ReportedCall {
  readonly key: string
  readonly step: string
  readonly task: string
  readonly lineage: Lineage
  readonly from: Trail | undefined
  readonly defaults: Defaults | undefined
  readonly input: unknown
  readonly policy: Policy
  readonly cancellation: Cancellation
  readonly fallback: Call['fallback']
  protected readonly node: StepNode
  abstract readonly definition: string
  protected readonly parts: RunParts

  constructor({ name, node, row, input }: StepCall, key: string, parts: RunParts) {
    this.key = key
    this.step = name
    this.task = `${parts.run}/${key}`
    this.lineage = row.lineage
    this.from = row.trail
    this.defaults = row.scope.defaults
    this.node = node
    this.input = input
    this.policy = node.policy
    this.cancellation = row.scope.cancellation
    this.fallback = node.fallback
    this.parts = parts
  }

  abstract execute(attempt: number, leasesBefore: number): Promise<TryOutcome>

  /** What its answer has put up with. */
  get tolerated(): readonly Tolerance[] {
    return NOTHING_TOLERATED
  }

  get isAnew(): boolean {
    return this.parts.isAnew(this.step)
  }

  cachePlace(): CachePlace | undefined {
    const { cache } = this.policy
    if (!cache) return undefined
    const { run, project } = this.parts
    const scopes = { run: `run ${run}`, project: `project ${project}`, network: 'network' }
    const names = [this.node.label, nameOf(this.node.work)]
    const route = this.#route
    try {
      const question = this.question()
      const key = route === undefined ? question : `${question} ${route}`
      return { scope: scopes[cache.scope], key, names, ttlMs: cache.ttlMs }
    } catch (thrown) {
      throw about(`the input of step '${this.step}'`, toClientError(thrown, 'STORE_FAILED'))
    }
  }

  /**
   * Not an answer that another route has taken, or none: it would never reach its own. Nothing at all is put nowhere.
   * Nor one that another fallback made up.
   */
  takes({ origin }: Pick<CallRecord, 'origin'>): boolean {
    const route = this.#route
    if (origin.madeUpBy !== undefined && !this.#isMadeUpAs(origin.madeUpBy)) return false
    return route === undefined || origin.route === route || origin.absent?.[''] !== undefined
  }

  isTriedAs(other: Call): boolean {
    if (!(other instanceof StepRun) || other.policy !== this.policy) return false
    const { network, waitMs, local } = this.parts
    const theirs = other.parts
    const isSamePlace = network === theirs.network && local.routes === theirs.local.routes
    return isSamePlace && waitMs === theirs.waitMs
  }

  #isMadeUpAs(mark: string): boolean {
    return this.fallback !== undefined && markOfFallback(this.fallback) === mark
  }

  /** Name of the route that takes its answer, if one does. */
  get #route(): string | undefined {
    return this.parts.local.routeOf(this.node.route, this.kind)
  }

  /** The kind of its answers. */
  protected get kind(): string | undefined {
    return undefined
  }

  /** Equal for calls that ask the same. */
  protected question(): string {
    return fingerprintOf(this)
  }

  retrying(error: ClientError): void {
    this.parts.report.retried(this, error)
  }
}
