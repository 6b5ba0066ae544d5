import { ProtocolError } from './errors.ts'
import type { Channel, ChannelListener } from './transport.ts'

/** What the two ends of a channel share: when things arrive, and whether they do. */
export interface Wire {
  readonly held: boolean
  /** Runs when what is sent now has crossed. */
  later(run: () => void): void
}

/** Bytes under way before `send` says that the buffer is full. */
const WINDOW_BYTES = 1024 * 1024

/** What crosses: bytes, the end of a side that closed, or the news that it broke. */
type Crossing = Uint8Array | 'end' | 'break'

/** One end of a channel between two members of one process. */
export class MemoryChannel implements Channel {
  readonly owner: string
  readonly peer: string
  readonly #wire: Wire
  readonly #forget: (channel: MemoryChannel) => void
  /** Sent by us and not there yet. */
  readonly #outgoing: Crossing[] = []
  /** How many of them have had the time to cross. */
  #due = 0
  /** There before anybody listened. */
  readonly #waiting: Crossing[] = []
  #bytesUnderWay = 0
  #needsDrain = false
  #ended = false
  #error: Error | undefined
  #other: MemoryChannel | undefined
  #listener: ChannelListener | undefined

  constructor(
    { owner, peer }: { readonly owner: string; readonly peer: string },
    wire: Wire,
    forget: (channel: MemoryChannel) => void,
  ) {
    this.owner = owner
    this.peer = peer
    this.#wire = wire
    this.#forget = forget
  }

  /** Makes two ends one channel. */
  join(other: MemoryChannel): void {
    this.#other = other
    other.#other = this
  }

  send(bytes: Uint8Array): boolean {
    if (this.#ended || bytes.length === 0) return true
    this.#bytesUnderWay += bytes.length
    this.#needsDrain ||= this.#bytesUnderWay > WINDOW_BYTES
    this.#cross(bytes)
    return !this.#needsDrain
  }

  listen(listener: ChannelListener): void {
    this.#listener = listener
    if (this.#waiting.length === 0 && !this.#ended) return
    this.#wire.later(() => {
      for (const crossing of this.#waiting.splice(0)) this.#arrive(crossing)
      if (this.#ended) this.#tellEnd()
    })
  }

  close(): Promise<void> {
    if (!this.#ended) {
      this.#cross('end')
      this.#end()
    }
    return Promise.resolve()
  }

  abort(error: Error): void {
    if (this.#isOver) return
    this.#outgoing.length = 0
    this.#due = 0
    this.#cross('break')
    this.#end(error)
  }

  /** Hands over what has had the time to cross, unless the wire is held. */
  deliver(): void {
    while (this.#due > 0 && !this.#wire.held) {
      this.#due -= 1
      const crossing = this.#outgoing.shift()
      if (crossing === undefined) return
      if (typeof crossing !== 'string') this.#bytesUnderWay -= crossing.length
      if (this.#other !== undefined) this.#other.#arrive(crossing)
    }
    this.#drain()
    if (this.#isOver) this.#forget(this)
  }

  /** Whether it has ended and all that it sent before has crossed. */
  get #isOver(): boolean {
    return this.#ended && this.#outgoing.length === 0
  }

  #cross(crossing: Crossing): void {
    this.#outgoing.push(crossing)
    this.#wire.later(() => {
      this.#due += 1
      this.deliver()
    })
  }

  #drain(): void {
    if (!this.#needsDrain || this.#bytesUnderWay > 0 || this.#ended) return
    this.#needsDrain = false
    this.#listener?.drain()
  }

  #arrive(crossing: Crossing): void {
    if (this.#ended) return
    if (this.#listener === undefined) this.#waiting.push(crossing)
    else if (crossing === 'end') void this.close()
    else if (crossing === 'break') this.#end(broken())
    else this.#listener.data(crossing)
  }

  #end(error?: Error): void {
    if (this.#ended) return
    this.#ended = true
    this.#error = error
    if (this.#isOver) this.#forget(this)
    this.#tellEnd()
  }

  #tellEnd(): void {
    const listener = this.#listener
    if (listener === undefined) return
    this.#listener = undefined
    listener.closed(this.#error)
  }
}

function broken(): ProtocolError {
  return new ProtocolError('SESSION_CLOSED', 'the connection broke')
}
