import { isDeepStrictEqual } from 'node:util'

/** What became of a step from one plan to the other. */
export interface StepChange {
  readonly kind: 'add' | 'remove' | 'change'
  /** With the plans around it; empty where functions or schemas of the plan are others. */
  readonly step: string
}

/** What became of a plan, by its JSON alone: the program need not be there any more. */
export function comparePlans(before: unknown, after: unknown): readonly StepChange[] {
  const [old, now] = [new Map(stepsIn(before, '')), new Map(stepsIn(after, ''))]
  const gone = [...old.keys()].filter((step) => !now.has(step))
  const rest = [...now].flatMap(([step, json]): StepChange[] => {
    if (!old.has(step)) return [{ kind: 'add', step }]
    return isDeepStrictEqual(old.get(step), json) ? [] : [{ kind: 'change', step }]
  })
  return [...gone.map((step): StepChange => ({ kind: 'remove', step })), ...rest]
}

type Json = Readonly<Record<string, unknown>>

/** Every step of a plan, those of the plans inside it after it, under the names that reports have. */
function stepsIn(plan: unknown, prefix: string): [string, unknown][] {
  const steps = isObject(plan) && Array.isArray(plan['steps']) ? plan['steps'] : []
  const taken = new Set<string>()
  const found: [string, unknown][] = []
  for (const step of steps as readonly unknown[]) {
    const base = nameOf(step)
    let name = base
    for (let count = 2; taken.has(name); count++) name = `${base}-${count}`
    taken.add(name)
    const inside = isObject(step) ? plansIn(step, name) : []
    const own = Object.entries(asObject(step)).filter(([key]) => !INSIDE.has(key))
    // Branches that come, go or change places change what is around them.
    const branches = inside.map(([place]) => place)
    found.push([prefix + name, { ...Object.fromEntries(own), branches }])
    for (const [place, inner] of inside) found.push(...stepsIn(inner, prefix + place))
  }
  return found
}

/** Members that hold plans. */
const INSIDE: ReadonlySet<string> = new Set([
  'steps',
  'otherwise',
  'parallel',
  'cases',
  'pipe',
  'graph',
])

/** Plans inside a step, with what the names of their steps begin with. */
function plansIn(step: Json, name: string): [place: string, plan: unknown][] {
  const { steps, otherwise, parallel, cases, pipe, graph } = step
  const branches = Object.entries({ ...asObject(parallel), ...asObject(cases) })
  return [
    ...branches.map(([branch, plan]): [string, unknown] => [`${name}.${branch}/`, plan]),
    ...(steps === undefined ? [] : [itself(step, name)]),
    ...(otherwise === undefined ? [] : [[`${name}.otherwise/`, { steps: otherwise }] as const]),
    ...(isObject(pipe) ? [[`${name}.${nameOf(pipe)}/`, pipe] as const] : []),
    // Steps of a graph have names of their own in the plan around it.
    ...(graph === undefined ? [] : [['', graph] as const]),
  ].map(([place, plan]) => [place, plan])
}

/** The steps that a step says itself: of a pipeline, or of rows that pass. */
function itself(step: Json, name: string): readonly [string, unknown] {
  return ['when' in step && !('pipeline' in step) ? `${name}.passed/` : `${name}/`, step]
}

/** Its own name, else that of its verb. */
function nameOf(step: unknown): string {
  if (!isObject(step)) return String(step)
  const { name: given, workflow, step: local, pipeline } = step
  const names = [given, isObject(workflow) ? workflow['name'] : undefined, local, pipeline]
  const name = names.find((text) => typeof text === 'string')
  return name ?? Object.keys(step)[0] ?? 'step'
}

function asObject(value: unknown): Json {
  return isObject(value) ? value : {}
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null
}
