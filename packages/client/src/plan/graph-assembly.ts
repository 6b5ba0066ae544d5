import { isFunction, isPlain, isRecord, isSchema, isThenable, ownMember } from '../guards.ts'
import { listed } from '../listing.ts'
import type {
  GraphCondition,
  GraphPart,
  NestNode,
  Plan,
  PlanNode,
  StepNode,
  Wiring,
} from './plan.ts'
import { Misfit } from './misfit.ts'
import { needsOf, refTo, wiringOf } from './ref.ts'
import { fn, invalid, nameOf, workOf, type AnyWork } from './runnable.ts'
import { emptyPlan, nodeOf, type LooseStepOptions } from './step-node.ts'

/** The options of a step in a graph as JavaScript gives them. */
interface LoosePartOptions extends Omit<LooseStepOptions, 'with' | 'as'> {
  readonly name?: string
}

/** A step to be put into a graph. */
interface PartDraft {
  readonly work: AnyWork
  readonly wiring: Wiring
  readonly options: LoosePartOptions
  /** The step runs only where the test of that value says yes. */
  readonly condition?: GraphCondition | undefined
}

/** Puts a graph together, step by step. */
export class GraphAssembly {
  readonly #plan: Plan
  readonly #parts: GraphPart[] = []

  constructor(plan: Plan) {
    this.#plan = plan
  }

  /** Calls the function that wires the graph. */
  build(wire: (...values: unknown[]) => unknown): Plan {
    const { input, name } = this.#plan
    const entry = refTo({
      owner: this,
      wiring: { kind: 'input', path: [] },
      schema: input,
      what: `the input of graph '${name}'`,
    })
    const add = (work: unknown, given: unknown, options: LoosePartOptions = {}) => {
      const checked = workOf(work, `graph '${name}'`)
      const where = `the input of '${nameOf(checked)}'`
      return this.#refTo({ work: checked, wiring: wiringOf(given, this, where), options })
    }
    const when = (...[on, test, work, given, options = {}]: readonly unknown[]) => {
      const checked = workOf(work, `graph '${name}'`)
      const where = `the input of '${nameOf(checked)}'`
      const condition = {
        on: wiringOf(on, this, `the condition of '${nameOf(checked)}'`),
        test: fn(test, `the condition of '${nameOf(checked)}'`),
      }
      if (!isRecord(options)) throw invalid(`the options of '${nameOf(checked)}' must be an object`)
      return this.#refTo({
        work: checked,
        wiring: wiringOf(given, this, where),
        options,
        condition,
      })
    }
    const output = wire(Object.assign(add, { when }), entry)
    if (isPlain(output) && isFunction(output['then'])) {
      throw invalid(`'then' of the output of graph '${name}' is a function: nobody could await it`)
    }
    if (isThenable(output)) {
      output.then(undefined, () => {})
      throw invalid(`graph '${name}' is wired at once: its function cannot be async`)
    }
    return this.finish(wiringOf(output, this, `the output of graph '${name}'`))
  }

  /** Adds a step; returns its place. */
  add(draft: PartDraft): number {
    const { work, wiring, condition } = draft
    const { name = this.#freeName(nameOf(work)), ...options } = draft.options
    if (typeof name !== 'string' || name === '') throw invalid('a step of a graph needs a name')
    if (this.#parts.some((part) => part.plan.name === name)) {
      throw invalid(`graph '${this.#plan.name}' has two steps named '${name}'`)
    }
    if (condition && options.when !== undefined) {
      throw invalid(`step '${name}' of a graph has two conditions: that of g.when() and 'when'`)
    }
    const node = nodeOf(name, work, condition ? conditional(options, condition.test) : options)
    checkWiring(node, wiring)
    const whole: Wiring = condition
      ? { kind: 'object', fields: { condition: condition.on, input: wiring } }
      : wiring
    const nodes = [Object.freeze(node)]
    const plan = { ...emptyPlan(name), nodes, many: options.models === 'all' }
    return this.#parts.push({ plan, wiring: whole, needs: needsOf(whole), condition }) - 1
  }

  finish(output: Wiring): Plan {
    const { name } = this.#plan
    if (this.#parts.length === 0) throw invalid(`graph '${name}' has no step`)
    const node: PlanNode = { kind: 'graph', label: 'graph', parts: this.#parts, output }
    return { ...this.#plan, nodes: [Object.freeze(node)] }
  }

  #refTo(draft: PartDraft): object {
    const part = this.add(draft)
    const { work } = draft
    return refTo({
      owner: this,
      wiring: { kind: 'part', part, path: [] },
      schema: work.kind === 'local' ? work.step.output : undefined,
      what: `the output of '${this.#parts[part]?.plan.name ?? ''}'`,
    })
  }

  #freeName(base: string): string {
    const taken = new Set(this.#parts.map((part) => part.plan.name))
    let name = base
    for (let number = 2; taken.has(name); number++) name = `${base}-${number}`
    return name
  }
}

/** The condition travels beside the input, so that one is skipped for want of either. */
function conditional(
  options: LooseStepOptions,
  test: (value: unknown) => unknown,
): LooseStepOptions {
  return {
    ...options,
    when: (row) => test(isRecord(row) ? row['condition'] : undefined),
    with: (row) => {
      if (isRecord(row) && 'condition' in row) return row['input']
      throw new Misfit('the value of its condition is absent', [['condition']])
    },
  }
}

/** What is certainly missing is told before anything runs. */
function checkWiring(node: StepNode | NestNode, wiring: Wiring): void {
  const required = requiredOf(node)
  if (wiring.kind === 'value' && wiring.value === undefined && !acceptsNothing(node)) {
    throw invalid(`the input of '${node.label}' is undefined`)
  }
  // With one input the object may be its value.
  if (wiring.kind !== 'object' || required.length < 2) return
  const missing = required.filter((name) => {
    const field = ownMember(wiring.fields, name)
    return !field || (field.kind === 'value' && field.value === undefined)
  })
  if (missing.length > 0) throw invalid(`the input of '${node.label}' lacks ${listed(missing)}`)
}

function acceptsNothing(node: StepNode | NestNode): boolean {
  const schema = node.kind === 'nest' ? node.plan.input : localInput(node)
  return schema?.safeParse(undefined).success === true
}

function localInput({ work }: StepNode): Plan['input'] {
  return work.kind === 'local' ? work.step.input : undefined
}

function requiredOf(node: StepNode | NestNode): string[] {
  if (node.kind === 'step' && node.work.kind === 'workflow') {
    const { input, optionalInputs = [] } = node.work.workflow.document
    return Object.keys(input).filter((name) => !optionalInputs.includes(name))
  }
  const schema = node.kind === 'nest' ? node.plan.input : localInput(node)
  const shape: unknown = schema && 'shape' in schema ? schema.shape : undefined
  if (!isRecord(shape)) return []
  return Object.entries(shape)
    .filter(([, field]) => isSchema(field) && !field.safeParse(undefined).success)
    .map(([name]) => name)
}
