import type { InferShape, Shape } from '@skein/workflows'
import type { z } from 'zod'
import { isRecord, isSchema } from '../guards.ts'
import type { One, Runnable } from './fits.ts'
import { namesOf } from './fit-input.ts'
import { GraphAssembly } from './graph-assembly.ts'
import type { Pipeline, StepOptions } from './pipeline.ts'
import type { Known } from './policy.ts'
import { PlanBuilder } from './plan-builder.ts'
import type { LooseWire, Ref, Resolved, Wire } from './ref.ts'
import { fn, invalid } from './runnable.ts'
import type { Given } from './step.ts'
import { emptyPlan } from './step-node.ts'

/** Options of a step in a graph. */
export interface PartOptions<In, Out> extends Omit<
  StepOptions<In, never, Out>,
  'with' | 'as' | 'fallback'
> {
  /** Tells it from others in the graph. @default the name of what runs, numbered where it comes twice */
  readonly name?: string
  /** The answer after the last try failed. */
  readonly fallback?: StepOptions<In, In, Out>['fallback']
}

/** Adds a step to a graph, wired to what it needs; gives a reference to its answer. */
export interface GraphBuilder<Context = unknown> {
  <I, O, const P extends PartOptions<NoInfer<I>, NoInfer<O>>>(
    work: Runnable<I, O, Context>,
    wire: Wire<NoInfer<I>>,
    options?: P & Known<P>,
  ): Ref<P extends { readonly when: unknown } ? O | undefined : O>
  /** What it needs may be absent: then it is skipped. */
  <I, O>(
    work: Runnable<I, O, Context>,
    wire: LooseWire<NoInfer<I>>,
    options?: PartOptions<NoInfer<I>, NoInfer<O>>,
  ): Ref<O | undefined>
  /** Adds a step that runs only where the test of a value says yes. */
  when<T, I, O>(
    ...parts: [
      on: Ref<T>,
      test: (value: T) => boolean | Promise<boolean>,
      work: Runnable<I, O, Context>,
      wire: Wire<NoInfer<I>>,
      options?: PartOptions<NoInfer<I>, NoInfer<O>> & { readonly when?: never },
    ]
  ): Ref<O | undefined>
}

/** What enters a graph: a schema, or the shape of an object. */
type Entry = Shape | z.ZodType
type Entering<E> = E extends z.ZodType
  ? z.input<E>
  : E extends Shape
    ? z.input<z.ZodObject<E>>
    : never
type Entered<E> = E extends z.ZodType ? z.output<E> : E extends Shape ? InferShape<E> : never

/** What a graph is given. */
export interface GraphInput<E, C> {
  readonly input: E
  /** The values that runs are given for its steps: each needs some of them. @default none */
  readonly context?: C
}

/**
 * A plan that is no chain: steps are wired to each other by references, each runs once what it needs is there, and
 * those that do not need each other run side by side. What the function returns, with its references resolved, is the output.
 *
 * @throws {ClientError} `INVALID_PLAN`
 */
export function graph<const E extends Entry, W, C extends z.ZodObject = z.ZodObject>(
  name: string,
  io: GraphInput<E, C>,
  wire: (g: GraphBuilder<Given<C>>, input: Ref<Entered<E>>) => W,
): Pipeline<Entering<E>, Resolved<W>, One, Given<C>>
export function graph(name: unknown, io: unknown, wire: unknown): unknown {
  if (typeof name !== 'string' || name === '') throw invalid('graph() needs a name')
  const input = isRecord(io) ? io['input'] : undefined
  if (!isRecord(input))
    throw invalid(`graph '${name}' needs its input: { input: { a: z.string() } }`)
  const empty = isSchema(input)
    ? { ...emptyPlan(name), input, inputNames: namesOf(input) }
    : PlanBuilder.start(name, input).plan
  return new PlanBuilder(new GraphAssembly(empty).build(fn(wire, `graph '${name}'`)))
}
