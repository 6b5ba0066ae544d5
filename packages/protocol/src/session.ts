import type { Clock } from './clock.ts'
import type { MessageOf, TaskMessage } from './messages.ts'

/** How a program introduces itself. */
export type Introduction = Omit<MessageOf<'hello'>, 'type' | 'version'>

/** What a session tells its user. */
export interface SessionHandlers {
  /** The peer says something: whole, checked, and something that its role may say. */
  message(message: TaskMessage): void
  /** There is room again after `writable` was false. */
  writable?(): void
  /** Exactly once, last. Without an error the peer said goodbye, or we did. */
  closed(error?: Error): void
}

/** What a session is opened with. */
export interface SessionOptions {
  readonly hello: Introduction
  readonly handlers: SessionHandlers
  /** @default the clock of this machine */
  readonly clock?: Clock
  /** Gives up opening; an open session is not touched by it. */
  readonly signal?: AbortSignal
}

/** A conversation with one peer, over one channel, for many tasks at once. */
export interface Session {
  /** The peer's id, proven by the transport. */
  readonly peer: string
  /** How the peer introduced itself. */
  readonly remote: MessageOf<'hello'>
  /** Whether more may be sent now; after a false, `handlers.writable` is called once it may. */
  readonly writable: boolean
  /**
   * Puts a message in line; all of one turn leave in one piece. Ignored once the session is over.
   *
   * @throws {ProtocolError} `FRAME_TOO_LARGE`, `MALFORMED_FRAME`: this message cannot be sent, the
   *   session goes on
   */
  send(message: TaskMessage): void
  /** Sends what is in line and a goodbye, then ends. */
  close(): Promise<void>
  /** Ends at once. */
  abort(error: Error): void
}
