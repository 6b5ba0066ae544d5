/** Types that say what may follow what. */

/** How many rows a plan carries: exactly one, or any number. */
export type One = 'one'
export type Many = 'many'
export type Cardinality = One | Many

/**
 * Anything that turns an input into an output: a workflow, a local step, a pipeline. The names with a tilde
 * exist in types only.
 */
export interface Runnable<in In, out Out, in Needs = unknown> {
  readonly name: string
  toJSON(): unknown
  readonly '~in'?: (input: In) => void
  readonly '~out'?: () => Out
  /** The values that a run must be given for it. */
  readonly '~context'?: (context: Needs) => void
}

/** Any at all. */
export type AnyRunnable = Runnable<never, unknown, never>

/** What a runnable needs to be given besides its input. */
type NeedsOf<T> = T extends { readonly '~context'?: (context: infer Needs) => void }
  ? Needs
  : unknown

/** What all of them need together. */
export type NeedsOfAll<B> = (
  B extends Readonly<Record<string, infer T>>
    ? T extends unknown
      ? (needs: NeedsOf<T>) => void
      : never
    : never
) extends (needs: infer All) => void
  ? All
  : unknown

/** Two records as one; the second wins. Of a union each member is one of the two. */
export type Merge<A, B> = A extends unknown
  ? { [K in keyof A | keyof B]: K extends keyof B ? B[K] : K extends keyof A ? A[K] : never }
  : never

/** A row with one more column. */
export type WithColumn<Row, K extends string, V> = Merge<Row, { [P in K]: V }>

type IsUnion<T, U = T> = T extends unknown ? ([U] extends [T] ? false : true) : never
type SoleKey<T> = true extends IsUnion<keyof T> ? never : keyof T
type SoleValue<T> = T[SoleKey<T>]

/** What takes lists, and takes them as well where nobody may change them: values are frozen in any case. */
type Unchanging<T> = unknown extends T
  ? T
  : T extends (...values: never[]) => unknown
    ? T
    : { readonly [K in keyof T]: Unchanging<T[K]> }

/**
 * A row fits a step when it is the step's input, or when the step has one input and the row is that value. What
 * may be absent fits as well: a row that lacks it skips the step.
 */
export type Fits<Row, In> =
  IsFit<Row, In> extends true
    ? unknown
    : IsFit<Present<Row>, In> extends true
      ? unknown
      : Misfit<Row, In>

/** Whether a row is the input of a step, or the value of its only one. */
export type IsFit<Row, In> = [Row] extends [never]
  ? false
  : [Row] extends [In | SoleValue<In>]
    ? true
    : [Row] extends [Unchanging<In> | Unchanging<SoleValue<In>>]
      ? true
      : false

/** The row when nothing of it is absent, nor of the rows of a list. */
type Present<Row> = Row extends readonly unknown[]
  ? { [K in keyof Row]: Present<Row[K]> }
  : Row extends object
    ? { [K in keyof Row]-?: Exclude<Row[K], undefined> }
    : Exclude<Row, undefined>

/** What comes out of a step: perhaps nothing, where what it needs may be absent. */
export type Lifted<Row, In, Out> = IsFit<Row, In> extends true ? Out : Out | undefined

/** Nothing is one: the name of this type is what the compiler prints. */
export interface Misfit<Row, In> {
  readonly error: 'the row does not fit the input of the step; name it with { with: row => input }'
  readonly row: Row
  readonly input: In
}

/** The names of branches and columns are all different. */
export type Distinct<Names, Row> = string extends Names
  ? unknown
  : [Names & keyof Row] extends [never]
    ? unknown
    : { readonly error: 'the row has a column of that name'; readonly column: Names & keyof Row }

/**
 * What the branches give makes what they are combined to: no field too many, none too few, each of its type. While the
 * compiler has yet to look into functions among the branches, it takes any name for one.
 */
export type Combines<Columns, Whole> = string extends keyof Columns
  ? unknown
  : [Exclude<keyof Columns, keyof Whole>] extends [never]
    ? [Columns] extends [Whole]
      ? unknown
      : { readonly error: 'the branches do not make the combined schema'; readonly needs: Whole }
    : {
        readonly error: 'the combined schema has no field for a branch'
        readonly branch: Exclude<keyof Columns, keyof Whole>
      }

export type InputOf<T> = T extends Runnable<infer In, unknown, never> ? In : never
export type OutputOf<T> = T extends Runnable<never, infer Out, never> ? Out : never

/** What comes out of a plan with one input. */
export type PlanOutput<Row, C extends Cardinality> = C extends Many ? Row[] : Row

/** Columns of a row that hold lists. */
export type ListColumn<Row> = {
  [P in keyof Row]: Row[P] extends readonly unknown[] ? P : never
}[keyof Row]

export type ElementOf<T> = T extends readonly (infer E)[] ? E : never
