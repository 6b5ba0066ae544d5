import { onTestFinished } from 'vitest'
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

/** What would kill the process, and what it is warned of, while the test runs. */
export function watchProcess(): { readonly unhandled: unknown[]; readonly warnings: string[] } {
  const unhandled: unknown[] = []
  const warnings: string[] = []
  const note = (reason: unknown) => {
    unhandled.push(reason)
  }
  const warn = ({ message }: Error) => {
    warnings.push(message)
  }
  process.on('unhandledRejection', note).on('uncaughtException', note).on('warning', warn)
  onTestFinished(() => {
    process.off('unhandledRejection', note).off('uncaughtException', note).off('warning', warn)
  })
  return { unhandled, warnings }
}

/** What functions do that nobody should have told anything. */
export const DEAF: [what: string, handler: () => unknown][] = [
  [
    'throws',
    () => {
      throw new RangeError('deaf')
    },
  ],
  ['rejects', () => Promise.reject(new RangeError('deaf'))],
]
