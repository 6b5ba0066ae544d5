import { ChannelSession } from './channel-session.ts'
import { ProtocolError } from './errors.ts'
import type { Session, SessionOptions } from './session.ts'
import type { Channel } from './transport.ts'

/**
 * Says hello and waits for the peer's.
 *
 * @throws {ProtocolError} `WRONG_VERSION` the peer speaks another; `TIMED_OUT` it says nothing;
 *   `SESSION_CLOSED`, `MALFORMED_FRAME`, `FRAME_TOO_LARGE`
 */
export function openSession(channel: Channel, options: SessionOptions): Promise<Session> {
  return new Promise((resolve, reject) => {
    const { signal } = options
    const session = new ChannelSession(channel, options, {
      opened: () => {
        signal?.removeEventListener('abort', giveUp)
        resolve(session)
      },
      failed: (error) => {
        signal?.removeEventListener('abort', giveUp)
        reject(error)
      },
    })
    const giveUp = () => {
      session.abort(reasonOf(signal))
    }
    signal?.addEventListener('abort', giveUp, { once: true })
    session.start()
    if (signal?.aborted === true) giveUp()
  })
}

function reasonOf(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason
  return reason instanceof Error
    ? reason
    : new ProtocolError('TIMED_OUT', 'given up', { cause: reason })
}
