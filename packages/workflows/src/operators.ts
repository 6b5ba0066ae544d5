import { map, parallel } from './branches.ts'
import { complete } from './completion.ts'
import { ask, recordResult, type Visit, type Walk } from './run.ts'
import { sample } from './sample.ts'
import type { SearchPlan } from './station.ts'
import { textOf } from './template.ts'

/** Does what a step is for; gives its result. */
export function* perform(visit: Visit): Walk<unknown> {
  const { plan } = visit.station
  if (plan.kind === 'ask') return yield* complete(visit, plan)
  if (plan.kind === 'search') return yield* search(visit, plan)
  if (plan.kind === 'parallel') return yield* parallel(visit, plan)
  if (plan.kind === 'map') return yield* map(visit, plan)
  return sample(visit, plan)
}

function* search(visit: Visit, { query, type, language, count }: SearchPlan): Walk<unknown> {
  const text = query.render(visit.lookup)
  const { value } = yield* ask(
    { kind: 'search', step: visit.station.id, query: text, type, language, count },
    'result',
  )
  recordResult(visit, text, textOf(value ?? null))
  return value ?? null
}
