import type { Clock } from '@skein/protocol'
import type { Cancellation } from '../cancellation.ts'
import { ClientError } from '../errors.ts'
import { isThenable } from '../guards.ts'

/** How long something may take, and until when it is wanted. */
interface Limit {
  readonly attempt: { readonly cancellation: Cancellation; readonly timeoutMs: number | undefined }
  readonly clock: Clock
  /** Told when the time is over. @default nobody is */
  readonly context?: { cancel(reason: ClientError): void }
  /** Asked when the time is over: whether what settles it has happened before. @default no */
  readonly isSettling?: (() => boolean) | undefined
  /** When the time began. @default now */
  readonly startedAt?: number
  /** What the error speaks of. @default whoever tells it says so */
  readonly what?: string
}

/** What was told to stop is waited for no longer than this. */
export const FAREWELL_MS = 1000

/**
 * Settles when the function does or its time is over. After a cancellation the function has a moment to end by
 * itself: whoever waits for this knows that nothing runs any more.
 */
export function withTimeLimit<T>(running: T, limit: Limit): T | Promise<Awaited<T>> {
  const { attempt, context, clock, isSettling, startedAt, what } = limit
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
      if (isSettling?.() === true) return
      const message = `did not finish within ${timeoutMs} ms`
      const error = new ClientError(
        'TIMED_OUT',
        what === undefined ? message : `${what} ${message}`,
      )
      leave()
      context?.cancel(error)
      reject(error)
    }
    if (timeoutMs !== undefined)
      stop ??= clock.schedule(leftOf(timeoutMs, clock, startedAt), onTimeout)
    const end = () => {
      stop?.()
      leave()
    }
    void Promise.resolve(running).then(resolve, reject).finally(end)
  })
}

/** Resolves when it has settled, however, or was waited for long enough. */
export function farewellTo(running: unknown, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const stop = clock.schedule(FAREWELL_MS, resolve)
    const end = () => {
      stop()
      resolve()
    }
    void Promise.resolve(running).then(end, end)
  })
}

function leftOf(timeoutMs: number, clock: Clock, startedAt: number | undefined): number {
  return startedAt === undefined ? timeoutMs : Math.max(0, timeoutMs - (clock.now() - startedAt))
}

/** Waits; a cancellation ends it at once. */
export function pause(
  ms: number,
  { clock, cancellation }: { readonly clock: Clock; readonly cancellation: Cancellation },
): Promise<void> | undefined {
  if (ms <= 0) return undefined
  return new Promise((resolve) => {
    const stop = clock.schedule(ms, () => {
      leave()
      resolve()
    })
    const leave = cancellation.listen(() => {
      stop()
      resolve()
    })
  })
}
