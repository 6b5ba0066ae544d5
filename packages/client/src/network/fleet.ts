import {
  LIMITS,
  openSession,
  type Channel,
  type Clock,
  type Introduction,
  type MessageOf,
  type NodeMessage,
  type Session,
  type TaskMessage,
  type Transport,
} from '@skein/protocol'
import { ClientError, messageOf } from '../errors.ts'

/** Waits between attempts to reach a node: doubled each time, up to the last. */
const RETRY_MS = { first: 250, most: 30_000 }

/** An address that was only seen, not given, is forgotten after failing so often: who is back is seen again. */
const SEEN_ATTEMPTS = 6

/** How long one attempt may take. */
const DIAL_MS = 10_000

export interface FleetComponents {
  readonly transport: Transport
  readonly clock: Clock
  readonly random: () => number
  readonly hello: Introduction
}

/** What a fleet tells of its nodes. */
export interface FleetListener {
  joined(peer: string, name: string): void
  left(peer: string, why: string): void
  message(peer: string, message: NodeMessage): void
  /** Its session takes more bytes again. */
  writable(peer: string): void
}

interface Member {
  readonly session: Session
  /** Workflows that it was told. */
  readonly defined: Set<string>
}

/** Sessions with nodes: dials what it is given or what comes into sight, and dials again for ever. */
export class Fleet {
  readonly #components: FleetComponents
  readonly #listener: FleetListener
  readonly #members = new Map<string, Member>()
  /** Peers that we talk to or are about to; each resolves when that is over. */
  readonly #visits = new Map<string, Promise<void>>()
  readonly #loops = new Map<string, Promise<void>>()
  /** Addresses that have neither led to a node nor failed yet. */
  readonly #searching = new Set<readonly string[]>()
  /** What is wrong with addresses that could not be reached. */
  readonly #troubles = new Map<string, string>()
  /** Addresses that are none: no use in trying again. */
  readonly #hopeless = new Set<string>()
  readonly #closing = new AbortController()

  constructor(components: FleetComponents, listener: FleetListener) {
    this.#components = components
    this.#listener = listener
  }

