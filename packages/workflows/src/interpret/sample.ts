import { WorkflowError } from '../errors.ts'
import { mix, recordResult, type Run, type Visit } from './run.ts'
import type { SamplePlan } from '../compile/station.ts'
import { textOf } from '../template.ts'
import { keyed } from './walk-inputs.ts'

/**
 * Draws one item from each list of a step.
 *
 * @throws {WorkflowError} `STEP_FAILED` where there is nothing to draw from
 */
export function sample(visit: Visit, { sources, prompt }: SamplePlan): unknown {
  const drawn = new Map<string, unknown>()
  for (const { name, input, named } of sources) {
    const value = keyed(visit, input)
    const list = named && !Array.isArray(value) ? listNamed(visit, textOf(value)) : value
    drawn.set(name, draw(visit.run, list, name))
  }
  const result =
    prompt === undefined
      ? unwrap(drawn)
      : prompt.render((name) => (drawn.has(name) ? drawn.get(name) : visit.lookup(name)))
  recordResult(visit, '', textOf(result))
  return result
}

/** The list of a key of memory, also where an input of the step has the same name. */
function listNamed(visit: Visit, key: string): unknown {
  return keyed(visit, { type: 'read', key })
}

function unwrap(drawn: ReadonlyMap<string, unknown>): unknown {
  const [only] = drawn.values()
  return drawn.size === 1 ? only : Object.fromEntries(drawn)
}

function draw({ dice }: Run, list: unknown, name: string): unknown {
  if (!Array.isArray(list) || list.length === 0) {
    throw new WorkflowError('STEP_FAILED', `there is nothing to draw '${name}' from`)
  }
  dice.draws += 1
  const item: unknown = list[mix(dice.drawSeed(), dice.draws) % list.length]
  return item
}
