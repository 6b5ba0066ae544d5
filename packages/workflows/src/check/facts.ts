import { keyOfInput, neededKey, outputsOf, spreads } from '../compile/compile-keys.ts'
import type { Body, Condition, GenerativeStep, Input, Step } from '../document/document.ts'
import { WorkflowError } from '../errors.ts'
import { planReturns } from '../interpret/returns.ts'
import { template } from '../template.ts'

/** What the steps of a body read and write, and where that is said. */

type Path = readonly PropertyKey[]

/** A place that reads a key of memory. */
export interface KeyRead {
  readonly key: string
  readonly path: Path
  /** Whether the step fails without a value. */
  readonly needed: boolean
  /** Whether only a run looks for the key: the name stands in a text. */
  readonly byName?: boolean
  /** Why the text cannot be read that stands there; its keys are not known then. */
  readonly problem?: string
}

/** A place that stores something under a key. */
export interface KeyWrite {
  readonly key: string
  readonly path: Path
}

export interface StepFacts {
  readonly step: Step
  readonly path: Path
  readonly reads: readonly KeyRead[]
  readonly writes: readonly KeyWrite[]
  /** Keys that it takes values off. */
  readonly pops: readonly string[]
  /** Whether it stores texts for `HaveSimilar`. */
  readonly inserts: Path | undefined
  readonly bodies: readonly BodyFacts[]
}

export interface BodyFacts {
  readonly body: Body
  readonly path: Path
  readonly steps: readonly StepFacts[]
  /** Of the conditions of its edges, by the index of the edge. */
  readonly edgeReads: readonly (readonly KeyRead[])[]
  readonly returns: readonly KeyRead[]
  /** Names that hold a value in it from its beginning. */
  readonly given: readonly string[]
  /** Every name that it or a body in it reads; absent: any name may be read. */
  readonly names: ReadonlySet<string> | undefined
}

/** Gathers what a body does with memory, and the bodies in it. */
export function factsOf(body: Body, path: Path, given: readonly string[]): BodyFacts {
  const steps = body.steps.map((step, index) => stepFacts(step, [...path, 'steps', index]))
  const edges = body.edges ?? []
  const edgeReads = edges.map((edge, index) =>
    edge.if === undefined ? [] : conditionReads(edge.if, [...path, 'edges', index, 'if']),
  )
  const returns = returnReads(body, path)
  const own = [...steps.flatMap(({ reads }) => reads), ...edgeReads.flat(), ...returns]
  const parts = { body, path, steps, edgeReads, returns, given }
  return { ...parts, names: allNames(own, steps) }
}

function allNames(
  own: readonly KeyRead[],
  steps: readonly StepFacts[],
): ReadonlySet<string> | undefined {
  const names = new Set(own.map(({ key }) => key))
  for (const { step, bodies } of steps) {
    if (drawsByName(step)) return undefined
    for (const inner of bodies) {
      if (inner.names === undefined) return undefined
      for (const name of inner.names) names.add(name)
    }
  }
  return names
}

/** Whether a step reads a key whose name is known only when it runs. */
function drawsByName(step: Step): boolean {
  if (step.operator !== 'sample') return false
  return Object.values(step.from).some(
    (source) =>
      typeof source === 'object' &&
      source.type === 'named' &&
      literalOf(source.input, step) === undefined,
  )
}

/** The text that an input always is. */
function literalOf(input: Input, { inputs = {} }: Step): string | undefined {
  const own = typeof input === 'string' && Object.hasOwn(inputs, input) ? inputs[input] : input
  return typeof own === 'object' && own.type === 'string' ? own.value : undefined
}

function stepFacts(step: Step, path: Path): StepFacts {
  const inputs = Object.entries(step.inputs ?? {})
  const own = new Set(inputs.map(([name]) => name))
  const reads = [
    ...inputs.flatMap(([name, input]) => inputReads(input, [...path, 'inputs', name])),
    ...(step.when === undefined ? [] : conditionReads(step.when, [...path, 'when'])),
    ...workReads(step, path).filter(({ key }) => !own.has(key)),
  ]
  const popped = inputs.flatMap(([, input]) => popsOf(input))
  return {
    step,
    path,
    reads,
    writes: writesOf(step, path),
    pops: step.when === undefined ? popped : [...popped, ...popsOf(step.when.input)],
    inserts: insertsOf(step, path),
    bodies: bodiesOf(step, path),
  }
}

