import { systemClock, type Clock } from './clock.ts'
import { interruption } from './dial-failure.ts'
import { ProtocolError } from './errors.ts'
import { MemoryChannel, type Wire } from './memory-channel.ts'
import type { Channel, Transport } from './transport.ts'

/** What a network in memory is made of. */
export interface MemoryNetworkOptions {
  /** Delays are counted by it; with a fake one nothing moves until it does. */
  readonly clock?: Clock
  /** Milliseconds that everything takes to cross, in each direction. @default 0 */
  readonly latencyMs?: number
}

/** A network inside one process: for tests, the simulator and nodes that run beside their client. */
export interface MemoryNetwork {
  /** A member. Its name is its peer id; a fresh one by default. */
  transport(name?: string): Transport
  /** Ends all channels between two members at once, as when a process is killed. */
  cut(one: string, other: string): void
  /** From now on nothing crosses between two members, and nobody is told. */
  hold(one: string, other: string): void
  /** Delivers what was held, in order, and lets everything cross again. */
  release(one: string, other: string): void
  /** From now on bytes between two members take that many milliseconds. */
  delay(one: string, other: string, ms: number): void
}

const PREFIX = 'memory:'

/** Makes a network in memory. Delivery is never synchronous and always in order. */
export function createMemoryNetwork(options: MemoryNetworkOptions = {}): MemoryNetwork {
  return new Switch(options)
}

/** What lies between two members. */
interface Link extends Wire {
  held: boolean
  latencyMs: number
  readonly channels: Set<MemoryChannel>
}

class Switch implements MemoryNetwork {
  readonly #clock: Clock
  readonly #latencyMs: number
  readonly #members = new Map<string, MemoryTransport>()
  /** By both names, in order. */
  readonly #links = new Map<string, Link>()
  readonly #watchers = new Map<string, ((address: string) => void)[]>()
  #named = 0

  constructor({ clock = systemClock, latencyMs = 0 }: MemoryNetworkOptions) {
    this.#clock = clock
    this.#latencyMs = latencyMs
  }

  transport(name = `peer-${(this.#named += 1)}`): Transport {
    if (this.#members.has(name)) {
      throw new ProtocolError('ADDRESS_IN_USE', `there is a member named ${name} already`)
    }
    const member = new MemoryTransport(name, this)
    this.#members.set(name, member)
    return member
  }

  cut(one: string, other: string): void {
    const error = new ProtocolError('SESSION_CLOSED', 'the connection broke')
    for (const channel of this.#link(one, other).channels) channel.abort(error)
  }

  hold(one: string, other: string): void {
    this.#link(one, other).held = true
  }

  release(one: string, other: string): void {
    const link = this.#link(one, other)
    link.held = false
    for (const channel of link.channels) channel.deliver()
  }

  delay(one: string, other: string, ms: number): void {
    this.#link(one, other).latencyMs = ms
  }

  /** Opens a channel between two members, once the bytes of a handshake could have crossed. */
  async connect(from: string, address: string, signal: AbortSignal): Promise<Channel> {
    const name = address.slice(PREFIX.length)
    if (!address.startsWith(PREFIX) || name === '') throw invalidAddress(address)
    const link = this.#link(from, name)
    await this.#cross(link, signal, address)
    const accept = this.#members.get(name)?.handler
    if (accept === undefined) {
      throw new ProtocolError(
        'PEER_UNREACHABLE',
        `${address} cannot be reached: nobody listens there; is it running?`,
      )
    }
    const forget = (channel: MemoryChannel) => link.channels.delete(channel)
    const near = new MemoryChannel({ owner: from, peer: name }, link, forget)
    const far = new MemoryChannel({ owner: name, peer: from }, link, forget)
    near.join(far)
    link.channels.add(near).add(far)
    accept(far)
    return near
  }

  watch(watcher: string, found: (address: string) => void): void {
    const watchers = this.#watchers.get(watcher) ?? []
    this.#watchers.set(watcher, [...watchers, found])
    for (const member of this.#members.values()) this.#tell(watcher, member, [found])
  }

  announce(member: MemoryTransport): void {
    for (const [watcher, found] of this.#watchers) this.#tell(watcher, member, found)
  }

  leave(name: string): void {
    this.#members.delete(name)
    this.#watchers.delete(name)
    for (const link of this.#links.values()) {
      const own = [...link.channels].filter(({ owner }) => owner === name)
      for (const channel of own) void channel.close()
    }
  }

  #tell(
    watcher: string,
    member: MemoryTransport,
    found: readonly ((address: string) => void)[],
  ): void {
    if (member.peer === watcher || member.handler === undefined) return
    for (const tell of found) {
      this.#clock.schedule(0, () => {
        for (const address of member.addresses) tell(address)
      })
    }
  }

  #link(one: string, other: string): Link {
    const key = JSON.stringify([one, other].toSorted())
    const known = this.#links.get(key)
    if (known !== undefined) return known
    const link: Link = {
      held: false,
      latencyMs: this.#latencyMs,
      channels: new Set(),
      later: (run) => {
        if (link.latencyMs === 0 && this.#clock === systemClock) setImmediate(run)
        else this.#clock.schedule(link.latencyMs, run)
      },
    }
    this.#links.set(key, link)
    return link
  }

  #cross(link: Link, signal: AbortSignal, address: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        reject(interruption(address, signal.reason))
      }
      if (signal.aborted) giveUp()
      signal.addEventListener('abort', giveUp, { once: true })
      if (link.held) return
      link.later(() => {
        signal.removeEventListener('abort', giveUp)
        resolve()
      })
    })
  }
}

class MemoryTransport implements Transport {
  readonly peer: string
  readonly addresses: readonly string[]
  readonly #network: Switch
  handler: ((channel: Channel) => void) | undefined

  constructor(name: string, network: Switch) {
    this.peer = name
    this.addresses = [`${PREFIX}${name}`]
    this.#network = network
  }

  dial(address: string, { signal }: { readonly signal: AbortSignal }): Promise<Channel> {
    return this.#network.connect(this.peer, address, signal)
  }

  accept(handler: (channel: Channel) => void): void {
    this.handler = handler
    this.#network.announce(this)
  }

  discover(found: (address: string) => void): void {
    this.#network.watch(this.peer, found)
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#network.leave(this.peer)
    return Promise.resolve()
  }
}

function invalidAddress(address: string): ProtocolError {
  return new ProtocolError(
    'INVALID_ADDRESS',
    `"${address}" is no address of a network in memory: write ${PREFIX}name`,
  )
}
