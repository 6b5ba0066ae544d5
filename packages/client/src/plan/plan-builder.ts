import { z } from 'zod'
import { ClientError } from '../errors.ts'
import { fitterOf, fitterOfPlan } from './fit-input.ts'
import { isFunction, isList, isRecord, isSchema } from '../guards.ts'
import { describePlan, planToJson, planToMermaid } from './plan-text.ts'
import type { BranchNode, ModelChoice, Plan, PlanNode, StepNode, Work } from './plan.ts'
import { isPolicyOption, policyOf, type PolicyOptions } from './policy.ts'
import { workOf } from './runnable.ts'

interface LooseStepOptions extends PolicyOptions {
  readonly models?: ModelChoice
  readonly with?: (row: unknown) => unknown
  readonly as?: string
  readonly fallback?: StepNode['fallback']
}

const STEP_OPTIONS: ReadonlySet<string> = new Set(['models', 'with', 'as', 'fallback'])

/** Longest time of a workflow at a node where nothing is said: no wait is without an end. */
const DEFAULT_WORKFLOW_TIMEOUT_MS = 600_000

/** The verbs without their types: every mistake that types forbid is named here as well, for JavaScript. */
export class PlanBuilder {
  readonly plan: Plan

  constructor(plan: Plan) {
    this.plan = plan
  }

  static start(name: unknown, shape: unknown): PlanBuilder {
    if (typeof name !== 'string' || name === '') throw invalid('pipeline() needs a name')
    if (!isRecord(shape)) {
      throw invalid(`pipeline '${name}' needs the shape of its input: { name: z.string(), … }`)
    }
    const schemas: Record<string, z.ZodType> = {}
    for (const [key, schema] of Object.entries(shape)) {
      if (!isSchema(schema)) throw invalid(`input '${key}' of pipeline '${name}' is no Zod schema`)
      schemas[key] = schema
    }
    const input = z.object(schemas)
    return new PlanBuilder({
      name,
      input,
      inputNames: Object.keys(shape),
      nodes: [],
      many: false,
    })
  }

  get name(): string {
    return this.plan.name
  }

  step(runnable: unknown, options: LooseStepOptions = {}): PlanBuilder {
    const work = workOf(runnable, 'step()')
    const base = work.kind === 'plan' ? work.plan.name : nameOf(work)
    const label = this.#label(base)
    checkOptions(label, options)
    if (work.kind === 'plan') return this.#nest(label, work.plan, options)
    const node = stepNode(label, work, options)
    return this.#with(node, this.plan.many || options.models === 'all')
  }

  map(run: unknown): PlanBuilder {
    return this.#with({ kind: 'map', label: this.#label('map'), run: fn(run, 'map()') })
  }

  tap(run: unknown): PlanBuilder {
    return this.#with({ kind: 'tap', label: this.#label('tap'), run: fn(run, 'tap()') })
  }

  filter(test: unknown): PlanBuilder {
    const label = this.#label('filter')
    return this.#with({ kind: 'filter', label, test: fn(test, 'filter()') }, true)
  }

  scatter(column?: unknown): PlanBuilder {
    if (column !== undefined && typeof column !== 'string') {
      throw invalid('scatter() takes the name of a column that holds a list, or nothing')
    }
    return this.#with({ kind: 'scatter', label: this.#label('scatter'), column }, true)
  }

  broadcast(copies: unknown, options: { readonly as?: string } = {}): PlanBuilder {
    const label = this.#label('broadcast')
    const { as } = options
    if (isList(copies)) {
      if (typeof as !== 'string' || as === '') {
        throw invalid("broadcast([…]) needs the column for the values: { as: 'name' }")
      }
      return this.#with({ kind: 'broadcast', label, values: [...copies], as }, true)
    }
    if (!isSize(copies))
      throw invalid('broadcast() takes a whole number from 1, or a list of values')
    const values = Array.from({ length: copies }, () => undefined)
    return this.#with({ kind: 'broadcast', label, values, as: undefined }, true)
  }

