import { isFunction, isList, isRecord } from '../guards.ts'
import { z } from 'zod'
import { columnsOf, columnsGiven } from './columns.ts'
import { fitterOf, fitterOfPlan, givenOfPlan } from './fit-input.ts'
import {
  wholePlanOf,
  type ModelChoice,
  type NestNode,
  type Plan,
  type StepNode,
  type Work,
} from './plan.ts'
import { USUAL_TIMEOUT_MS } from './policy-json.ts'
import { isPolicyOption, policyOf, type PolicyOptions } from './policy.ts'
import { fn, invalid, nameOf, workOf, type AnyWork } from './runnable.ts'
import { snapshotOf } from './snapshot.ts'
import { localStep } from './step.ts'

/** The options of a step as JavaScript gives them. */
export interface LooseStepOptions extends PolicyOptions {
  readonly models?: ModelChoice
  readonly with?: (row: unknown) => unknown
  readonly when?: (row: unknown) => unknown
  readonly as?: string
  readonly fallback?: StepNode['fallback']
  readonly route?: string
}

const STEP_OPTIONS: ReadonlySet<string> = new Set([
  'models',
  'with',
  'when',
  'as',
  'fallback',
  'route',
])

/** What may be said about a pipeline that is a step, whose rows then flow through it. With more it is tried as a whole. */
const NEST_OPTIONS: ReadonlySet<string> = new Set(['with', 'when', 'as'])

/**
 * A step of a plan.
 *
 * @throws {ClientError} `INVALID_PLAN` naming the step and the option
 */
export function nodeOf(
  label: string,
  work: AnyWork,
  options: LooseStepOptions,
): StepNode | NestNode {
  checkOptions(label, options)
  if (work.kind !== 'plan') return stepNode(label, work, options)
  if (Object.keys(options).every((key) => NEST_OPTIONS.has(key))) {
    return nestNode(label, work.plan, options)
  }
  return wholeNode(label, work.plan, options)
}

/** A plan of one step. */
export function planOfWork(name: string, work: AnyWork, options: LooseStepOptions): Plan {
  const node = Object.freeze(nodeOf(nameOf(work), work, options))
  return { ...emptyPlan(name), nodes: [node], many: options.models === 'all' }
}

/** A plan of no step. */
export function emptyPlan(name: string): Plan {
  return { name, input: undefined, inputNames: undefined, nodes: [], many: false }
}

/** The node's input made of the rows of a plan, where these tell more than any row does. */
export function fitterOfRows(node: StepNode | NestNode, before: Plan): StepNode['fit'] | undefined {
  const columns = node.with ? undefined : (columnsOf(before) ?? columnsGiven(before))
  if (!columns) return undefined
  if (node.kind === 'nest') return fitterOfPlan(node.plan, columns)
  return wholePlanOf(node) ? undefined : fitterOf(node.work, columns)
}

function nestNode(label: string, plan: Plan, options: LooseStepOptions): NestNode {
  const { with: mapping, when, as } = options
  return { kind: 'nest', label, plan, fit: fitterOfPlan(plan), with: mapping, when, as }
}

/** A pipeline with the policies of a step. */
function wholeNode(label: string, plan: Plan, options: LooseStepOptions): StepNode {
  if (options.models !== undefined) {
    throw invalid(`'models' cannot be said about pipeline '${plan.name}': say it in its steps`)
  }
  const { name, input = z.unknown() } = plan
  const means = { kind: 'plan', plan } as const
  const parts = { name, version: sealOf(plan), input, output: z.unknown(), context: undefined }
  const step: unknown = localStep({ ...parts, means })
  const work = workOf(step, name)
  if (work.kind !== 'local') throw invalid(`pipeline '${name}' cannot be tried as a whole`)
  return { ...stepNode(label, work, options), fit: givenOfPlan(plan) }
}

/** Another with each plan that gives other answers, as far as that can be seen. */
function sealOf(plan: Plan): string {
  try {
    return snapshotOf(plan).hash.slice(0, 22)
  } catch {
    return 'unsealed'
  }
}

function stepNode(label: string, work: Work, options: LooseStepOptions): StepNode {
  const { models, as, fallback, route, with: mapping, when } = options
  const policy = policyOf(options, label)
  const isRemote = work.kind === 'workflow'
  const timeoutMs = policy.timeoutMs ?? (isRemote ? USUAL_TIMEOUT_MS : undefined)
  return {
    kind: 'step',
    label,
    work,
    fit: fitterOf(work),
    policy: { ...policy, timeoutMs },
    models,
    with: mapping,
    when,
    as,
    fallback,
    route,
  }
}

function checkOptions(label: string, options: LooseStepOptions): void {
  if (!isRecord(options)) throw invalid(`the options of step '${label}' must be an object`)
  const unknown = Object.keys(options).find((key) => !isPolicyOption(key) && !STEP_OPTIONS.has(key))
  if (unknown !== undefined) throw invalid(`step '${label}' has an unknown option '${unknown}'`)
  const { models, as, fallback, route, with: mapping, when } = options
  if (!isModelChoice(models)) {
    throw invalid(
      `models of step '${label}' must be a list of names, 'all', or a function of the row`,
    )
  }
  if (mapping !== undefined) fn(mapping, `with of step '${label}'`)
  if (when !== undefined) fn(when, `when of step '${label}'`)
  if (fallback !== undefined) fn(fallback, `fallback of step '${label}'`)
  checkName(as, `as of step '${label}' must be the name of a column`)
  checkName(route, `route of step '${label}' must be the name of a route`)
}

function checkName(name: unknown, message: string): void {
  if (name !== undefined && (typeof name !== 'string' || name === '')) throw invalid(message)
}

function isModelChoice(models: unknown): boolean {
  if (models === undefined || models === 'all' || isFunction(models)) return true
  return isList(models) && models.every((name) => typeof name === 'string' && name !== '')
}
