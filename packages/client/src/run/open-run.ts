import { ClientError } from '../errors.ts'
import { settle } from '../freeze.ts'
import { isList } from '../guards.ts'
import { insistOnTaken } from '../plan/context-names.ts'
import { isAmong, stepsAfter } from '../plan/downstream.ts'
import { insistOnSound } from '../plan/check-plan.ts'
import { planToJson } from '../plan/plan-json.ts'
import { snapshotOf } from '../plan/snapshot.ts'
import type { Defaults, Plan } from '../plan/plan.ts'
import type { RunHead, RunRecord } from '../store/run-book.ts'
import type { Journal, JournalReader, Store } from '../store/store.ts'
import { InheritedMetrics } from './inherited-metrics.ts'
import { isMany } from './input-source.ts'
import { RecordedInputs } from './recorded-inputs.ts'

/** Where a run comes from. */
export type RunStart =
  | { readonly kind: 'new'; readonly inputs: unknown }
  /** It goes on where it stopped. Inputs are needed where only some were read. */
  | {
      readonly kind: 'resume'
      readonly inputs?: unknown
      /** Only where it is interrupted: who has ended it meanwhile is not undone. */
      readonly isTakenOver?: boolean
    }
  /** Another is done again, with its answers where nothing has changed. */
  | {
      readonly kind: 'rerun'
      readonly parent: string
      /** The step that is done anew, with all that depend on it. */
      readonly from?: string | undefined
      readonly inputs?: unknown
    }

/** What a new run is told about itself. */
export interface RunTerms {
  readonly id: string
  /** Whether the program gave the id: others may have it. */
  readonly isNamed: boolean
  readonly project: string | undefined
  readonly source: string | undefined
  readonly seed: number | undefined
  readonly models: readonly string[] | undefined
  readonly context: Readonly<Record<string, unknown>> | undefined
  /** For a run that is given no seed. */
  readonly newSeed: () => number
  /** Milliseconds since 1970. */
  readonly now: number
}

/** A run that this process is at. */
export interface OpenRun {
  readonly journal: Journal
  readonly isTakenUp: boolean
  /** What the run that it does again recorded. */
  readonly parent: JournalReader | undefined
  /** Models of that run's steps that name none. */
  readonly earlierModels: readonly string[] | undefined
  readonly metrics: InheritedMetrics
  readonly inputs: RecordedInputs
  readonly project: string
  readonly seed: number
  readonly models: readonly string[] | undefined
  readonly context: Readonly<Record<string, unknown>>
  /** Whether what the parent recorded of a step does not count. */
  readonly isAnew: (step: string) => boolean
}

/**
 * Begins a run in the store, or takes one up.
 *
 * @throws {ClientError} `NO_SUCH_RUN`, `RUN_HELD`, `STORE_FAILED`, `INVALID_INPUT`, `INVALID_PLAN`
 */
export async function openRun(
  store: Store,
  plan: Plan,
  { start, terms }: { readonly start: RunStart; readonly terms: RunTerms },
): Promise<OpenRun> {
  insistOnSound(plan)
  if (start.kind === 'resume') return resume(store, plan, { start, terms })
  const origin = await originOf(store, plan, start)
  const { parent, anew, given, metrics } = origin
  const head = headOf(plan, terms, { parent, anew, inputs: given.kind })
  const journal = await store.open(terms.id, head, given.notes())
  const isSoonEnough = !terms.isNamed && given.kind !== 'stream' && asksFirst(plan)
  if (!isSoonEnough) await untilBegun(journal)
  given.continueIn(journal)
  const earlierModels = parent?.models
  const from = { parent: origin.reader, earlierModels, metrics }
  return open(journal, given, { head, ...from, isTakenUp: false })
}

/** Whether a node's answer is recorded before any step, condition or mapping of the program runs. */
function asksFirst({ nodes: [first] }: Plan): boolean {
  if (first?.kind !== 'step' || first.work.kind !== 'workflow') return false
  const { when, with: mapping, models, fallback, route } = first
  const functions = [when, mapping, fallback, route].filter((given) => given !== undefined)
  return functions.length === 0 && typeof models !== 'function'
}

/** A function of the program that takes the process with it leaves a run that can be taken up. */
async function untilBegun(journal: Journal): Promise<void> {
  try {
    await journal.begun()
  } catch (error) {
    await journal.close().catch(() => {})
    throw error
  }
}

/** What a new run takes from the one that it does again, if it does. */
interface RunOrigin {
  readonly parent: RunRecord | undefined
  readonly reader: JournalReader | undefined
  readonly anew: readonly string[]
  readonly given: RecordedInputs
  readonly metrics: InheritedMetrics
}

async function originOf(
  store: Store,
  plan: Plan,
  start: Exclude<RunStart, { kind: 'resume' }>,
): Promise<RunOrigin> {
  const nothing = { parent: undefined, reader: undefined, anew: [] }
  if (start.kind === 'new') {
    return { ...nothing, given: fresh(start.inputs), metrics: new InheritedMetrics(undefined) }
  }
  const parent = await recordOf(store, start.parent)
  const reader = store.read(parent.id)
  if (!reader) throw noRun(parent.id)
  const anew = start.from === undefined ? [] : stepsAfter(plan, start.from)
  const given = RecordedInputs.of(parent, reader, start.inputs)
  return { parent, reader, anew, given, metrics: new InheritedMetrics(reader) }
}

