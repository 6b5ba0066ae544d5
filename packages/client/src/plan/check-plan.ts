import { isRecord } from '../guards.ts'
import { misuseOf } from './check-columns.ts'
import { ambiguousNames } from './check-names.ts'
import { contextNamesOf } from './context-names.ts'
import { inputOf } from './fit-input.ts'
import { needsOf } from './ref.ts'
import {
  plansIn,
  prefixOf,
  type BranchNode,
  type GraphNode,
  type NestNode,
  type ParallelNode,
  type Plan,
  type PlanNode,
  type StepNode,
  type Wiring,
} from './plan.ts'
import { acceptedSchemaOf, jsonSchemaOf } from './schema-text.ts'
import { invalid } from './runnable.ts'
import {
  afterVerb,
  besideBranches,
  columnsOf,
  eitherOf,
  fieldAt,
  wholeOf,
  withField,
  type Json,
} from './row-schemas.ts'
import { misfitOf } from './schema-fit.ts'

/** What can be said against a plan before it runs. */
export interface PlanReport {
  /** Nothing is certainly wrong. */
  readonly ok: boolean
  readonly errors: readonly PlanRemark[]
  /** What is probably not meant. */
  readonly warnings: readonly PlanRemark[]
  /** Names of the context's values that its steps take; absent where they may take any. */
  readonly context?: readonly string[]
}

export interface PlanRemark {
  /** The step, with the plans around it. */
  readonly step: string
  readonly message: string
}

/** Looks through a plan: whether what each step gives fits the next, and whether it is of any use. */
export function checkPlan(plan: Plan): PlanReport {
  const errors: PlanRemark[] = ambiguousNames(plan)
  const warnings: PlanRemark[] = []
  checkRows(plan, { prefix: '', row: schemaOf(plan), errors, warnings })
  const context = contextNamesOf(plan)
  return { ok: errors.length === 0, errors, warnings, ...(context && { context }) }
}

const insisted = new WeakSet<Plan>()

/**
 * Refuses a plan that is certainly wrong.
 *
 * @throws {ClientError} `INVALID_PLAN` naming the first step that cannot work
 */
export function insistOnSound(plan: Plan): void {
  if (insisted.has(plan)) return
  const [first, ...others] = checkPlan(plan).errors
  if (first) {
    const more = others.length === 0 ? '' : `; and ${others.length} more: validate() lists them`
    throw invalid(
      `pipeline '${plan.name}' cannot work: step '${first.step}': ${first.message}${more}`,
    )
  }
  insisted.add(plan)
}

interface Check {
  readonly prefix: string
  /** JSON Schema of the row that enters; undefined where nobody knows. */
  readonly row: Json | undefined
  readonly errors: PlanRemark[]
  readonly warnings: PlanRemark[]
}

/** Follows the row through the plan, as far as its schema is known; gives that of what leaves. */
function checkRows(plan: Plan, check: Check): Json | undefined {
  let { row } = check
  for (const node of plan.nodes) {
    const message = misuseOf(node, row)
    if (message !== undefined) check.errors.push({ step: check.prefix + node.label, message })
    row = checkNode(node, { ...check, row })
  }
  return row
}

function checkNode(node: PlanNode, check: Check): Json | undefined {
  if (node.kind === 'graph') return checkGraph(node, check)
  if (node.kind === 'step' || node.kind === 'nest') return checkWork(node, check)
  if (node.kind === 'parallel') return checkParallel(node, check)
  return node.kind === 'branch' ? checkWays(node, check) : afterVerb(node, check.row)
}

/** Plans one of which the row enters. What leaves them is known where it does not depend on a function that makes them. */
function checkWays(node: BranchNode, check: Check): Json | undefined {
  const ways = plansIn(node).map(([name, plan]) => checkWay(node, { name, plan }, check))
  if (ways.length === 0) return undefined
  // Without a way for rows that do not pass they go on as they are.
  const isOptional = node.verb === 'when' && ways.length === 1
  return eitherOf(isOptional ? [...ways, check.row] : ways)
}

function checkWay(
  node: BranchNode,
  { name, plan }: { readonly name: string; readonly plan: Plan },
  check: Check,
): Json | undefined {
  // What is piped takes the row as a step does; other ways have no schema of their own.
  const takes = node.verb === 'pipe' && plan.input
  if (takes) checkFit({ label: node.label, wanted: acceptedSchemaOf(takes) }, check)
  const prefix = prefixOf(check.prefix, node, name)
  return checkRows(plan, { ...check, row: takes ? schemaOf(plan) : check.row, prefix })
}

