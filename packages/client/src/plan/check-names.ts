import { stepsOf, type Plan } from './plan.ts'
import { canAsk } from './step.ts'

/** What is wrong with the name of a step. */
interface NameRemark {
  /** The step, with the plans around it. */
  readonly step: string
  readonly message: string
}

/**
 * Steps whose answers could not be told apart: recorded by the name with the plans around it, two may come to the same
 * where names hold what stands between names.
 */
export function ambiguousNames(plan: Plan): NameRemark[] {
  const steps = stepsOf(plan)
  const known = new Set<string>()
  const askers = new Set<string>()
  const twice = steps.flatMap(({ name, node: { work } }) => {
    const isKnown = known.has(name)
    known.add(name)
    if (work.kind === 'local' && canAsk(work.step)) askers.add(name)
    const message = 'another is called that, with the plans around it: rename one'
    return isKnown ? [{ step: name, message }] : []
  })
  const asked = steps.flatMap(({ name }) => {
    const asker = wholesOf(name).find((whole) => askers.has(whole))
    if (asker === undefined) return []
    return [{ step: name, message: `what '${asker}' asks may be called that: rename one` }]
  })
  return [...twice, ...asked]
}

/** What stands before each `>`, behind which keys tell what a step asks. */
function wholesOf(name: string): string[] {
  return [...name.matchAll(/>/g)].map(({ index }) => name.slice(0, index))
}
