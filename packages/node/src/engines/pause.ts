import type { Clock } from '@skein/protocol'
import { reasonOf } from './exchange.ts'

/** Waits that many milliseconds, or rejects with the signal's reason. */
export async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const callOff = Number.isFinite(ms) ? clock.schedule(ms, resolve) : () => {}
  const stop = () => {
    callOff()
    reject(reasonOf(signal))
  }
  signal.addEventListener('abort', stop, { once: true })
  try {
    await promise
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
