import { hash } from 'node:crypto'
import { ClientError } from '../errors.ts'
import { deepFreeze } from '../freeze.ts'
import { namesOf } from '../plan/fit-input.ts'
import { ownColumns } from '../plan/own-columns.ts'
import { isMadeLater, plansIn, type AnyStep, type Defaults, type Plan } from '../plan/plan.ts'
import { defaultsIn } from './scope.ts'
import { definitionOf } from '../plan/step.ts'
import { describeIssues } from '../schema-issues.ts'
import { canonicalText } from '../store/fingerprint.ts'

/** What a local step is in a run: what it does, and what it was given for it. */
export interface StepSetting {
  /** Changes with what the step does and with the values that it declares. */
  readonly definition: string
  /** Those values. Frozen. */
  readonly context: unknown
}

const NOTHING: Readonly<Record<string, unknown>> = Object.freeze({})

/** The context of a run. Each step sees of it what it declares, and nothing else. */
export class RunContext {
  readonly #values: Readonly<Record<string, unknown>>
  /** By the values that count where the run gives none. */
  readonly #settings = new WeakMap<Defaults, Map<AnyStep, StepSetting>>()

  constructor(values: Readonly<Record<string, unknown>> = NOTHING) {
    this.#values = values
  }

  /** Throws `INVALID_INPUT` naming a step of the plan that lacks what it needs. */
  check(plan: Plan, around?: Defaults): void {
    const defaults = defaultsIn(plan, around)
    for (const node of plan.nodes) {
      if (node.kind === 'step' && node.work.kind === 'local') {
        this.settingOf(node.work.step, defaults)
      }
      for (const [, inner] of plansIn(node)) this.check(inner, defaults)
    }
  }

  /** Throws `INVALID_INPUT` where the step lacks what it needs. */
  settingOf(step: AnyStep, defaults: Defaults = NOTHING): StepSetting {
    let settings = this.#settings.get(defaults)
    if (!settings) this.#settings.set(defaults, (settings = new Map()))
    let setting = settings.get(step)
    if (!setting) settings.set(step, (setting = this.#settingOf(step, defaults)))
    return setting
  }

  #settingOf(step: AnyStep, defaults: Defaults): StepSetting {
    const definition = definitionOf(step)
    if (step.means?.kind === 'plan') {
      const inside = this.#definitionsIn(step.means.plan, defaults)
      return { definition: `${definition}+${markOf(inside)}`, context: NOTHING }
    }
    if (!step.context) return { definition, context: NOTHING }
    const given = ownColumns({ ...defaults, ...this.#values }, namesOf(step.context))
    const parsed = step.context.safeParse(given)
    if (!parsed.success) {
      const issues = describeIssues(parsed.error)
      const message = `step '${step.name}' needs another context: ${issues}`
      throw new ClientError('INVALID_INPUT', message)
    }
    const context = deepFreeze(parsed.data)
    return { definition: `${definition}+${markOf(context)}`, context }
  }

  /** What local steps of a plan are in this run: the plan's answer depends on the values that they are given. */
  #definitionsIn(plan: Plan, around: Defaults): string[] {
    const defaults = defaultsIn(plan, around)
    return plan.nodes.flatMap((node) => {
      const isLocal = node.kind === 'step' && node.work.kind === 'local'
      const own = isLocal ? [this.settingOf(node.work.step, defaults).definition] : []
      // Its steps may be given any of it.
      const any = isMadeLater(node) ? [markOf({ ...defaults, ...this.#values })] : []
      return [
        ...own,
        ...any,
        ...plansIn(node).flatMap(([, inner]) => this.#definitionsIn(inner, defaults ?? around)),
      ]
    })
  }
}

function markOf(value: unknown): string {
  return hash('sha256', canonicalText(value), 'base64url').slice(0, 22)
}
