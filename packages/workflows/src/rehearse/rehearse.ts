import { programOf } from '../compile/program.ts'
import type { AskPlan, BodyPlan, Place, Program, Station } from '../compile/station.ts'
import { END, type Step, type WorkflowDocument } from '../document/document.ts'
import { WorkflowError } from '../errors.ts'
import { Memory } from '../interpret/memory.ts'
import { perform } from '../interpret/operators.ts'
import { giveBack } from '../interpret/returns.ts'
import type { Run, Visit } from '../interpret/run.ts'
import { lookupOf, readReturns, store, walkBody } from '../interpret/walk.ts'
import type { CompletionNeed, JsonSchema, Message } from '../needs.ts'
import { exampleOf } from './example-value.ts'

/** A visit to a step, as it would be asked. */
export interface RehearsedStep {
  readonly step: string
  readonly operator: Step['operator']
  /** The branch it stands in, with those around it: `debate/pro`. Absent: the workflow itself. */
  readonly inside?: string
  /** The step that led to it; absent for the first. */
  readonly after?: string
  readonly messages?: readonly Message[]
  /** Of a search. */
  readonly query?: string
  readonly schema?: JsonSchema
  /** Names of the tools that the model may call. */
  readonly tools?: readonly string[]
  /** Why it cannot be asked on this way. */
  readonly problem?: string
}

/** What a workflow would ask. */
export interface Rehearsal {
  /** Every step that can be reached, in the order of the ways; again where it would ask something else. */
  readonly steps: readonly RehearsedStep[]
  /** An output as it may look, by the first way to the end. */
  readonly output: unknown
  /** Whether every way was walked: not where there are too many. */
  readonly complete: boolean
}

/** Different questions of one step that are shown: a circle asks another in each round. */
const MOST_VARIANTS = 4
/** Visits to all steps. */
const MOST_VISITS = 20_000
/** Characters of all questions. */
const MOST_CHARS = 16 * 1024 * 1024
/** Forks on one way, each with a memory of its own that reads through to the one before. */
const MOST_FORKS = 500

/**
 * Walks every branch of a workflow with values made from its schemas, and renders every prompt; no model is called.
 *
 * @param input what is known of the input; the rest is made up
 * @throws {WorkflowError} where the document does not compile
 */
export function rehearse(
  document: WorkflowDocument,
  input: Readonly<Record<string, unknown>> = {},
): Rehearsal {
  const program = programOf(document)
  const made = Object.entries(document.input).flatMap(([key, schema]) =>
    Object.hasOwn(document.memory ?? {}, key) ? [] : [[key, exampleOf(schema, key)] as const],
  )
  const memory = new Memory({ ...Object.fromEntries(made), ...input }, program.memory)
  const stage = new Stage(program)
  const output = stage.play(program.body, { memory, inside: undefined })
  return { steps: stage.steps, output, complete: stage.isComplete }
}

/** What is known where a body begins. */
interface Scene {
  readonly memory: Memory
  readonly inside: string | undefined
}

/** A step that is to be visited. */
interface Entry {
  readonly station: Station
  readonly memory: Memory
  /** Forks before it. */
  readonly forks: number
  readonly after: string | undefined
}

class Stage {
  readonly steps: RehearsedStep[] = []
  isComplete = true
  readonly #program: Program
  readonly #seen = new Map<Station, Set<string>>()
  #visits = 0
  #chars = 0

  constructor(program: Program) {
    this.#program = program
  }

  /** Walks each edge of a body once; gives what it returns by the first way to the end. */
  play(body: BodyPlan, { memory, inside }: Scene): unknown {
    const open: Entry[] = [{ station: body.start, memory, forks: 0, after: undefined }]
    const followed = new Map<Station, Set<Place>>()
    let output: { readonly value: unknown } | undefined
    for (const before of open) {
      if (!this.#mayGoOn()) break
      const { station } = before
      // What a step that failed wrote is not there on the way to its fallback.
      const entry = station.fallback === undefined ? before : this.#forked(before)
      this.#visit(entry, inside)
      const known = followed.get(station) ?? new Set()
      followed.set(station, known)
      const ways = newWays(station, known)
      if (ways.includes(END)) output ??= { value: returned(this.#runOn(entry.memory), body) }
      open.push(...this.#onward(entry, ways), ...onFailure(before, known))
    }
    return output?.value
  }

  /** The steps that come next. Where there are several, each goes on with a memory of its own. */
  #onward(entry: Entry, ways: readonly Place[]): readonly Entry[] {
    const stations = ways.filter((to) => to !== END)
    return stations.map((station) => {
      const { memory, forks } = ways.length > 1 ? this.#forked(entry) : entry
      return { station, memory, forks, after: entry.station.id }
    })
  }

  #mayGoOn(): boolean {
    this.#visits += 1
    if (this.#visits <= MOST_VISITS && this.#chars <= MOST_CHARS) return true
    this.isComplete = false
    return false
  }

  #forked(entry: Entry): Entry {
    const { memory, forks } = entry
    if (forks < MOST_FORKS) return { ...entry, memory: memory.branch({}), forks: forks + 1 }
    this.isComplete = false
    return entry
  }

  #visit({ station, memory, after }: Entry, inside: string | undefined): void {
    const run = this.#runOn(memory)
    const place = {
      step: station.id,
      operator: operatorOf(station),
      ...(inside === undefined ? {} : { inside }),
      ...(after === undefined ? {} : { after }),
    }
    try {
      const visit = { run, station, lookup: lookupOf(run, station) }
      const { question, result } = this.#ask(visit, inside)
      this.#show(station, { ...place, ...question })
      store(run, station, result)
    } catch (error) {
      if (!(error instanceof WorkflowError)) throw error
      this.#show(station, { ...place, problem: error.message })
      store(run, station, exampleResult(station))
    }
  }

  #runOn(memory: Memory): Run {
    return {
      program: this.#program,
      memory,
      tally: { steps: [], trace: undefined, cut: new Set(), skipped: [], input: 0, output: 0 },
      dice: { seed: 1, drawSeed: () => 1, questions: 0, draws: 0, branches: 0 },
      left: [],
      walk: walkBody,
    }
  }

