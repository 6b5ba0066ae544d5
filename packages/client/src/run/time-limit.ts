import type { Clock } from '@skein/protocol'
import type { Cancellation } from '../cancellation.ts'
import { ClientError } from '../errors.ts'
import { isThenable } from '../guards.ts'

interface Limit {
  readonly attempt: { readonly cancellation: Cancellation; readonly timeoutMs: number | undefined }
  /** Told when the time is over. */
  readonly context: { cancel(reason: ClientError): void }
  readonly clock: Clock
}

/** What was told to stop is waited for no longer than this. */
export const FAREWELL_MS = 1000

/**
 * Settles when the function does or its time is over. After a cancellation the function has a moment to end by
 * itself: whoever waits for this knows that nothing runs any more.
 */
export function withTimeLimit(running: unknown, { attempt, context, clock }: Limit): unknown {
  const { cancellation, timeoutMs } = attempt
  if (!isThenable(running)) return running
  return new Promise((resolve, reject) => {
    let stop: (() => void) | undefined
    const leave = cancellation.listen(() => {
      const cancelled = new ClientError('CANCELLED', 'cancelled', { cause: cancellation.reason })
      stop?.()
      stop = clock.schedule(FAREWELL_MS, () => {
        reject(cancelled)
      })
    })
    const onTimeout = () => {
      const error = new ClientError('TIMED_OUT', `did not finish within ${timeoutMs} ms`)
      leave()
      context.cancel(error)
      reject(error)
    }
    if (timeoutMs !== undefined) stop ??= clock.schedule(timeoutMs, onTimeout)
    const end = () => {
      stop?.()
      leave()
    }
    void Promise.resolve(running).then(resolve, reject).finally(end)
  })
}
