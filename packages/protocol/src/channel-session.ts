import { systemClock, type Clock } from './clock.ts'
import { codeFromWire, ProtocolError } from './errors.ts'
import { FrameReader } from './frames.ts'
import { LIMITS } from './limits.ts'
import { Liveness } from './liveness.ts'
import {
  AnyHello,
  mayBeSaidBy,
  parseMessage,
  PROTOCOL_VERSION,
  type Message,
  type MessageOf,
  type TaskMessage,
} from './messages.ts'
import { Outbox } from './outbox.ts'
import type { Session, SessionOptions } from './session.ts'
import type { Channel } from './transport.ts'

/** How long both sides have to say hello. */
const HELLO_MS = 5_000

/** How opening ends: one of them, once. */
export interface Opening {
  opened(): void
  failed(error: Error): void
}

type State = 'opening' | 'open' | 'closed'

/** A session over a channel: `opening` → `open` → `closed`, or straight from `opening` to `closed`. */
export class ChannelSession implements Session {
  readonly peer: string
  readonly #channel: Channel
  readonly #options: SessionOptions
  readonly #opening: Opening
  readonly #clock: Clock
  readonly #outbox: Outbox
  readonly #reader = new FrameReader((body) => {
    this.#receive(body)
  })
  readonly #liveness: Liveness
  #state: State = 'opening'
  #remote: MessageOf<'hello'> | undefined
  /** What came before the user could have seen that the session is open. */
  #early: TaskMessage[] | undefined = []
  #cancelTimer: () => void = () => {}
  #pings = 0
  #error: Error | undefined

  constructor(channel: Channel, options: SessionOptions, opening: Opening) {
    this.peer = channel.peer
    this.#channel = channel
    this.#options = options
    this.#opening = opening
    this.#clock = options.clock ?? systemClock
    this.#liveness = new Liveness(this.#clock.now())
    this.#outbox = new Outbox(channel, this.#clock, () => options.handlers.writable?.())
  }

  get remote(): MessageOf<'hello'> {
    if (this.#remote === undefined) throw new ProtocolError('SESSION_CLOSED', 'no hello yet')
    return this.#remote
  }

  get writable(): boolean {
    return this.#state === 'open' && this.#outbox.writable
  }

  start(): void {
    this.#outbox.write({ type: 'hello', version: PROTOCOL_VERSION, ...this.#options.hello })
    this.#cancelTimer = this.#clock.schedule(HELLO_MS, () => {
      this.#fail(new ProtocolError('TIMED_OUT', `the peer did not say hello within ${HELLO_MS} ms`))
    })
    this.#channel.listen({
      data: (bytes) => {
        this.#read(bytes)
      },
      drain: () => {
        this.#outbox.drained()
      },
      closed: (error) => {
        this.#end(error ?? new ProtocolError('SESSION_CLOSED', 'the peer left without a goodbye'))
      },
    })
  }

  send(message: TaskMessage): void {
    if (this.#state === 'closed') return
    // The peer would end the session over a wrong message, and with it every other task of ours.
    parseMessage(message)
    this.#say(message)
  }

  async close(): Promise<void> {
    if (this.#state !== 'closed') {
      this.#say(goodbye('closing', ''))
      this.#outbox.flushAll()
      this.#end()
    }
    await this.#channel.close()
  }

  abort(error: Error): void {
    this.#channel.abort(error)
    this.#end(error)
  }

  #read(bytes: Uint8Array): void {
    if (this.#state === 'closed') return
    this.#liveness.heard(this.#clock.now())
    this.#guard(() => {
      this.#reader.push(bytes)
    })
  }

  /** Nothing that a peer sends, and no mistake in handling it, comes out of the channel's callbacks. */
  #guard(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#fail(asProtocolError(error))
    }
  }

  #receive(body: unknown): void {
    if (this.#state === 'closed') return
    if (this.#state === 'opening') {
      this.#open(body)
      return
    }
    const message = parseMessage(body)
    if (message.type === 'ping') this.#say({ type: 'pong', nonce: message.nonce })
    else if (message.type === 'goodbye') this.#hearGoodbye(message)
    else if (message.type !== 'pong') this.#hand(this.#asTask(message))
  }

  #asTask(message: Exclude<Message, MessageOf<'ping' | 'pong' | 'goodbye'>>): TaskMessage {
    const { role } = this.remote
    if (message.type !== 'hello' && mayBeSaidBy(role, message.type)) return message
    throw new ProtocolError('MALFORMED_FRAME', `a ${role} does not say ${message.type} here`)
  }

  #hand(message: TaskMessage): void {
    if (this.#early === undefined) this.#options.handlers.message(message)
    else this.#early.push(message)
  }

  #open(body: unknown): void {
    refuseOtherVersion(body)
    const message = parseMessage(body)
    if (message.type === 'goodbye') {
      this.#hearGoodbye(message)
      return
    }
    if (message.type !== 'hello') {
      throw new ProtocolError('MALFORMED_FRAME', `hello comes first, not ${message.type}`)
    }
    this.#remote = message
    this.#state = 'open'
    this.#cancelTimer()
    this.#watch()
    this.#opening.opened()
    // Whoever awaits the session has it by then, however many promises lie between.
    setImmediate(() => {
      const early = this.#early ?? []
      this.#early = undefined
      this.#guard(() => {
        for (const task of early) this.#options.handlers.message(task)
      })
      if (this.#state === 'closed') this.#options.handlers.closed(this.#error)
    })
  }

  #watch(): void {
    const look = this.#liveness.check(this.#clock.now())
    if (look.verdict === 'silent') {
      this.#fail(new ProtocolError('PEER_SILENT', 'the peer has stopped answering'))
      return
    }
    if (look.verdict === 'ping') this.#say({ type: 'ping', nonce: (this.#pings += 1) })
    this.#cancelTimer = this.#clock.schedule(look.lookAgainMs, () => {
      this.#watch()
    })
  }

  #hearGoodbye({ code, message }: MessageOf<'goodbye'>): void {
    if (code === 'closing' && this.#state === 'open') this.#end()
    else this.#end(new ProtocolError(codeFromWire(code), `the peer ended the session: ${message}`))
    void this.#channel.close()
  }

  #say(message: Message): void {
    if (this.#state === 'closed') return
    this.#outbox.write(message, message.type === 'acknowledge' ? 'later' : 'now')
    if (!this.#outbox.isOverfull) return
    this.abort(new ProtocolError('SESSION_CLOSED', 'the peer does not read what it is sent'))
  }

  /** Tells the peer why, then ends. */
  #fail(error: ProtocolError): void {
    if (this.#state === 'closed') return
    this.#say(goodbye(error.code, error.message))
    this.#outbox.flushAll()
    this.#end(error)
    void this.#channel.close()
  }

  #end(error?: Error): void {
    if (this.#state === 'closed') return
    const wasOpen = this.#state === 'open'
    this.#state = 'closed'
    this.#error = error
    this.#cancelTimer()
    if (!wasOpen) {
      this.#opening.failed(error ?? new ProtocolError('SESSION_CLOSED', 'closed while opening'))
    } else if (this.#early === undefined) this.#options.handlers.closed(error)
  }
}

/** A peer of another version may say hello in a form of its own: its number counts first. */
function refuseOtherVersion(body: unknown): void {
  const hello = AnyHello.safeParse(body)
  if (!hello.success || hello.data.version === PROTOCOL_VERSION) return
  throw new ProtocolError(
    'WRONG_VERSION',
    `the peer speaks version ${hello.data.version} of the protocol, we speak ${PROTOCOL_VERSION}: update the older one`,
  )
}

function goodbye(code: string, message: string): MessageOf<'goodbye'> {
  return { type: 'goodbye', code, message: message.slice(0, LIMITS.reasonChars) }
}

function asProtocolError(error: unknown): ProtocolError {
  if (error instanceof ProtocolError) return error
  return new ProtocolError('SESSION_CLOSED', 'a message could not be handled', { cause: error })
}
