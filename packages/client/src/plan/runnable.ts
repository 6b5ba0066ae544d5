import { ClientError } from '../errors.ts'
import { isFunction, isList, isRecord } from '../guards.ts'
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

function isPlan(value: unknown): value is Plan {
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
  return isList(value) ? 'a list' : `a ${typeof value}`
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

export function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 1
}

export function invalid(message: string): ClientError {
  return new ClientError('INVALID_PLAN', message)
}
