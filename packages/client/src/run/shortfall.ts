import { ClientError, type ClientErrorCode } from '../errors.ts'
import type { PlanNode } from '../plan/plan.ts'
import { describeLineage } from './lineage.ts'
import type { Failure } from './run-result.ts'
import type { RowFailure } from './track.ts'

/** What is told of the first row that failed at a step. */
type First = Pick<Failure, 'path' | 'error'>

/** Too few rows of a step succeeded. */
export interface Shortfall {
  readonly step: string
  readonly failed: number
  readonly arrived: number
  /** So many might have failed. */
  readonly allowed: number
  readonly first: First
  /** Share of rows that must succeed. */
  readonly ratio: number
}

/** Where rows failed that were not to: counted by step, with the first failure of each. */
export class Troubles {
  readonly #steps = new Map<
    string,
    { readonly node: PlanNode | undefined; failed: number; readonly first: First }
  >()

  add(step: string, node: PlanNode | undefined, first: First): void {
    const trouble = this.#steps.get(step)
    if (trouble) trouble.failed++
    else this.#steps.set(step, { node, failed: 1, first })
  }

  /** What too many failures there were, if there were. */
  shortfall(doneOf: (step: string) => number): Shortfall | undefined {
    for (const [step, { node, failed, first }] of this.#steps) {
      const ratio = node?.kind === 'step' ? node.policy.minSuccessRatio : 1
      const arrived = failed + doneOf(step)
      // A ratio of 0.9 must allow 1 of 10 although 0.9 * 10 is a little more than 9.
      if (arrived - failed < ratio * arrived - 1e-9) {
        const allowed = Math.floor(arrived * (1 - ratio) + 1e-9)
        return { step, failed, arrived, first, allowed, ratio }
      }
    }
    return undefined
  }
}

/** Failures after which every other row would fail as well. */
const FATAL: ReadonlySet<ClientErrorCode> = new Set(['NO_NODES', 'STORE_FAILED', 'CLOSED'])

/** Whether no further row is begun after that failure. */
export function endsAll({ error, node }: RowFailure): boolean {
  if (node.kind !== 'step') return false
  const isHopeless = error.code === 'NO_SUCH_MODEL' && typeof node.models !== 'function'
  return FATAL.has(error.code) || isHopeless || node.policy.failFast
}

/** Codes that say more than that a run failed. */
const TELLING: ReadonlySet<ClientErrorCode> = new Set([
  'NO_SUCH_MODEL',
  'NO_NODES',
  'INVALID_INPUT',
  'CANCELLED',
  'CLOSED',
])

/** Why a run failed, when rows did. */
export function describeShortfall(shortfall: Shortfall): {
  readonly code: ClientErrorCode
  readonly message: string
} {
  const { step, failed, arrived, allowed, first } = shortfall
  const { message, code } = first.error
  if (arrived === 1) return { code, message: `'${step}' failed: ${message}` }
  const share = `${failed} of ${arrived} rows failed in '${step}' (at most ${allowed} may)`
  const isTelling = failed === arrived && TELLING.has(code)
  const which = `The first, of ${describeLineage(first.path)}`
  return { code: isTelling ? code : 'RUN_FAILED', message: `${share}. ${which}: ${message}` }
}

/** What a plan inside a call fails with: the first failure, where each one would have been one too many. */
export function errorOf(shortfall: Shortfall): ClientError {
  const { first, ratio, arrived } = shortfall
  if (ratio === 1 || arrived === 1) return first.error
  const { code, message } = describeShortfall(shortfall)
  const { retryable } = first.error
  return new ClientError(code, message, { cause: first.error, retryable })
}
