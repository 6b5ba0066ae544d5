import type { AnyRunnable, IsFit, NeedsOfAll, One, Runnable } from './fits.ts'
import { inputOf, namesOf } from './fit-input.ts'
import type { Pipeline } from './pipeline.ts'
import { PlanBuilder } from './plan-builder.ts'
import { invalid, workOf } from './runnable.ts'
import { emptyPlan } from './step-node.ts'

/** Each step fits what the one before it gives; those after the first misfit are not looked at. */
type Linked<S extends readonly unknown[]> = S extends readonly [infer A, infer B, ...infer Rest]
  ? A extends Runnable<never, infer Out, never>
    ? B extends Runnable<infer In, unknown, never>
      ? IsFit<Out, In> extends true
        ? readonly [A, ...Linked<readonly [B, ...Rest]>]
        : readonly [A, Misfit<Out, In>, ...Rest]
      : never
    : never
  : S

interface Misfit<Out, In> {
  readonly error: 'the step does not take what the one before it gives'
  readonly gives: Out
  readonly takes: In
}

type Links = readonly [AnyRunnable, ...AnyRunnable[]]
type First<S> = S extends readonly [Runnable<infer In, unknown, never>, ...unknown[]] ? In : never
type Last<S> = S extends readonly [...unknown[], Runnable<never, infer Out, never>] ? Out : never

/**
 * A pipeline of steps, each on what the one before it gave; a value fits a step with one input, as in a pipeline.
 *
 * @throws {ClientError} `INVALID_PLAN`
 */
export function chain<const S extends Links>(
  name: string,
  ...steps: S & Linked<S>
): Pipeline<First<S>, Last<S>, One, NeedsOfAll<Record<string, S[number]>>>
export function chain(name: unknown, ...steps: readonly unknown[]): unknown {
  if (typeof name !== 'string' || name === '') throw invalid('chain() needs a name')
  if (steps.length === 0) throw invalid(`chain '${name}' needs at least one step`)
  const input = inputOf(workOf(steps[0], `chain '${name}'`))
  const plan = {
    ...emptyPlan(name),
    input,
    inputNames: input && namesOf(input),
    keepsInput: true,
  } as const
  let builder = new PlanBuilder(plan)
  for (const step of steps) builder = builder.step(step)
  return builder
}
