import { RunError } from '../src/index.ts'

/** The error of a run that must fail. */
export async function failureOf(run: PromiseLike<unknown>): Promise<RunError> {
  const thrown = await run.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (thrown instanceof RunError) return thrown
  throw new RangeError(`the run did not fail with a RunError, but with ${String(thrown)}`)
}

/** Waits for something that must come; the test's own time limit is the end of it. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2))
}
