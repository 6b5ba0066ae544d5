import { keyOfInput } from '../compile/compile-keys.ts'
import { fulfilled } from './condition.ts'
import { END, type Condition } from '../document/document.ts'
import { blame, WorkflowError } from '../errors.ts'
import type { Absence } from './memory.ts'
import { perform } from './operators.ts'
import { giveBack } from './returns.ts'
import { PAUSE, type Run, type Visit, type Walk } from './run.ts'
import type { BodyPlan, Place, Station } from '../compile/station.ts'
import type { Lookup } from '../template.ts'

/** Steps may handle large texts and ask nobody: so many of them take some milliseconds, a second at worst. */
const STEPS_PER_PAUSE = 16

/**
 * Walks steps from the first to the end: runs each, stores its result, takes the first edge that can be taken.
 *
 * @throws {WorkflowError}
 */
export function* walkBody(run: Run, body: BodyPlan): Walk<unknown> {
  let place: Place = body.start
  let idle = 0
  while (place !== END) {
    const before = run.tally.steps.length
    place = yield* visit(run, place)
    idle = run.tally.steps.length === before ? idle + 1 : 0
    if (idle === 0 && run.tally.steps.length % STEPS_PER_PAUSE === 0) yield PAUSE
    // Steps that are skipped, or fail before they run, cost nothing: a circle of them would never end.
    if (idle > body.stations.length) throw tooManySteps(run)
  }
  return giveBack(body.returns, readReturns(run, body))
}

function* visit(run: Run, station: Station): Walk<Place> {
  try {
    const { when } = station
    let gap = missingPart(run, station)
    if (gap === undefined && when !== undefined) gap = yield* unmet(run, when, station.id)
    if (gap === undefined) yield* runStation(run, station)
    else skip(run, station, gap)
    return onlyWay(station) ?? (yield* wayOn(run, station))
  } catch (error) {
    if (!(error instanceof WorkflowError) || FINAL.has(error.code)) throw error
    if (station.fallback !== undefined) return station.fallback
    throw blame(error, `step '${station.id}'`, station.id)
  }
}

/** What no fallback mends: the walk itself is at its end. */
const FINAL: ReadonlySet<WorkflowError['code']> = new Set(['TOO_MANY_STEPS', 'BAD_CHECKPOINT'])

function* runStation(run: Run, station: Station): Walk<void> {
  const { tally, program } = run
  if (tally.steps.length >= program.maxSteps) throw tooManySteps(run)
  tally.steps.push(station.id)
  try {
    const current = { run, station, lookup: lookupOf(run, station) }
    const work = station.retries === 0 ? perform(current) : persistently(current)
    store(run, station, yield* work)
  } catch (error) {
    const leaves = station.optional && station.fallback === undefined
    if (!leaves || !(error instanceof WorkflowError) || FINAL.has(error.code)) throw error
    skip(run, station, { origin: station.id, reason: error.message })
  }
}

function tooManySteps({ program: { name, maxSteps } }: Run): WorkflowError {
  return new WorkflowError(
    'TOO_MANY_STEPS',
    `the workflow '${name}' did not come to its end in ${maxSteps} steps; if that is meant, raise limits.maxSteps (config.max_steps in Dria's JSON)`,
  )
}

/** Tries again what failed and may succeed, as often as the step says. */
function* persistently(current: Visit): Walk<unknown> {
  for (let failed = 0; ; failed += 1) {
    try {
      return yield* perform(current)
    } catch (error) {
      const again = error instanceof WorkflowError && error.retryable
      if (!again || failed >= current.station.retries) throw error
    }
  }
}

/** Puts the result of a step where memory keeps it. */
export function store(run: Run, { plan, outputs }: Station, result: unknown): void {
  if (plan.kind === 'parallel' && plan.spread && typeof result === 'object' && result !== null) {
    for (const [name, value] of Object.entries(result)) run.memory.write(name, value)
  }
  run.memory.put(outputs, result)
}

/** The gap that an optional step left in what this one needs. */
function missingPart({ memory }: Run, { required }: Station): Absence | undefined {
  for (const name of required) {
    const gap = memory.absence(name)
    if (gap !== undefined) return gap
  }
  return undefined
}

/** Why a step does not run that has a condition of its own. */
function* unmet(run: Run, when: Condition, origin: string): Walk<Absence | undefined> {
  if (yield* fulfilled(run, when)) return undefined
  const key = keyOfInput(when.input)
  const gap = key === undefined ? undefined : run.memory.absence(key)
  return gap ?? { origin, reason: 'its condition does not hold' }
}

function skip(run: Run, station: Station, gap: Absence): void {
  run.tally.skipped.push({ step: station.id, ...gap })
  for (const { key } of station.outputs) if (key !== undefined) run.memory.leave(key, gap)
  if (station.plan.kind !== 'parallel' || !station.plan.spread) return
  for (const { name } of station.plan.branches) run.memory.leave(name, gap)
}

/** The way of a step that has no choice. */
function onlyWay({ ways: [first] }: Station): Place | undefined {
  return first !== undefined && first.condition === undefined ? first.to : undefined
}

function* wayOn(run: Run, station: Station): Walk<Place> {
  for (const { condition, to, otherwise } of station.ways) {
    if (condition === undefined || (yield* fulfilled(run, condition))) return to
    if (otherwise !== undefined) return otherwise
  }
  throw new WorkflowError(
    'NO_WAY_ON',
    'the condition of none of its edges holds; add an edge without one',
  )
}

/**
 * What the names of a step stand for. Its inputs are taken once a visit, as `pop` changes what it takes from.
 *
 * @throws {WorkflowError} `MISSING_VALUE`
 */
export function lookupOf({ memory }: Run, { inputs }: Station): Lookup {
  if (inputs.length === 0) return (name) => memory.read(name)
  const values = new Map<string, unknown>()
  for (const [name, input] of inputs) {
    const value = memory.take(input)
    if (value === undefined && (typeof input === 'string' || input.required !== false)) {
      throw new WorkflowError('MISSING_VALUE', `its input '${name}' has no value`)
    }
    values.set(name, value ?? '')
  }
  return (name) => (values.has(name) ? values.get(name) : memory.read(name))
}

/** @throws {WorkflowError} `MISSING_VALUE` for what should be there */
export function readReturns({ memory }: Run, { returns }: BodyPlan): readonly unknown[] {
  return returns.values.map(({ name, input }) => {
    const value = memory.take(input)
    if (value !== undefined || memory.absence(name) !== undefined) return value
    if (typeof input === 'object' && input.required === false) return undefined
    throw new WorkflowError('MISSING_VALUE', `the return value '${name}' was never written`)
  })
}
