/** What a channel tells its one listener. `closed` comes exactly once, last. */
export interface ChannelListener {
  /** Bytes as they arrive; cut anywhere. The array is the listener's own. */
  data(bytes: Uint8Array): void
  /** The write buffer has room again after `send` returned false. */
  drain(): void
  /** An end without an error proves nothing: only a message of the protocol says that all is well. */
  closed(error?: Error): void
}

/** A long-lived, ordered stream of bytes to one authenticated peer. */
export interface Channel {
  /** The peer's id, proven by the handshake. */
  readonly peer: string
  /**
   * Queues bytes, which are the channel's from then on. False: the buffer is full, wait for `drain`.
   * Never throws; a dead channel drops them.
   */
  send(bytes: Uint8Array): boolean
  /** Hands over what arrives from now on, and what already arrived. Once. */
  listen(listener: ChannelListener): void
  /** Sends what is queued, then ends. */
  close(): Promise<void>
  /** Ends at once. */
  abort(error: Error): void
}

/** Where channels come from: libp2p in production, memory in tests, the simulator and `--local`. */
export interface Transport extends AsyncDisposable {
  /** Our own id. */
  readonly peer: string
  /** Where others reach us. */
  readonly addresses: readonly string[]
  /**
   * Opens a channel.
   *
   * @throws {ProtocolError} `PEER_UNREACHABLE` nobody listens there; `WRONG_NETWORK` it has another network key
   */
  dial(address: string, options: { readonly signal: AbortSignal }): Promise<Channel>
  /** Every channel that others open comes here. Once, before the first can come. */
  accept(handler: (channel: Channel) => void): void
  /** Calls back with the address of each member that comes into sight. */
  discover(found: (address: string) => void): void
}
