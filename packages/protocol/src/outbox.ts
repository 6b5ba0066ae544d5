import { FrameWriter } from './frames.ts'
import { LIMITS } from './limits.ts'
import type { Channel } from './transport.ts'

/** Bytes in line above which a writer should wait. */
const HIGH_WATER_BYTES = 1024 * 1024

/** Gathers what is said in one turn of the event loop and sends it in one piece, as fast as the peer reads. */
export class Outbox {
  readonly #channel: Channel
  readonly #onWritable: () => void
  readonly #writer = new FrameWriter()
  #scheduled = false
  #blocked = false
  #asked = false

  constructor(channel: Channel, onWritable: () => void) {
    this.#channel = channel
    this.#onWritable = onWritable
  }

  /** Whether more may be written now; after a false, `onWritable` is called once it may. */
  get writable(): boolean {
    const writable = !this.#blocked && this.#writer.bytes < HIGH_WATER_BYTES
    this.#asked ||= !writable
    return writable
  }

  /** Whether more waits for the peer than we are willing to keep. */
  get isOverfull(): boolean {
    return this.#writer.bytes > LIMITS.unreadBytes
  }

  /**
   * Puts a message in line.
   *
   * @throws {ProtocolError} what `FrameWriter.write` throws
   */
  write(message: object): void {
    this.#writer.write(message)
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(this.flush)
  }

  /** Sends what is in line, unless the channel is full. */
  readonly flush = (): void => {
    this.#scheduled = false
    if (this.#blocked || this.#writer.bytes === 0) return
    for (const piece of this.#writer.take()) if (!this.#channel.send(piece)) this.#blocked = true
    this.#tell()
  }

  /** Hands all that is in line to the channel, full or not: it sends it before it closes. */
  flushAll(): void {
    for (const piece of this.#writer.take()) this.#channel.send(piece)
  }

  /** The channel has room again. */
  drained(): void {
    this.#blocked = false
    this.flush()
    this.#tell()
  }

  #tell(): void {
    if (!this.#asked || this.#blocked || this.#writer.bytes >= HIGH_WATER_BYTES) return
    this.#asked = false
    this.#onWritable()
  }
}
