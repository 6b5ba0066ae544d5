import type { Connection, Stream } from '@libp2p/interface'
import { ProtocolError } from './errors.ts'
import type { Channel, ChannelListener } from './transport.ts'
import { updateWindowSeldom } from './window-updates.ts'

/** The stream on which two peers talk; the number is the version of `docs/protocol.md`. */
export const SESSION_PROTOCOL = '/skein/session/2'

/** How long the other side may take to end its half before the connection is cut. */
const CLOSE_MS = 1_000

/** One stream of one connection, as a channel. When the stream ends, so does the connection. */
export class Libp2pChannel implements Channel {
  readonly peer: string
  readonly #stream: Stream
  readonly #connection: Connection
  #listener: ChannelListener | undefined
  #ended = false

  constructor(stream: Stream, connection: Connection) {
    this.peer = connection.remotePeer.toString()
    this.#stream = stream
    this.#connection = connection
    updateWindowSeldom(stream)
  }

  send(bytes: Uint8Array): boolean {
    if (this.#stream.writeStatus !== 'writable') return true
    try {
      return this.#stream.send(bytes)
    } catch {
      // The stream broke under the write; its close event tells the listener.
      return true
    }
  }

  listen(listener: ChannelListener): void {
    this.#listener = listener
    const stream = this.#stream
    stream.addEventListener('message', (event) => {
      if (!this.#ended) listener.data(event.data.subarray())
    })
    stream.addEventListener('drain', () => {
      if (!this.#ended) listener.drain()
    })
    stream.addEventListener('remoteCloseWrite', () => {
      this.#end()
    })
    stream.addEventListener('close', (event) => {
      this.#end(event.error)
    })
    this.#endIfAlreadyOver()
  }

  async close(): Promise<void> {
    const signal = AbortSignal.timeout(CLOSE_MS)
    try {
      await this.#stream.close({ signal })
      await untilClosed(this.#stream, signal)
      await this.#releaseConnection(signal)
    } catch (error) {
      this.abort(asProtocolError(error))
    }
    this.#tell()
  }

  abort(error: Error): void {
    this.#tell(error)
    this.#stream.abort(error)
    if (!this.#isShared()) this.#connection.abort(error)
  }

  /** A stream can be handed out when it is over already: its events were fired before we listened. */
  #endIfAlreadyOver(): void {
    if (this.#stream.status === 'open' && this.#stream.remoteWriteStatus === 'writable') return
    // What had arrived before is dispatched in a microtask of its own; it comes first.
    setImmediate(() => {
      this.#end(new ProtocolError('SESSION_CLOSED', `the stream was ${this.#stream.status}`))
    })
  }

  /** The other side ended it, or the connection did. */
  #end(cause?: Error): void {
    if (this.#ended) return
    this.#tell(cause === undefined ? undefined : asProtocolError(cause))
    void this.close()
  }

  #tell(error?: Error): void {
    if (this.#ended || this.#listener === undefined) return
    this.#ended = true
    this.#listener.closed(error)
  }

  async #releaseConnection(signal: AbortSignal): Promise<void> {
    if (!this.#isShared()) await this.#connection.close({ signal })
  }

  /** Two dials of one peer at the same moment get one connection between them. */
  #isShared(): boolean {
    return this.#connection.streams.some(
      (other) => other !== this.#stream && other.protocol === SESSION_PROTOCOL,
    )
  }
}

function asProtocolError(cause: unknown): ProtocolError {
  if (cause instanceof ProtocolError) return cause
  const why = cause instanceof Error ? cause.message : 'for no reason given'
  return new ProtocolError('SESSION_CLOSED', `the connection broke: ${why}`, { cause })
}

function untilClosed(stream: Stream, signal: AbortSignal): Promise<void> {
  if (stream.status !== 'open') return Promise.resolve()
  return new Promise((resolve, reject) => {
    stream.addEventListener(
      'close',
      () => {
        resolve()
      },
      { once: true },
    )
    signal.addEventListener('abort', () => {
      reject(new ProtocolError('TIMED_OUT', 'the peer did not end its half of the stream'))
    })
  })
}
