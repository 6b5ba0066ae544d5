import { ClientError } from '../errors.ts'
import { isFunction, isList, isRecord, isThenable } from '../guards.ts'
import type { AnyStep, AnyWorkflow, Plan, Work } from './plan.ts'

/** What a runnable is inside. */
export type AnyWork = Work | { readonly kind: 'plan'; readonly plan: Plan }

/**
 * Tells workflows, local steps and pipelines apart; by what they have, not by their class, so that a program
 * may bring its own copy of a package.
 *
 * @throws {ClientError} `INVALID_PLAN` naming where the wrong value stands
 */
export function workOf(value: unknown, where: string): AnyWork {
  if (isRecord(value)) {
    if (isPlan(value['plan'])) return { kind: 'plan', plan: value['plan'] }
    if (isWorkflow(value)) return { kind: 'workflow', workflow: value }
    if (isStep(value)) return { kind: 'local', step: value }
    if (isFunction(value['build'])) {
      throw invalid(`${where} got a builder: call its .build() first`)
    }
  }
  const hint = isFunction(value) ? '; use map() for a plain function' : ''
  throw invalid(`${where} needs a workflow, a step or a pipeline, not ${describe(value)}${hint}`)
}

export function isPlan(value: unknown): value is Plan {
  return isRecord(value) && isList(value['nodes']) && typeof value['name'] === 'string'
}

function isWorkflow(value: object): value is AnyWorkflow {
  return isRecord(value) && isRecord(value['document']) && typeof value['id'] === 'string'
}

function isStep(value: object): value is AnyStep {
  return isRecord(value) && value['kind'] === 'step' && isFunction(value['run'])
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (isList(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

/** Name of what is run. */
export function nameOf(work: AnyWork): string {
  if (work.kind === 'plan') return work.plan.name
  return work.kind === 'workflow' ? work.workflow.name : work.step.name
}

/** A function that a plan was given. Throws `INVALID_PLAN` where it is none. */
export function fn(value: unknown, where: string): (...args: unknown[]) => unknown {
  if (isFunction(value)) return value
  throw invalid(`${where} needs a function`)
}

/** Throws where a verb is given more than it takes: policies such as retries are said of a step. */
export function nothingElse(others: readonly unknown[], verb: string): void {
  const [other] = others
  if (other === undefined) return
  const hint = isRecord(other)
    ? '; policies such as retries are said of a step: step(…, { … })'
    : ''
  throw invalid(`${verb} takes no more than that, not ${describe(other)}${hint}`)
}

/** Throws where a function that decides at once is async: what it promises would count as a yes. */
export function decided(value: unknown, verb: string): unknown {
  if (!isThenable(value)) return value
  value.then(undefined, () => {})
  throw new ClientError(
    'STEP_FAILED',
    `${verb} decides at once, its function cannot be async: let a step or map() before it find out`,
    { retryable: false },
  )
}

export function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 1
}

export function invalid(message: string): ClientError {
  return new ClientError('INVALID_PLAN', message)
}
