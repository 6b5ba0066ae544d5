import { z } from 'zod'
import { ClientError } from '../errors.ts'
import { deepFreeze } from '../freeze.ts'
import { isFunction, isList, isRecord, isSchema } from '../guards.ts'
import { describePlan, planToMermaid } from './plan-text.ts'
import { planToJson } from './plan-json.ts'
import { checkParallel, parallelOptions, type LooseParallelOptions } from './parallel-options.ts'
import { labelsIn, type BranchNode, type Plan, type PlanNode } from './plan.ts'
import type { PolicyOptions } from './policy.ts'
import { decided, fn, invalid, isSize, nameOf, nothingElse, workOf } from './runnable.ts'
import { checkPlan, type PlanReport } from './check-plan.ts'
import { snapshotOf, type Snapshot } from './snapshot.ts'
import { emptyPlan, fitterOfRows, nodeOf, planOfWork, type LooseStepOptions } from './step-node.ts'

/** The verbs without their types: every mistake that types forbid is named here as well, for JavaScript. */
export class PlanBuilder {
  readonly plan: Plan

  constructor(plan: Plan) {
    this.plan = plan
  }

  static start(name: unknown, shape: unknown, options: unknown = {}): PlanBuilder {
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
      ...versionOf(name, options),
    })
  }

  get name(): string {
    return this.plan.name
  }

  step(runnable: unknown, options: LooseStepOptions = {}): PlanBuilder {
    const work = workOf(runnable, 'step()')
    const node = nodeOf(this.#label(nameOf(work)), work, options)
    const fit = fitterOfRows(node, this.plan) ?? node.fit
    return this.#with({ ...node, fit }, this.plan.many || options.models === 'all')
  }

  map(run: unknown, ...others: readonly unknown[]): PlanBuilder {
    nothingElse(others, 'map()')
    return this.#with({ kind: 'map', label: this.#label('map'), run: fn(run, 'map()') })
  }

  tap(run: unknown, ...others: readonly unknown[]): PlanBuilder {
    nothingElse(others, 'tap()')
    return this.#with({ kind: 'tap', label: this.#label('tap'), run: fn(run, 'tap()') })
  }

  filter(test: unknown, ...others: readonly unknown[]): PlanBuilder {
    nothingElse(others, 'filter()')
    const label = this.#label('filter')
    return this.#with({ kind: 'filter', label, test: fn(test, 'filter()') }, true)
  }

  scatter(column?: unknown, ...others: readonly unknown[]): PlanBuilder {
    nothingElse(others, 'scatter()')
    if (column !== undefined && typeof column !== 'string') {
      throw invalid('scatter() takes the name of a column that holds a list, or nothing')
    }
    return this.#with({ kind: 'scatter', label: this.#label('scatter'), column }, true)
  }

  broadcast(copies: unknown, options: { readonly as?: string } = {}): PlanBuilder {
    const label = this.#label('broadcast')
    const { as, ...others } = options
    noOther(others, 'broadcast()')
    if (isList(copies)) {
      if (typeof as !== 'string' || as === '') {
        throw invalid("broadcast([…]) needs the column for the values: { as: 'name' }")
      }
      const values = [...copies]
      return this.#with({ kind: 'broadcast', label, copies: values.length, values, as }, true)
    }
    if (!isSize(copies))
      throw invalid('broadcast() takes a whole number from 1, or a list of values')
    return this.#with({ kind: 'broadcast', label, copies, values: [], as: undefined }, true)
  }

  aggregate(options: { readonly by?: unknown; readonly size?: unknown } = {}): PlanBuilder {
    const { by, size, ...others } = options
    noOther(others, 'aggregate()')
    if (this.plan.many === false) {
      throw invalid('aggregate() needs many rows: scatter() or broadcast() comes before it')
    }
    if (by !== undefined && size !== undefined) {
      throw invalid('aggregate() takes by or size, not both')
    }
    if (size !== undefined && !isSize(size)) {
      throw invalid('aggregate({ size }) takes a whole number from 1')
    }
    const label = this.#label('aggregate')
    const node: PlanNode = {
      kind: 'aggregate',
      label,
      by: grouping(by),
      column: columnOf(by),
      size,
    }
    return this.#with(node, by !== undefined || size !== undefined)
  }

  batch(size: unknown, ...others: readonly unknown[]): PlanBuilder {
    nothingElse(others, 'batch()')
    if (!isSize(size)) throw invalid('batch() takes a whole number from 1')
    return this.aggregate({ size })
  }

  callback(make: unknown, ...others: readonly unknown[]): PlanBuilder {
    nothingElse(others, 'callback()')
    const label = this.#label('callback')
    // Whether it returns one row or a list shows only when it runs.
    return this.#with({ kind: 'callback', label, make: fn(make, 'callback()') }, 'dynamic')
  }

  parallel(branches: unknown, options: LooseParallelOptions = {}): PlanBuilder {
    const { settings, policy } = parallelOptions(options)
    const plans = plansOf(branches, 'parallel()', policy)
    checkParallel(this.plan, Object.keys(plans), settings)
    return this.#with({ kind: 'parallel', label: this.#label('parallel'), plans, ...settings })
  }

  choose(select: unknown, cases: unknown, ...others: readonly unknown[]): PlanBuilder {
    nothingElse(others, 'choose()')
    const plans = plansOf(cases, 'choose()')
    const choice = fn(select, 'choose()')
    const route = (row: unknown) => {
      const name = decided(choice(row), 'choose()')
      const plan = typeof name === 'string' && Object.hasOwn(plans, name) ? plans[name] : undefined
      if (plan) return plan
      throw new ClientError(
        'STEP_FAILED',
        `choose() has no case ${JSON.stringify(name)}; it has ${Object.keys(plans).join(', ')}`,
        { retryable: false },
      )
    }
    return this.#branch({ verb: 'choose', plans, route, by: choice })
  }

  when(test: unknown, then: unknown, otherwise?: unknown): PlanBuilder {
    const passes = fn(test, 'when()')
    const passed = inner('passed', then)
    const plans: Record<string, Plan> = { passed }
    if (otherwise !== undefined) plans['otherwise'] = inner('otherwise', otherwise)
    const route = (row: unknown) => (decided(passes(row), 'when()') ? passed : plans['otherwise'])
    return this.#branch({ verb: 'when', plans, route, by: passes })
  }

  pipe(sub: unknown, ...others: readonly unknown[]): PlanBuilder {
    nothingElse(others, 'pipe()')
    if (isFunction(sub)) {
      const route = (row: unknown) =>
        planOf(decided(sub(row), 'pipe()'), 'the function given to pipe()')
      return this.#branch({ verb: 'pipe', plans: {}, route, by: sub }, 'dynamic')
    }
    const plan = planOf(sub, 'pipe()')
    const route = () => plan
    return this.#branch(
      { verb: 'pipe', plans: { [plan.name]: plan }, route, by: undefined },
      plan.many,
    )
  }

  /** Puts a graph into the plan, whose input is the row. */
  graph(node: PlanNode): PlanBuilder {
    const taken = new Set(this.plan.nodes.flatMap(labelsIn))
    const twice = labelsIn(node).find((name) => name !== node.label && taken.has(name))
    if (twice !== undefined) throw invalid(`there are two steps named '${twice}'`)
    return this.#with({ ...node, label: this.#label(node.label) })
  }

  withContext(values: unknown): PlanBuilder {
    if (!isRecord(values)) throw invalid('withContext() takes values by name: { name: value }')
    return new PlanBuilder({
      ...this.plan,
      context: deepFreeze({ ...this.plan.context, ...values }),
    })
  }

  toJSON(): unknown {
    return planToJson(this.plan)
  }

  validate(): PlanReport {
    return checkPlan(this.plan)
  }

  freeze(): Snapshot {
    return snapshotOf(this.plan)
  }

  toMermaid(): string {
    return planToMermaid(this.plan)
  }

  describe(): string {
    return describePlan(this.plan)
  }

  #branch(
    parts: Pick<BranchNode, 'verb' | 'plans' | 'route' | 'by'>,
    inside: Plan['many'] = false,
  ): PlanBuilder {
    const node: PlanNode = { kind: 'branch', label: this.#label(parts.verb), ...parts }
    return this.#with(node, this.plan.many === true ? true : inside || this.plan.many)
  }

  #label(base: string): string {
    const taken = new Set(this.plan.nodes.flatMap(labelsIn))
    if (!taken.has(base)) return base
    let number = 2
    while (taken.has(`${base}-${number}`)) number++
    return `${base}-${number}`
  }

  #with(node: PlanNode, many = this.plan.many): PlanBuilder {
    return new PlanBuilder({ ...this.plan, nodes: [...this.plan.nodes, Object.freeze(node)], many })
  }
}

