import type { GivenNames } from './given-names.ts'
import type { StepNode } from './plan.ts'
import { policyOf, type Policy } from './policy.ts'

/** What is said about a step, as the options that say it; what needs no saying is left out. */
export function policyToJson(
  { policy, label, work, route }: StepNode,
  names: GivenNames,
): Readonly<Record<string, unknown>> {
  const { concurrency, timeoutMs, minSuccessRatio, failFast, cache } = policy
  const isUsual = work.kind === 'workflow' && timeoutMs === USUAL_TIMEOUT_MS
  return {
    ...(concurrency !== Infinity && { concurrency }),
    ...retryToJson(policy, policyOf({}, label), names),
    ...(timeoutMs !== undefined && !isUsual && { timeout: sayable(timeoutMs) }),
    ...(minSuccessRatio < 1 && { minSuccessRatio }),
    ...(failFast && { failFast }),
    ...(route !== undefined && { route }),
    ...(cache && {
      cache: {
        scope: cache.scope,
        ...(cache.ttlMs !== undefined && { ttl: sayable(cache.ttlMs) }),
      },
    }),
  }
}

/** Longest time of a workflow at a node where nothing is said: no wait is without an end. */
export const USUAL_TIMEOUT_MS = 600_000

function retryToJson(
  policy: Policy,
  usual: Policy,
  names: GivenNames,
): Readonly<Record<string, unknown>> {
  const { attempts, delayMs, factor, maxDelayMs, jitter, filter } = policy
  if (attempts === 1) return {}
  const retry = {
    attempts,
    ...(delayMs !== usual.delayMs && { delay: sayable(delayMs) }),
    ...(factor !== usual.factor && { factor: sayable(factor) }),
    ...(maxDelayMs !== usual.maxDelayMs && { cap: sayable(maxDelayMs) }),
    ...(jitter !== usual.jitter && { jitter }),
    ...(filter !== usual.filter && { filter: names.function(filter) }),
  }
  return { retry }
}

/** JSON has no word for what never ends: some 285,000 years come to the same. */
function sayable(amount: number): number {
  return Math.min(amount, Number.MAX_SAFE_INTEGER)
}
