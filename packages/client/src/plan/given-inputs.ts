import type { Fits } from './fits.ts'

/** Many inputs: a list or a stream. */
export type Inputs<In> = Iterable<In> | AsyncIterable<In>

/** What can be iterated is many inputs, also where a step takes a list: that stands in a list. */
export type OneInput<In> = In extends string
  ? In
  : In extends Iterable<unknown> | AsyncIterable<unknown>
    ? never
    : In
/** A text fits a workflow with one input. */
export type Prompt<In> = In | (Fits<string, In> extends { readonly error: string } ? never : string)
