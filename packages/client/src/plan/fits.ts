/** Types that say what may follow what. */

/** How many rows a plan carries: exactly one, or any number. */
export type One = 'one'
export type Many = 'many'
export type Cardinality = One | Many

/**
 * Anything that turns an input into an output: a workflow, a local step, a pipeline. The names with a tilde
 * exist in types only.
 */
export interface Runnable<in In, out Out> {
  readonly name: string
  toJSON(): unknown
  readonly '~in'?: (input: In) => void
  readonly '~out'?: () => Out
}

/** Two records as one; the second wins. */
export type Merge<A, B> = {
  [K in keyof A | keyof B]: K extends keyof B ? B[K] : K extends keyof A ? A[K] : never
}

/** A row with one more column. */
export type WithColumn<Row, K extends string, V> = Merge<Row, { [P in K]: V }>

type IsUnion<T, U = T> = T extends unknown ? ([U] extends [T] ? false : true) : never
type SoleKey<T> = true extends IsUnion<keyof T> ? never : keyof T

/** A row fits a step when it is the step's input, or when the step has one input and the row is that value. */
export type Fits<Row, In> = [Row] extends [In]
  ? unknown
  : [SoleKey<In>] extends [never]
    ? Misfit<Row, In>
    : [Row] extends [In[SoleKey<In>]]
      ? unknown
      : Misfit<Row, In>

/** Nothing is one: the name of this type is what the compiler prints. */
export interface Misfit<Row, In> {
  readonly error: 'the row does not fit the input of the step; name it with { with: row => input }'
  readonly row: Row
  readonly input: In
}

export type InputOf<T> = T extends Runnable<infer In, unknown> ? In : never
export type OutputOf<T> = T extends Runnable<never, infer Out> ? Out : never

/** What comes out of a plan with one input. */
export type PlanOutput<Row, C extends Cardinality> = C extends Many ? Row[] : Row

/** Columns of a row that hold lists. */
export type ListColumn<Row> = {
  [P in keyof Row]: Row[P] extends readonly unknown[] ? P : never
}[keyof Row]

export type ElementOf<T> = T extends readonly (infer E)[] ? E : never