function noOther(others: object, verb: string): void {
  const [unknown] = Object.keys(others)
  if (unknown !== undefined) throw invalid(`${verb} has an unknown option '${unknown}'`)
}

function versionOf(name: string, options: unknown): Pick<Plan, 'version'> {
  if (!isRecord(options)) throw invalid(`the options of pipeline '${name}' must be an object`)
  const { version, ...others } = options
  noOther(others, `pipeline '${name}'`)
  if (version === undefined) return {}
  if (typeof version === 'string' && version !== '') return { version }
  throw invalid(`version of pipeline '${name}' must be a text`)
}

/** Steps one after the other as a plan. */
export function planOfSteps(steps: readonly unknown[], options: PolicyOptions): Plan {
  const [first] = steps
  if (steps.length === 0) throw invalid('there is no step to run')
  if (steps.length === 1 && Object.keys(options).length === 0) return planOfOne(first)
  let builder = new PlanBuilder(emptyPlan(nameOf(workOf(first, WHAT_IS_RUN))))
  for (const step of steps) builder = builder.step(step, options)
  return builder.plan
}

const WHAT_IS_RUN = 'what is run'

const singles = new WeakMap<object, Plan>()

/** A workflow or a step as a plan, the same each time: what is found out about a plan is found out once. */
function planOfOne(value: unknown): Plan {
  const work = workOf(value, WHAT_IS_RUN)
  if (work.kind === 'plan') return work.plan
  const key = work.kind === 'workflow' ? work.workflow : work.step
  let plan = singles.get(key)
  if (!plan) singles.set(key, (plan = new PlanBuilder(emptyPlan(nameOf(work))).step(value).plan))
  return plan
}

