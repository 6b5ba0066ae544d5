import type { Clock } from './clock.ts'
import { FrameWriter } from './frames.ts'
import { LIMITS } from './limits.ts'
import type { Channel } from './transport.ts'

/** Bytes in line above which a writer should wait. */
const HIGH_WATER_BYTES = 1024 * 1024

/** What nobody waits for leaves after that at the latest, in milliseconds. */
const LATER_MS = 20

/** Gathers what is said in one turn of the event loop and sends it in one piece, as fast as the peer reads. */
export class Outbox {
  readonly #channel: Channel
  readonly #clock: Clock
  readonly #onWritable: () => void
  readonly #writer = new FrameWriter()
  #scheduled = false
  /** There while what nobody waits for is to leave by itself. */
  #stopLater: (() => void) | undefined
  #blocked = false
  #asked = false

  constructor(channel: Channel, clock: Clock, onWritable: () => void) {
    this.#channel = channel
    this.#clock = clock
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
   * Puts a message in line. What nobody waits for goes with the next that somebody waits for: a piece of its own would
   * wake a peer that has nothing else to do.
   *
   * @throws {ProtocolError} what `FrameWriter.write` throws
   */
  write(message: object, when: 'now' | 'later' = 'now'): void {
    this.#writer.write(message)
    if (this.#scheduled) return
    if (when === 'later') {
      this.#stopLater ??= this.#clock.schedule(LATER_MS, this.flush)
      return
    }
    this.#scheduled = true
    setImmediate(this.flush)
  }

  /** Sends what is in line, unless the channel is full. */
  readonly flush = (): void => {
    this.#scheduled = false
    this.#callOff()
    if (this.#blocked || this.#writer.bytes === 0) return
    for (const piece of this.#writer.take()) if (!this.#channel.send(piece)) this.#blocked = true
    this.#tell()
  }

  /** Hands all that is in line to the channel, full or not: it sends it before it closes. */
  flushAll(): void {
    this.#callOff()
    for (const piece of this.#writer.take()) this.#channel.send(piece)
  }

  /** Nothing need leave by itself. */
  #callOff(): void {
    this.#stopLater?.()
    this.#stopLater = undefined
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
