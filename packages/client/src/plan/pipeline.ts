import type { InferShape, Shape } from '@skein/workflows'
import type { z } from 'zod'
import type { ClientError } from '../errors.ts'
import type {
  AnyRunnable,
  Cardinality,
  Combines,
  Distinct,
  ElementOf,
  Fits,
  InputOf,
  Lifted,
  ListColumn,
  Many,
  Merge,
  NeedsOfAll,
  One,
  OutputOf,
  PlanOutput,
  Runnable,
  WithColumn,
} from './fits.ts'
import type { PlanReport } from './check-plan.ts'
import type { Plan } from './plan.ts'
import type { Snapshot } from './snapshot.ts'
import { PlanBuilder } from './plan-builder.ts'
import type { Known, PolicyOptions } from './policy.ts'
import type { TaskResult } from '../run/task-result.ts'

/** Options of a step. */
export interface StepOptions<Row, In = never, Out = unknown> extends PolicyOptions {
  /**
   * Models that may answer, or groups of the client's, best first; or a function that chooses them for the row. `'all'`:
   * one row for each model that there is. @default those of the run, else any
   */
  readonly models?: 'all' | readonly string[] | ((row: Row) => readonly string[])
  /** Makes the step's input of the row. */
  readonly with?: (row: Row) => In
  /** Where it says no, the step is skipped: what it would have given is absent. */
  readonly when?: (row: Row) => boolean | Promise<boolean>
  /** The answer becomes a column of this name; without it the answer becomes the row. */
  readonly as?: string
  /** The answer after the last try failed. */
  readonly fallback?: (error: ClientError, input: In) => Out | Promise<Out>
  /** Name of the client's route that takes the answers. @default the id of the answer's schema, where there is such a route */
  readonly route?: string
}

/** The same for a row that does not fit by itself. */
interface MappedStepOptions<Row, In, Out> extends StepOptions<Row, In, Out> {
  readonly with: (row: Row) => In
}

type AfterStep<Row, Out, Options> = Options extends { readonly as: infer K extends string }
  ? WithAnswer<Row, K, Given<Out, Options>>
  : Given<Out, Options>

/** The same for a row that is the step's input, or may be absent. */
type AfterFit<Row, In, Out, Options> = Options extends { readonly as: string }
  ? AfterStep<Row, Lifted<Exclude<Row, undefined>, In, Out>, Options>
  : AfterStep<Row, Lifted<Row, In, Out>, Options>

/** What is absent as a whole gains no column: it stays so. */
type WithAnswer<Row, K extends string, V> = unknown extends Row
  ? WithColumn<Row, K, V>
  : undefined extends Row
    ? WithColumn<Exclude<Row, undefined>, K, V> | undefined
    : WithColumn<Row, K, V>

/** What is skipped gives nothing. */
type Given<Out, Options> = Options extends { readonly when: unknown } ? Out | undefined : Out

type ForAll<C extends Cardinality, Options> = Options extends { readonly models: 'all' } ? Many : C

/** What runs beside others: a step, or steps that a function adds to the rows that enter it. */
type Branch<Row> = AnyRunnable | ((rows: Pipeline<Row, Row, One>) => AnyRunnable)
/** What branches need, those that functions build included. */
type BranchNeeds<B> = NeedsOfAll<{
  readonly [K in keyof B]: B[K] extends (rows: never) => infer R ? R : B[K]
}>
type Cases<Row, B> = { [K in keyof B]: Fits<Row, InputOf<B[K]>> }
type Branches<Row, B> = {
  [K in keyof B]: [InputOf<B[K]>] extends [never] ? unknown : Fits<Row, InputOf<B[K]>>
}
type Columns<Row, B> = { [K in keyof B]: BranchOutput<Row, B[K]> }
type BranchOutput<Row, T> = T extends (rows: never) => infer R
  ? OutputOf<R>
  : Lifted<Row, InputOf<T>, OutputOf<T>>
/** Of any of the cases. */
type Chosen<Row, B> = { [K in keyof B]: Lifted<Row, InputOf<B[K]>, OutputOf<B[K]>> }[keyof B]
/** Where failures are collected, any column may be absent. */
type Collected<T, Options> = Options extends { readonly onError: 'collect' } ? Partial<T> : T

