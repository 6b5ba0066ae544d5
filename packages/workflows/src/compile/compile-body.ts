import { keyOfInput, listed, refuseUnknownKey, type Names } from './compile-keys.ts'
import { compileStep, type Scope } from './compile-step.ts'
import { END, type Body, type Edge } from '../document/document.ts'
import { blame, WorkflowError } from '../errors.ts'
import { planReturns, type ReturnPlan } from '../interpret/returns.ts'
import type { BodyPlan, Place, Station, Way } from './station.ts'

/**
 * Compiles steps and their edges.
 *
 * @throws {WorkflowError} naming the culprit
 */
export function compileBody(body: Body, scope: Omit<Scope, 'compileBody'>): BodyPlan {
  const inner: Scope = { ...scope, compileBody }
  const stations = new Map<string, Station>()
  for (const step of body.steps) {
    if (step.id === END) throw invalid(`step '${step.id}': this id is that of the end`, step.id)
    if (stations.has(step.id))
      throw invalid(`step '${step.id}': another step has the same id`, step.id)
    stations.set(step.id, compileStep(step, inner))
  }
  connect(body, stations, scope.keys)
  const returns = planReturns(body.returns)
  refuseUnknownReturns(returns, scope.keys)
  return { start: startOf(body, stations), stations: [...stations.values()], returns }
}

function startOf({ start }: Body, stations: ReadonlyMap<string, Station>): Station {
  const [first] = stations.values()
  const found = start === undefined ? first : stations.get(start)
  if (found !== undefined) return found
  throw invalid(`the workflow starts at '${start}', but there is no such step`)
}

function connect({ edges = [] }: Body, stations: ReadonlyMap<string, Station>, keys: Names): void {
  for (const edge of edges) connectEdge(edge, stations, keys)
  const order = [...stations.values()]
  for (const [index, station] of order.entries()) {
    if (station.ways.length > 0) continue
    station.ways.push({ condition: undefined, to: order[index + 1] ?? END, otherwise: undefined })
  }
}

function connectEdge(edge: Edge, stations: ReadonlyMap<string, Station>, keys: Names): void {
  const station = stations.get(edge.from)
  if (station === undefined) {
    throw invalid(
      `an edge begins at '${edge.from}', but there is no such step; there are ${listed(stations.keys())}`,
    )
  }
  try {
    station.ways.push(compileWay(edge, stations))
    if (edge.if !== undefined) refuseUnknownKey(edge.if.input, keys)
    if (edge.fallback !== undefined) station.fallback ??= place(edge.fallback, stations)
  } catch (error) {
    throw blame(error, `the edge from '${edge.from}' to '${edge.to}'`)
  }
}

function compileWay(edge: Edge, stations: ReadonlyMap<string, Station>): Way {
  if (edge.else !== undefined && edge.if === undefined)
    throw invalid(`it has an 'else' but no 'if'`)
  return {
    condition: edge.if,
    to: place(edge.to, stations),
    otherwise: edge.else === undefined ? undefined : place(edge.else, stations),
  }
}

function place(id: string, stations: ReadonlyMap<string, Station>): Place {
  if (id === END) return END
  const station = stations.get(id)
  if (station !== undefined) return station
  throw invalid(`there is no step '${id}'; there are ${listed([...stations.keys(), END])}`)
}

function refuseUnknownReturns({ values }: ReturnPlan, keys: Names): void {
  if (values.length === 0) throw invalid('the workflow returns nothing: name a key to return')
  for (const { input } of values) {
    if (keyOfInput(input) === '') continue
    try {
      refuseUnknownKey(input, keys)
    } catch (error) {
      throw blame(error, 'the return value')
    }
  }
}

function invalid(message: string, step?: string): WorkflowError {
  return new WorkflowError('INVALID_DOCUMENT', message, step === undefined ? {} : { step })
}