  aggregate(options: { readonly by?: unknown; readonly size?: unknown } = {}): PlanBuilder {
    const { by, size } = options
    if (this.plan.many === false) {
      throw invalid('aggregate() needs many rows: scatter() or broadcast() comes before it')
    }
    if (size !== undefined && !isSize(size)) {
      throw invalid('aggregate({ size }) takes a whole number from 1')
    }
    const label = this.#label('aggregate')
    const node: PlanNode = { kind: 'aggregate', label, by: grouping(by), size }
    return this.#with(node, by !== undefined || size !== undefined)
  }

  batch(size: unknown): PlanBuilder {
    if (!isSize(size)) throw invalid('batch() takes a whole number from 1')
    return this.aggregate({ size })
  }

  callback(make: unknown): PlanBuilder {
    const label = this.#label('callback')
    // Whether it returns one row or a list shows only when it runs.
    return this.#with({ kind: 'callback', label, make: fn(make, 'callback()') }, 'dynamic')
  }

  parallel(branches: unknown, options: PolicyOptions = {}): PlanBuilder {
    const label = this.#label('parallel')
    return this.#with({ kind: 'parallel', label, plans: plansOf(branches, 'parallel()', options) })
  }

  choose(select: unknown, cases: unknown): PlanBuilder {
    const plans = plansOf(cases, 'choose()')
    const choice = fn(select, 'choose()')
    const route = (row: unknown) => {
      const name = choice(row)
      const plan = typeof name === 'string' && Object.hasOwn(plans, name) ? plans[name] : undefined
      if (plan) return plan
      throw new ClientError(
        'STEP_FAILED',
        `choose() has no case ${JSON.stringify(name)}; it has ${Object.keys(plans).join(', ')}`,
        { retryable: false },
      )
    }
    return this.#branch({ verb: 'choose', plans, route })
  }

  when(test: unknown, then: unknown, otherwise?: unknown): PlanBuilder {
    const passes = fn(test, 'when()')
    const passed = inner('passed', then)
    const plans: Record<string, Plan> = { passed }
    if (otherwise !== undefined) plans['otherwise'] = inner('otherwise', otherwise)
    const route = (row: unknown) => (passes(row) ? passed : plans['otherwise'])
    return this.#branch({ verb: 'when', plans, route })
  }

  pipe(sub: unknown): PlanBuilder {
    if (isFunction(sub)) {
      const route = (row: unknown) => planOf(sub(row), 'the function given to pipe()')
      return this.#branch({ verb: 'pipe', plans: {}, route }, 'dynamic')
    }
    const plan = planOf(sub, 'pipe()')
    const route = () => plan
    return this.#branch({ verb: 'pipe', plans: { [plan.name]: plan }, route }, plan.many)
  }

  toJSON(): unknown {
    return planToJson(this.plan)
  }

  toMermaid(): string {
    return planToMermaid(this.plan)
  }

  describe(): string {
    return describePlan(this.plan)
  }

  #branch(
    parts: Pick<BranchNode, 'verb' | 'plans' | 'route'>,
    inside: Plan['many'] = false,
  ): PlanBuilder {
    const node: PlanNode = { kind: 'branch', label: this.#label(parts.verb), ...parts }
    return this.#with(node, this.plan.many === true ? true : inside || this.plan.many)
  }

  #nest(label: string, plan: Plan, options: LooseStepOptions): PlanBuilder {
    const foreign = Object.keys(options).find((key) => key !== 'with' && key !== 'as')
    if (foreign !== undefined) {
      throw invalid(
        `'${foreign}' cannot be said about pipeline '${plan.name}': say it in its steps`,
      )
    }
    const { with: mapping, as } = options
    return this.#with({ kind: 'nest', label, plan, fit: fitterOfPlan(plan), with: mapping, as })
  }

  #label(base: string): string {
    const taken = new Set(this.plan.nodes.map((node) => node.label))
    if (!taken.has(base)) return base
    let number = 2
    while (taken.has(`${base}-${number}`)) number++
    return `${base}-${number}`
  }

  #with(node: PlanNode, many = this.plan.many): PlanBuilder {
    return new PlanBuilder({ ...this.plan, nodes: [...this.plan.nodes, Object.freeze(node)], many })
  }
}