function checkParallel(node: ParallelNode, check: Check): Json | undefined {
  const branches = new Map<string, Json | undefined>()
  for (const [name, plan] of plansIn(node)) {
    const prefix = prefixOf(check.prefix, node, name)
    branches.set(name, wholeOf(plan, checkRows(plan, { ...check, prefix })))
  }
  const { combined, label } = node
  const misfit = combined && misfitOf(columnsOf(branches), acceptedSchemaOf(combined))
  if (misfit !== undefined) {
    const message = `what the branches give does not combine: ${misfit}`
    check.errors.push({ step: check.prefix + label, message })
  }
  return besideBranches(node, check.row, branches)
}

function checkWork(node: StepNode | NestNode, check: Check): Json | undefined {
  const { label, as, when } = node
  if (!node.with && !when) checkFit({ label, wanted: wantedOf(node) }, check)
  const answer = node.kind === 'step' ? outputOf(node) : checkNest(node, check)
  return as === undefined ? answer : withField(check.row, as, answer ?? {})
}

function checkNest(node: NestNode, check: Check): Json | undefined {
  const { plan } = node
  const prefix = prefixOf(check.prefix, node, plan.name)
  return wholeOf(plan, checkRows(plan, { ...check, row: schemaOf(plan), prefix }))
}

interface Place {
  readonly label: string
  /** JSON Schema of what it takes; undefined where it takes anything. */
  readonly wanted: Json | undefined
}

/** A row fits as the input, or as the value of the only one. */
function checkFit({ label, wanted }: Place, { row, prefix, errors }: Check): void {
  if (!row || !wanted) return
  const misfit = misfitOf(row, wanted)
  const fields = isRecord(wanted['properties']) ? Object.values(wanted['properties']) : []
  const isBare = fields.length === 1 && misfitOf(row, fields[0]) === undefined
  if (misfit === undefined || isBare) return
  const message = `what it is given does not fit its input: ${misfit}`
  errors.push({ step: prefix + label, message })
}

function checkGraph({ parts, output }: GraphNode, check: Check): Json | undefined {
  const given: (Json | undefined)[] = []
  for (const { plan, wiring, condition } of parts) {
    // With a condition the input is but a part of what is wired.
    const row = condition ? undefined : wiredSchema(wiring, check.row, given)
    given.push(wholeOf(plan, checkRows(plan, { ...check, row })))
  }
  warnOfUnused({ parts, output }, check)
  return wiredSchema(output, check.row, given)
}

function warnOfUnused({ parts, output }: Pick<GraphNode, 'parts' | 'output'>, check: Check): void {
  const used = new Set(needsOf(output))
  const fed = new Set<number>()
  for (const [place, { needs }] of [...parts.entries()].toReversed()) {
    for (const need of needs) {
      fed.add(need)
      if (used.has(place)) used.add(need)
    }
  }
  for (const [place, { plan }] of parts.entries()) {
    if (used.has(place)) continue
    const message = fed.has(place)
      ? 'nothing of it reaches the output: it leads only to steps that nobody uses'
      : 'nobody uses its output'
    check.warnings.push({ step: check.prefix + plan.name, message })
  }
}

function wiredSchema(
  wiring: Wiring,
  input: Json | undefined,
  given: readonly (Json | undefined)[],
): Json | undefined {
  if (wiring.kind === 'input') return fieldAt(input, wiring.path)
  if (wiring.kind === 'part') return fieldAt(given[wiring.part], wiring.path)
  if (wiring.kind !== 'object') return undefined
  const fields = Object.entries(wiring.fields).map(
    ([name, field]) => [name, wiredSchema(field, input, given) ?? {}] as const,
  )
  return { type: 'object', properties: Object.fromEntries(fields) }
}

/** Of the rows that enter a plan: what its schema makes of the inputs. */
function schemaOf({ input, keepsInput }: Plan): Json | undefined {
  if (!input) return undefined
  return keepsInput ? acceptedSchemaOf(input) : jsonSchemaOf(input, 'output')
}

function wantedOf(node: StepNode | NestNode): Json | undefined {
  const input = node.kind === 'nest' ? node.plan.input : inputOf(node.work)
  return input && acceptedSchemaOf(input)
}

function outputOf({ work }: StepNode): Json | undefined {
  return work.kind === 'local' ? jsonSchemaOf(work.step.output, 'output') : undefined
}
