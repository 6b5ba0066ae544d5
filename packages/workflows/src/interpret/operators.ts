import { map, parallel } from './branches.ts'
import { complete } from './completion.ts'
import { recordFailure, recordResult, taken, type Visit, type Walk } from './run.ts'
import { sample } from './sample.ts'
import type { SamplePlan, SearchPlan } from '../compile/station.ts'
import { textOf } from '../template.ts'

/** Does what a step is for; comes to its result. */
export function perform(visit: Visit): Walk<unknown> {
  const { plan } = visit.station
  if (plan.kind === 'ask') return complete(visit, plan)
  if (plan.kind === 'search') return search(visit, plan)
  if (plan.kind === 'parallel') return parallel(visit, plan)
  return plan.kind === 'map' ? map(visit, plan) : draw(visit, plan)
}

// oxlint-disable-next-line require-yield -- drawing asks for nothing, and is a walk as the others are
function* draw(visit: Visit, plan: SamplePlan): Walk<unknown> {
  return sample(visit, plan)
}

function* search(visit: Visit, plan: SearchPlan): Walk<unknown> {
  const { station, lookup } = visit
  const { kind, type, language, count, timeoutMs } = plan
  const text = plan.query.render(lookup)
  const wanted = { kind, step: station.id, query: text, type, language, count }
  const answer = yield timeoutMs === undefined ? wanted : { ...wanted, timeoutMs }
  recordFailure(visit, text, answer)
  const { value } = taken(answer, 'result')
  recordResult(visit, text, textOf(value ?? null))
  return value ?? null
}