function columnOf(by: unknown): string | number | undefined {
  return typeof by === 'string' || typeof by === 'number' ? by : undefined
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

/** Each branch as a plan of its own. */
function plansOf(
  branches: unknown,
  verb: string,
  policy: PolicyOptions = {},
): Record<string, Plan> {
  if (!isRecord(branches) || Object.keys(branches).length === 0) {
    throw invalid(`${verb} needs at least one step: { name: step }`)
  }
  const plans: Record<string, Plan> = {}
  for (const [name, branch] of Object.entries(branches)) {
    const where = `'${name}' of ${verb}`
    // A column of that name would be lost in every object that is made of others.
    if (name === '__proto__') throw invalid(`${where} needs another name`)
    if (isFunction(branch)) {
      insistOnNone(policy, where)
      const built = branch(new PlanBuilder(emptyPlan(name)))
      plans[name] = { ...withoutContext(planOf(built, where), where), name }
    } else plans[name] = planOfWork(name, workOf(branch, where), policy)
  }
  return plans
}

/** A branch of many steps: nobody could say which of them is meant. */
function insistOnNone(policy: PolicyOptions, where: string): void {
  const [option] = Object.keys(policy)
  if (option === undefined) return
  throw invalid(`${where} adds steps of its own: say ${option} of those`)
}

/** A branch that a function builds from the rows that enter it. */
function inner(name: string, build: unknown): Plan {
  const built: unknown = fn(build, `${name} of when()`)(new PlanBuilder(emptyPlan(name)))
  const where = `what '${name}' of when() returns`
  const plan = withoutContext(planOf(built, where), where)
  if (plan.many === true)
    throw invalid(`'${name}' of when() must lead to one row; aggregate() at its end`)
  return plan
}

/** Branches have no values of their own: nobody would look for them there. */
function withoutContext(plan: Plan, where: string): Plan {
  if (!plan.context) return plan
  throw invalid(`${where} has withContext(): say it of the pipeline around it`)
}

function planOf(value: unknown, where: string): Plan {
  const work = workOf(value, where)
  if (work.kind === 'plan') return work.plan
  throw invalid(`${where} must be a pipeline`)
}