  /** Keeps a session with the node at one of these addresses. Given ones are tried for ever. */
  reach(addresses: readonly string[], given: boolean): void {
    const key = addresses.join(' ')
    if (addresses.length === 0 || this.#loops.has(key) || this.#closing.signal.aborted) return
    const loop = this.#keep(addresses, given).finally(() => this.#loops.delete(key))
    this.#loops.set(key, loop)
  }

  /** Why addresses could not be reached, a line each. */
  get troubles(): string[] {
    return Array.from(this.#troubles, ([address, trouble]) => `${address}: ${trouble}`)
  }

  /** Whether it is still unknown of some address if there is a node. */
  get isSearching(): boolean {
    return this.#searching.size > 0
  }

  /** What is wrong with addresses that are none. */
  get mistakes(): string[] {
    return Array.from(this.#hopeless, (address) => this.#troubles.get(address) ?? address)
  }

  /**
   * Puts a message in line; false: wait for `writable` before the next task.
   *
   * @throws {ProtocolError} the message cannot be sent to anybody
   */
  send(peer: string, message: TaskMessage): boolean {
    const member = this.#members.get(peer)
    if (!member) return true
    member.session.send(message)
    return member.session.writable
  }

  /** The same for a task; its workflow is told first, once a session. */
  assign(peer: string, assign: MessageOf<'assign'>, document: unknown): boolean {
    const member = this.#members.get(peer)
    if (!member) return true
    const { workflow } = assign
    if (!member.defined.has(workflow)) {
      if (member.defined.size >= LIMITS.workflows) forgetFirst(member.defined)
      member.session.send({ type: 'define', workflow, document })
      member.defined.add(workflow)
    }
    member.session.send(assign)
    return member.session.writable
  }

  /** Says goodbye to all and dials no more. */
  async close(): Promise<void> {
    this.#closing.abort()
    await Promise.all(Array.from(this.#members.values(), ({ session }) => session.close()))
    await Promise.all(this.#loops.values())
  }

  async #keep(addresses: readonly string[], given: boolean): Promise<void> {
    const { signal } = this.#closing
    this.#searching.add(addresses)
    for (let failures = 0; !signal.aborted;) {
      const usable = addresses.filter((address) => !this.#hopeless.has(address))
      if (usable.length === 0) return
      const reached = await this.#visitAny(usable, () => this.#searching.delete(addresses))
      this.#searching.delete(addresses)
      failures = reached ? 0 : failures + 1
      if (!given && failures >= SEEN_ATTEMPTS) break
      await this.#pause(failures)
    }
    this.#searching.delete(addresses)
    for (const address of addresses) this.#troubles.delete(address)
  }

  /** Tries the addresses in turn; after the first success, stays until the session is over. */
  async #visitAny(addresses: readonly string[], found: () => void): Promise<boolean> {
    for (const address of addresses) {
      try {
        await this.#visit(address, found)
        return true
      } catch (error) {
        if (this.#closing.signal.aborted) return false
        this.#troubles.set(address, messageOf(error))
        if (isHopeless(error)) this.#hopeless.add(address)
      }
    }
    return false
  }

  async #visit(address: string, found: () => void): Promise<void> {
    const channel = await this.#dial(address)
    this.#troubles.delete(address)
    const others = this.#visits.get(channel.peer)
    if (others) {
      // It was reached on another way: that session is enough.
      channel.abort(new ClientError('CLOSED', 'reached on another way'))
      found()
      await others
      return
    }
    const over = Promise.withResolvers<undefined>()
    this.#visits.set(channel.peer, over.promise)
    try {
      await this.#talk(channel, { address, found })
    } finally {
      this.#visits.delete(channel.peer)
      over.resolve(undefined)
    }
  }

  async #dial(address: string): Promise<Channel> {
    const { transport, clock } = this.#components
    const patience = new AbortController()
    const cancel = clock.schedule(DIAL_MS, () => {
      patience.abort(new ClientError('TIMED_OUT', 'no answer'))
    })
    const signal = AbortSignal.any([patience.signal, this.#closing.signal])
    try {
      return await transport.dial(address, { signal })
    } finally {
      cancel()
    }
  }

  /** From the first hello to the end of the session. */
  async #talk(
    channel: Channel,
    { address, found }: { address: string; found: () => void },
  ): Promise<void> {
    const { peer } = channel
    const { hello, clock } = this.#components
    const over = Promise.withResolvers<string>()
    const session = await openSession(channel, {
      hello,
      clock,
      signal: this.#closing.signal,
      handlers: {
        message: (message) => {
          if (isFromNode(message)) this.#listener.message(peer, message)
        },
        writable: () => {
          this.#listener.writable(peer)
        },
        closed: (error) => {
          over.resolve(error ? error.message : 'it said goodbye')
        },
      },
    })
    if (session.remote.role !== 'node') {
      await session.close()
      this.#troubles.set(address, 'it is a client, not a node')
      return
    }
    this.#members.set(peer, { session, defined: new Set() })
    this.#listener.joined(peer, nameOf(session))
    found()
    const why = await over.promise
    this.#members.delete(peer)
    this.#listener.left(peer, why)
  }

  /** Spread, so that many clients do not come back at the same moment. */
  #pause(failures: number): Promise<void> {
    const { clock, random } = this.#components
    const { signal } = this.#closing
    const whole = Math.min(RETRY_MS.most, RETRY_MS.first * 2 ** Math.max(0, failures - 1))
    return new Promise((resolve) => {
      const end = () => {
        cancel()
        signal.removeEventListener('abort', end)
        resolve()
      }
      const cancel = clock.schedule(whole * (0.5 + random() / 2), end)
      signal.addEventListener('abort', end, { once: true })
      if (signal.aborted) end()
    })
  }
}

function isHopeless(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'INVALID_ADDRESS'
}

function nameOf({ remote, peer }: Session): string {
  return remote.name === '' ? peer.slice(-8) : remote.name
}

const FROM_NODES: ReadonlySet<string> = new Set(['offer', 'refuse', 'progress', 'finish', 'fail'])

function isFromNode(message: TaskMessage): message is NodeMessage {
  return FROM_NODES.has(message.type)
}

/** As the node does: it keeps the latest ones. */
function forgetFirst(defined: Set<string>): void {
  for (const first of defined) {
    defined.delete(first)
    return
  }
}