/** Options of `parallel`; those of a step are said of each of its branches, where all of them are steps. */
export interface ParallelOptions extends PolicyOptions {
  /** A branch that fails stops the others, or it leaves its column absent and is listed. @default 'fail' */
  readonly onError?: 'fail' | 'collect'
}

/** The same where branches make one object. */
export interface CombineOptions<S> extends ParallelOptions {
  /** What the answers of all branches together are, by name. */
  readonly combined: S
  /** Column of that object; without it it becomes the row. */
  readonly as?: string
  /** The answer of each branch becomes a column as well. @default false */
  readonly each?: boolean
}

type AfterCombine<Row, C, Whole, Options> = Options extends { readonly as: infer K extends string }
  ? WithColumn<Options extends { readonly each: true } ? Merge<Row, C> : Row, K, Whole>
  : Whole

/**
 * A typed plan of steps over rows. Immutable: each verb returns a new plan. `Row` is what flows, `C` whether
 * one row does or many. A plan is a step itself: it can stand in another plan.
 */
export interface Pipeline<
  in In,
  in out Row,
  C extends Cardinality = Cardinality,
  in Needs = unknown,
> extends Runnable<In, PlanOutput<Row, C>, Needs> {
  readonly plan: Plan
  /** Runs a workflow, a local step or a pipeline on every row. */
  step<I, O, X, const S extends MappedStepOptions<Row, NoInfer<I>, NoInfer<O>>>(
    work: Runnable<I, O, X>,
    options: S & Known<S>,
  ): Pipeline<In, AfterStep<Row, O, S>, ForAll<C, S>, Needs & X>
  step<I, O, X, const S extends StepOptions<Row, NoInfer<I>, NoInfer<O>>>(
    work: Runnable<I, O, X> & Fits<Row, I>,
    options?: S & Known<S> & { readonly with?: never },
  ): Pipeline<In, AfterFit<Row, I, O, S>, ForAll<C, S>, Needs & X>
  /** Changes every row. `index` is its place among the rows that it was scattered with. */
  map<T>(change: (row: Row, index: number) => T | Promise<T>): Pipeline<In, T, C, Needs>
  /** Looks at every row; a row at which it throws fails. */
  tap(look: (row: Row, index: number) => unknown): Pipeline<In, Row, C, Needs>
  /** Drops the rows that do not pass. */
  filter<T extends Row>(test: (row: Row) => row is T): Pipeline<In, T, Many, Needs>
  filter(test: (row: Row) => boolean | Promise<boolean>): Pipeline<In, Row, Many, Needs>
  /** 1 to N: every element of the row, or of one of its columns, becomes a row. */
  scatter<T>(
    this: Pipeline<In, readonly T[], C, Needs> | Pipeline<In, T[], C, Needs>,
  ): Pipeline<In, T, Many, Needs>
  scatter<const K extends ListColumn<Row> & string>(
    column: K,
  ): Pipeline<In, WithColumn<Row, K, ElementOf<Row[K]>>, Many, Needs>
  /** 1 to N: copies of the row; with values, one copy for each, which gains it as a column. */
  broadcast(copies: number): Pipeline<In, Row, Many, Needs>
  broadcast<const V, const K extends string>(
    values: readonly V[],
    options: { readonly as: K },
  ): Pipeline<In, WithColumn<Row, K, V>, Many, Needs>
  /**
   * N to 1: all rows that one input became, as one row, in order; or a row for each group. With `callback` the
   * only verb that waits.
   */
  aggregate(this: Pipeline<In, Row, Many, Needs>): Pipeline<In, Row[], One, Needs>
  aggregate(
    this: Pipeline<In, Row, Many, Needs>,
    options:
      | { readonly by: keyof Row | ((row: Row) => string | number); readonly size?: never }
      | { readonly size: number; readonly by?: never },
  ): Pipeline<In, Row[], Many, Needs>
  /** Rows in groups of that size, in order; the last may be smaller. */
  batch(this: Pipeline<In, Row, Many, Needs>, size: number): Pipeline<In, Row[], Many, Needs>
  /** Sees all results that one input led to, with their origin. Returns one row, or a list that becomes rows. */
  callback<T>(
    make: (results: readonly TaskResult<Row>[]) => T | Promise<T>,
  ): Pipeline<
    In,
    T extends readonly (infer E)[] ? E : T,
    T extends readonly unknown[] ? Many : One,
    Needs
  >
  /** Runs branches side by side on the same row; their answers become columns, one object, or both. */
  parallel<const B extends Readonly<Record<string, Branch<Row>>>, const O extends ParallelOptions>(
    branches: B & Branches<Row, B> & Distinct<keyof B, Row>,
    options?: O & { readonly combined?: never },
  ): Pipeline<In, Merge<Row, Collected<Columns<Row, B>, O>>, C, Needs & BranchNeeds<B>>
  parallel<
    const B extends Readonly<Record<string, Branch<Row>>>,
    S extends z.ZodObject,
    const O extends CombineOptions<z.ZodObject>,
  >(
    branches: B & Branches<Row, B>,
    options: O & { readonly combined: S } & {
      readonly combined: Combines<Columns<Row, B>, z.input<S>>
    },
  ): Pipeline<In, AfterCombine<Row, Columns<Row, B>, z.output<S>, O>, C, Needs & BranchNeeds<B>>
  /** Another way for rows that pass the test, and perhaps for those that do not. */
  when<T, X, E = Row, Y = unknown>(
    test: (row: Row) => boolean,
    then: (rows: Pipeline<Row, Row, One>) => Pipeline<Row, T, One, X>,
    otherwise?: (rows: Pipeline<Row, Row, One>) => Pipeline<Row, E, One, Y>,
  ): Pipeline<In, T | E, C, Needs & X & Y>
  /** Runs the step of the chosen name. A name without a step fails the row. */
  choose<const B extends Readonly<Record<string, AnyRunnable>>>(
    select: (row: Row) => keyof B & string,
    cases: B & Cases<Row, B>,
  ): Pipeline<In, Chosen<Row, B>, C, Needs & NeedsOfAll<B>>
  /** The rows of a pipeline, made of each row; the pipeline may be chosen by the row. */
  pipe<T, D extends Cardinality, X>(
    sub: Pipeline<Row, T, D, X> | ((row: Row) => Pipeline<Row, T, D, X>),
  ): Pipeline<In, T, Many extends C | D ? Many : One, Needs & X>
  /**
   * Values for the `context` of the steps so far, where a run gives none: those runs need not be given them. Of a pipeline
   * in another the outer one's count first.
   */
  withContext<X, const V extends Readonly<Record<string, unknown>>>(
    this: Pipeline<In, Row, C, X>,
    values: V & Partial<X>,
  ): Pipeline<In, Row, C, Without<X, keyof V>>
  /** The plan as a Mermaid diagram. */
  toMermaid(): string
  /** The plan in words, a line for each verb. */
  describe(): string
  /** What can be said against the plan before it runs: what does not fit, and what is of no use. */
  validate(): PlanReport
  /** The plan as it is now, sealed: its hash changes with everything that its outputs depend on, and with nothing else. */
  freeze(): Snapshot
}

/** What is still to be given. */
type Without<Needs, Names> = unknown extends Needs
  ? Needs
  : Omit<Needs, Names & keyof Needs> & Partial<Pick<Needs, Names & keyof Needs>>

/** What may be said about a plan as a whole. */
export interface PipelineOptions {
  /** As you count: part of what is sealed. @default none */
  readonly version?: string
}

/**
 * Starts a plan: its name, and the shape of its input.
 *
 * @throws {ClientError} `INVALID_PLAN`
 */
export function pipeline<const S extends Shape>(
  name: string,
  input: S,
  options?: PipelineOptions,
): Pipeline<z.input<z.ZodObject<S>>, InferShape<S>, One>
export function pipeline(name: string, input: Shape, options?: PipelineOptions): unknown {
  return PlanBuilder.start(name, input, options)
}