/** The key that an input takes a value off. */
export function popsOf(input: Input): readonly string[] {
  return typeof input === 'object' && input.type === 'pop' ? [input.key] : []
}

function inputReads(input: Input, path: Path): readonly KeyRead[] {
  const key = keyOfInput(input)
  return key === undefined ? [] : [{ key, path, needed: neededKey(input) !== undefined }]
}

function conditionReads({ input }: Condition, path: Path): readonly KeyRead[] {
  return inputReads(input, [...path, 'input'])
}

function textReads(text: string | undefined, path: Path): readonly KeyRead[] {
  if (text === undefined) return []
  try {
    const { names, required } = template(text)
    const needed = new Set(required)
    return names.map((key) => ({ key, path, needed: needed.has(key) }))
  } catch (error) {
    if (!(error instanceof WorkflowError)) throw error
    return [{ key: '', path, needed: false, problem: error.message }]
  }
}

/** What a step reads for its own work, by names of memory or of its inputs. */
function workReads(step: Step, path: Path): readonly KeyRead[] {
  if (step.operator === 'search') return textReads(step.query, [...path, 'query'])
  if (step.operator === 'map') return inputReads(step.over, [...path, 'over'])
  if (step.operator === 'parallel') return []
  return step.operator === 'sample' ? sampleReads(step, path) : askReads(step, path)
}

function askReads(
  { system, messages = [], prompt, images = [] }: GenerativeStep,
  path: Path,
): readonly KeyRead[] {
  return [
    ...textReads(system, [...path, 'system']),
    ...messages.flatMap(({ content, images: pictures = [] }, index) => [
      ...textReads(content, [...path, 'messages', index, 'content']),
      ...imageReads(pictures, [...path, 'messages', index]),
    ]),
    ...textReads(prompt, [...path, 'prompt']),
    ...imageReads(images, path),
  ]
}

function imageReads(images: readonly Input[], path: Path): readonly KeyRead[] {
  return images.flatMap((input, index) => inputReads(input, [...path, 'images', index]))
}

function sampleReads(step: Extract<Step, { operator: 'sample' }>, path: Path): readonly KeyRead[] {
  const drawn = new Set(Object.keys(step.from))
  const lists = Object.entries(step.from).flatMap(([name, source]) => {
    const place = [...path, 'from', name]
    if (typeof source !== 'object' || source.type !== 'named') return inputReads(source, place)
    const key = literalOf(source.input, step)
    return key === undefined
      ? inputReads(source.input, place)
      : [{ key, path: place, needed: true, byName: true }]
  })
  const prompt = textReads(step.prompt, [...path, 'prompt'])
  return [...lists, ...prompt.filter(({ key }) => !drawn.has(key))]
}

function writesOf(step: Step, path: Path): readonly KeyWrite[] {
  if (step.operator === 'parallel' && spreads(step)) {
    return Object.keys(step.branches).map((key) => ({ key, path: [...path, 'branches', key] }))
  }
  return outputsOf(step).flatMap((output, index) => {
    if (output.type === 'insert') return []
    const place = step.outputs === undefined ? path : [...path, 'outputs', index]
    return [{ key: output.key, path: place }]
  })
}

function insertsOf(step: Step, path: Path): Path | undefined {
  const index = step.outputs?.findIndex(({ type }) => type === 'insert') ?? -1
  return index === -1 ? undefined : [...path, 'outputs', index]
}

function bodiesOf(step: Step, path: Path): readonly BodyFacts[] {
  if (step.operator === 'map') {
    const given = step.indexAs === undefined ? [step.as] : [step.as, step.indexAs]
    return [factsOf(step.body, [...path, 'body'], given)]
  }
  if (step.operator !== 'parallel') return []
  return Object.entries(step.branches).map(([name, branch]) =>
    factsOf(branch, [...path, 'branches', name], []),
  )
}

function returnReads(body: Body, path: Path): readonly KeyRead[] {
  return planReturns(body.returns).values.flatMap(({ input }) =>
    inputReads(input, [...path, 'returns']),
  )
}