  #show(station: Station, step: RehearsedStep): void {
    const { after: _, ...question } = step
    const text = JSON.stringify(question)
    const seen = this.#seen.get(station) ?? new Set()
    if (seen.has(text)) return
    if (seen.size >= MOST_VARIANTS) return
    this.#seen.set(station, seen.add(text))
    this.#chars += text.length
    this.steps.push(step)
  }

  /** What a step would ask, and a result as it may look. */
  #ask(visit: Visit, inside: string | undefined): Asked {
    const { plan, id } = visit.station
    const around = inside === undefined ? id : `${inside}/${id}`
    if (plan.kind === 'parallel') {
      const values = plan.branches.map(({ name, body }) => {
        const memory = visit.run.memory.branch({})
        return [name, this.play(body, { memory, inside: `${around}/${name}` })] as const
      })
      return { question: {}, result: Object.fromEntries(values) }
    }
    if (plan.kind !== 'map') return asked(visit)
    const items =
      typeof plan.over === 'string' ? visit.lookup(plan.over) : visit.run.memory.take(plan.over)
    const list: readonly unknown[] = Array.isArray(items) ? items : [`‹${plan.item}›`]
    if (list.length === 0) return { question: { problem: 'the list is empty here' }, result: [] }
    const more = { [plan.item]: list[0], ...(plan.index === undefined ? {} : { [plan.index]: 0 }) }
    const memory = visit.run.memory.branch(more)
    return { question: {}, result: [this.play(plan.body, { memory, inside: around })] }
  }
}

interface Asked {
  readonly question: Partial<RehearsedStep>
  readonly result: unknown
}

/** The first thing that a step asks for; drawing asks for nothing. */
function asked(visit: Visit): Asked {
  const first = perform(visit).next()
  if (first.done === true) return { question: {}, result: first.value }
  const need = first.value
  const result = exampleResult(visit.station)
  if (need.kind === 'completion') return { question: questionOf(need), result }
  return { question: need.kind === 'search' ? { query: need.query } : {}, result }
}

function questionOf({
  messages,
  schema,
  tools = [],
  nodeTools = [],
}: CompletionNeed): Partial<RehearsedStep> {
  const names = [...tools.map(({ name }) => name), ...nodeTools]
  return {
    messages,
    ...(schema === undefined ? {} : { schema }),
    ...(names.length === 0 ? {} : { tools: names }),
  }
}

/** A result as it may look. */
function exampleResult({ id, plan }: Station): unknown {
  if (plan.kind === 'search') {
    return [{ title: `‹${id} title›`, link: 'https://example.com/', snippet: `‹${id} snippet›` }]
  }
  return plan.kind === 'ask' ? exampleAnswer(id, plan) : `‹${id}›`
}

function exampleAnswer(id: string, { mode, reader, tools }: AskPlan): unknown {
  if (mode !== 'calls')
    return reader.schema === undefined ? `‹${id}›` : exampleOf(reader.schema, id)
  return Array.from(tools.values(), ({ spec: { name, parameters } }) => ({
    name,
    arguments: exampleOf(parameters, name),
  })).slice(0, 1)
}

function operatorOf({ plan }: Station): Step['operator'] {
  if (plan.kind !== 'ask') return plan.kind
  const operators = {
    text: 'generation',
    tools: 'function_calling',
    calls: 'function_calling_raw',
  } as const
  return operators[plan.mode]
}

/** Where a step may lead when it succeeds, as far as that is new. */
function newWays({ ways }: Station, known: Set<Place>): readonly Place[] {
  const places: Place[] = []
  for (const { condition, to, otherwise } of ways) {
    for (const place of otherwise === undefined ? [to] : [to, otherwise]) {
      if (known.has(place)) continue
      known.add(place)
      places.push(place)
    }
    if (condition === undefined || otherwise !== undefined) break
  }
  return places
}

/** The step that comes next when this one fails, with memory as it was before. */
function onFailure({ station, memory, forks }: Entry, known: Set<Place>): readonly Entry[] {
  const { id, fallback } = station
  if (fallback === undefined || fallback === END || known.has(fallback)) return []
  known.add(fallback)
  return [{ station: fallback, memory, forks, after: id }]
}

function returned(run: Run, body: BodyPlan): unknown {
  try {
    return giveBack(body.returns, readReturns(run, body))
  } catch (error) {
    if (error instanceof WorkflowError) return undefined
    throw error
  }
}