/** Steps one after the other as a plan; a pipeline by itself is its own plan. */
export function planOfSteps(steps: readonly unknown[], options: PolicyOptions): Plan {
  const works = steps.map((step) => workOf(step, 'what is run'))
  const [first] = works
  if (!first) throw invalid('there is no step to run')
  const isPlain = works.length === 1 && Object.keys(options).length === 0
  if (first.kind === 'plan' && isPlain) return first.plan
  const name = first.kind === 'plan' ? first.plan.name : nameOf(first)
  let builder = new PlanBuilder(emptyPlan(name))
  for (const step of steps) builder = builder.step(step, options)
  return builder.plan
}

function stepNode(label: string, work: Work, options: LooseStepOptions): StepNode {
  const { models, as, fallback } = options
  const policy = policyOf(options, label)
  const isRemote = work.kind === 'workflow'
  const timeoutMs = policy.timeoutMs ?? (isRemote ? DEFAULT_WORKFLOW_TIMEOUT_MS : undefined)
  return {
    kind: 'step',
    label,
    work,
    fit: fitterOf(work),
    policy: { ...policy, timeoutMs },
    models,
    with: options.with,
    as,
    fallback,
  }
}

function checkOptions(label: string, options: LooseStepOptions): void {
  if (!isRecord(options)) throw invalid(`the options of step '${label}' must be an object`)
  const unknown = Object.keys(options).find((key) => !isPolicyOption(key) && !STEP_OPTIONS.has(key))
  if (unknown !== undefined) throw invalid(`step '${label}' has an unknown option '${unknown}'`)
  const { models, as, fallback, with: mapping } = options
  if (!isModelChoice(models)) {
    throw invalid(
      `models of step '${label}' must be a list of names, 'all', or a function of the row`,
    )
  }
  if (mapping !== undefined) fn(mapping, `with of step '${label}'`)
  if (fallback !== undefined) fn(fallback, `fallback of step '${label}'`)
  if (as !== undefined && (typeof as !== 'string' || as === '')) {
    throw invalid(`as of step '${label}' must be the name of a column`)
  }
}

function isModelChoice(models: unknown): boolean {
  if (models === undefined || models === 'all' || isFunction(models)) return true
  return isList(models) && models.every((name) => typeof name === 'string' && name !== '')
}

function grouping(by: unknown): ((row: unknown) => unknown) | undefined {
  if (by === undefined) return undefined
  if (isFunction(by)) return by
  if (typeof by !== 'string' && typeof by !== 'number') {
    throw invalid('aggregate({ by }) takes the name of a column, or a function of the row')
  }
  return (row) => {
    if (isRecord(row) && by in row) return row[by]
    throw new ClientError('STEP_FAILED', `aggregate({ by }): the row has no column '${by}'`)
  }
}

/** Each runnable as a plan of its own. */
function plansOf(branches: unknown, verb: string, options?: PolicyOptions): Record<string, Plan> {
  if (!isRecord(branches) || Object.keys(branches).length === 0) {
    throw invalid(`${verb} needs at least one step: { name: step }`)
  }
  const plans: Record<string, Plan> = {}
  for (const [name, branch] of Object.entries(branches)) {
    const start = new PlanBuilder(emptyPlan(name))
    plans[name] = start.step(asRunnable(branch, `'${name}' of ${verb}`), options).plan
  }
  return plans
}

/** A branch that a function builds from the rows that enter it. */
function inner(name: string, build: unknown): Plan {
  const built: unknown = fn(build, `${name} of when()`)(new PlanBuilder(emptyPlan(name)))
  const plan = planOf(built, `what '${name}' of when() returns`)
  if (plan.many === true)
    throw invalid(`'${name}' of when() must lead to one row; aggregate() at its end`)
  return plan
}

function asRunnable(value: unknown, where: string): unknown {
  workOf(value, where)
  return value
}

function planOf(value: unknown, where: string): Plan {
  const work = workOf(value, where)
  if (work.kind === 'plan') return work.plan
  throw invalid(`${where} must be a pipeline`)
}

function emptyPlan(name: string): Plan {
  return { name, input: undefined, inputNames: undefined, nodes: [], many: false }
}

function nameOf(work: Work): string {
  return work.kind === 'workflow' ? work.workflow.name : work.step.name
}

function fn(value: unknown, where: string): (...args: unknown[]) => unknown {
  if (isFunction(value)) return value
  throw invalid(`${where} needs a function`)
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 1
}

function invalid(message: string): ClientError {
  return new ClientError('INVALID_PLAN', message)
}