function fresh(inputs: unknown): RecordedInputs {
  const many = isList(inputs) ? 'list' : 'stream'
  const kind = isMany(inputs) ? many : 'one'
  if (kind !== 'stream') settle(inputs)
  return RecordedInputs.fresh(kind, inputs)
}

async function resume(
  store: Store,
  plan: Plan,
  {
    start: { inputs, isTakenOver = false },
    terms,
  }: { start: Extract<RunStart, { kind: 'resume' }>; terms: RunTerms },
): Promise<OpenRun> {
  const record = await recordOf(store, terms.id)
  if (isTakenOver && record.state !== 'interrupted') {
    throw new ClientError('RUN_HELD', `somebody else has taken over run '${terms.id}'`)
  }
  if (record.plan !== undefined && record.plan !== plan.name) {
    throw new ClientError(
      'INVALID_INPUT',
      `run '${terms.id}' is one of '${record.plan}', not of '${plan.name}'`,
    )
  }
  const journal = await store.open(terms.id)
  try {
    if (isTakenOver) await insistOnUnfinished(store, terms.id)
    const given = RecordedInputs.of(record, journal, inputs)
    given.continueIn(journal)
    const parent = record.parent === undefined ? undefined : store.read(record.parent)
    const earlierModels = await modelsOf(store, record.parent)
    const metrics = new InheritedMetrics(parent)
    return open(journal, given, { head: record, parent, earlierModels, metrics, isTakenUp: true })
  } catch (error) {
    await journal.close()
    throw error
  }
}

async function modelsOf(store: Store, id: string | undefined): Promise<OpenRun['earlierModels']> {
  const record = id === undefined ? undefined : await store.runs.get(id)
  return record?.models
}

/** Another may have brought it to its end since it was looked at. */
async function insistOnUnfinished(store: Store, id: string): Promise<void> {
  const { endedAt } = await recordOf(store, id)
  if (endedAt !== undefined) {
    throw new ClientError('RUN_HELD', `somebody else has taken over run '${id}'`)
  }
}

async function recordOf(store: Store, id: string): Promise<RunRecord> {
  const record = await store.runs.get(id)
  if (record) return record
  throw noRun(id)
}

function noRun(id: string): ClientError {
  return new ClientError('NO_SUCH_RUN', `there is no run '${id}'`)
}

function headOf(
  plan: Plan,
  terms: RunTerms,
  origin: {
    readonly parent: RunRecord | undefined
    readonly anew: readonly string[]
    readonly inputs: 'one' | 'list' | 'stream'
  },
): RunHead {
  const { parent, anew, inputs } = origin
  return {
    plan: plan.name,
    ...textsOf(plan),
    seed: seedOf(terms, parent),
    inputs,
    context: contextOf(plan, terms, parent),
    startedAt: terms.now,
    ...wishesOf(terms, parent),
    ...(parent && { parent: parent.id, anew }),
  }
}

function contextOf(plan: Plan, { context = {} }: RunTerms, parent?: RunRecord): Defaults {
  // A copy: a getter is asked once.
  if (!parent) return { ...context }
  insistOnTaken(plan, context, parent.context ?? {})
  return { ...parent.context, ...context }
}

/** What is as it was with the run that is done again, unless it is said anew. */
function wishesOf(
  terms: RunTerms,
  parent: RunRecord | undefined,
): Pick<RunHead, 'project' | 'models' | 'source'> {
  const project = terms.project ?? parent?.project
  const models = terms.models ?? parent?.models
  const source = terms.source ?? parent?.source
  return {
    ...(project !== undefined && { project }),
    ...(models && { models }),
    ...(source !== undefined && { source }),
  }
}

type PlanTexts = Pick<RunHead, 'planJson' | 'planHash'>

const texts = new WeakMap<Plan, PlanTexts>()

/** What a run records of its plan. Made once for each plan: it may be run many times. */
export function textsOf(plan: Plan): PlanTexts {
  let text = texts.get(plan)
  if (!text) texts.set(plan, (text = { planJson: jsonOf(plan), ...sealOf(plan) }))
  return text
}

/** The plan for people and for comparing: what JSON has no word for is told in words. */
function jsonOf(plan: Plan): unknown {
  try {
    const json: unknown = JSON.parse(JSON.stringify(planToJson(plan), inWords))
    return json
  } catch {
    return { pipeline: plan.name }
  }
}

function inWords(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value
}

/** The hash of the sealed plan; none where it holds what cannot be sealed. */
function sealOf(plan: Plan): Pick<RunHead, 'planHash'> {
  try {
    return { planHash: snapshotOf(plan).hash }
  } catch {
    return {}
  }
}

function seedOf({ seed, newSeed }: RunTerms, parent: RunRecord | undefined): number {
  return seed ?? parent?.seed ?? newSeed()
}

function open(
  journal: Journal,
  inputs: RecordedInputs,
  from: Pick<OpenRun, 'parent' | 'earlierModels' | 'metrics'> & {
    readonly head: RunHead
    readonly isTakenUp: boolean
  },
): OpenRun {
  const { head, ...rest } = from
  const anew = head.anew ?? []
  return {
    journal,
    ...rest,
    inputs,
    project: head.project ?? 'default',
    seed: head.seed ?? 0,
    models: head.models,
    context: head.context ?? {},
    isAnew: (step) => anew.length > 0 && isAmong(anew, step),
  }
}
