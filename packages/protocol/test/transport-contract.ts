import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Channel, Transport } from '../src/transport.ts'

/** Two members of one network, of which the second listens. */
export interface Pair {
  readonly dialler: Transport
  readonly listener: Transport
  /** An address that nobody has. */
  readonly nowhere: string
}

/** Everything that one end of a channel was told. */
export class Ear {
  readonly channel: Channel
  readonly pieces: Buffer[] = []
  readonly ends: (Error | undefined)[] = []
  drains = 0
  #wake: () => void = () => {}

  constructor(channel: Channel) {
    this.channel = channel
    channel.listen({
      data: (bytes) => {
        this.pieces.push(Buffer.from(bytes))
        this.#wake()
      },
      drain: () => {
        this.drains += 1
        this.#wake()
      },
      closed: (error) => {
        this.ends.push(error)
        this.#wake()
      },
    })
  }

  get text(): string {
    return Buffer.concat(this.pieces).toString()
  }

  get bytes(): number {
    return this.pieces.reduce((sum, piece) => sum + piece.length, 0)
  }

  /** Waits for the world to look like that. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  ended(): Promise<void> {
    return this.until(() => this.ends.length > 0)
  }
}

const soon = () => ({ signal: AbortSignal.timeout(10_000) })
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** What every transport does. */
export function describeTransport(name: string, create: () => Promise<Pair>): void {
  describe(`a transport over ${name}`, () => {
    let pair: Pair
    let incoming: ((channel: Channel) => void) | undefined
    let waiting: Channel[] = []

    beforeEach(async () => {
      pair = await create()
      waiting = []
      incoming = undefined
      pair.listener.accept((channel) => {
        if (incoming === undefined) waiting.push(channel)
        else incoming(channel)
      })
    })

    afterEach(async () => {
      await pair.dialler[Symbol.asyncDispose]()
      await pair.listener[Symbol.asyncDispose]()
    })

    const accepted = (): Promise<Channel> => {
      const channel = waiting.shift()
      if (channel !== undefined) return Promise.resolve(channel)
      return new Promise((resolve) => {
        incoming = resolve
      })
    }
    const address = () => pair.listener.addresses[0] ?? ''
    const dial = () => pair.dialler.dial(address(), soon())
    const connect = async (): Promise<[Ear, Ear]> => {
      const near = await dial()
      return [new Ear(near), new Ear(await accepted())]
    }

    it('tells each end who is at the other', async () => {
      const [near, far] = await connect()
      expect(near.channel.peer).toBe(pair.listener.peer)
      expect(far.channel.peer).toBe(pair.dialler.peer)
    })

    it('carries bytes both ways, in order and whole', async () => {
      const [near, far] = await connect()
      const parts = Array.from({ length: 200 }, (_, index) => `${index},`.repeat(1 + (index % 40)))
      for (const part of parts) {
        near.channel.send(Buffer.from(part))
        far.channel.send(Buffer.from(part.toUpperCase()))
      }
      const all = parts.join('')
      await far.until(() => far.bytes >= all.length)
      await near.until(() => near.bytes >= all.length)
      expect(far.text).toBe(all)
      expect(near.text).toBe(all)
    })

    it('hands over what came before anybody listened', async () => {
      const near = await dial()
      near.send(Buffer.from('early'))
      const far = await accepted()
      await pause(50)
      const ear = new Ear(far)
      await ear.until(() => ear.bytes === 5)
      near.send(Buffer.from(' late'))
      await ear.until(() => ear.bytes === 10)
      expect(ear.text).toBe('early late')
    })

    it('says when its buffer is full and when there is room again, and loses nothing', async () => {
      const [near, far] = await connect()
      const piece = Buffer.alloc(256 * 1024, 'x')
      let sent = 0
      while (near.channel.send(Buffer.from(piece)) && sent < 200 * piece.length)
        sent += piece.length
      sent += piece.length
      expect(sent).toBeLessThan(200 * piece.length)
      await near.until(() => near.drains > 0)
      expect(near.channel.send(Buffer.from('end'))).toBe(true)
      await far.until(() => far.bytes === sent + 3)
    })

    it('delivers what was sent before a close, then ends both sides once, without an error', async () => {
      const [near, far] = await connect()
      const text = 'last words '.repeat(30_000)
      near.channel.send(Buffer.from(text))
      await near.channel.close()
      await far.ended()
      await near.ended()
      expect(far.text).toBe(text)
      await far.channel.close()
      await near.channel.close()
      await pause(20)
      expect([near.ends, far.ends]).toEqual([[undefined], [undefined]])
    })

    it('tells of an end that came before anybody listened', async () => {
      const near = await dial()
      near.send(Buffer.from('farewell'))
      const far = await accepted()
      await near.close()
      await pause(50)
      const ear = new Ear(far)
      await ear.ended()
      expect(ear.text).toBe('farewell')
      expect(ear.ends).toHaveLength(1)
    })

    it('ends at once on an abort, on both sides, once', async () => {
      const [near, far] = await connect()
      const error = new Error('enough')
      near.channel.abort(error)
      await near.ended()
      await far.ended()
      await pause(20)
      expect(near.ends).toEqual([error])
      expect(far.ends).toHaveLength(1)
    })

    it('ends both sides once when both close at the same time', async () => {
      const [near, far] = await connect()
      await Promise.all([near.channel.close(), far.channel.close()])
      await near.ended()
      await far.ended()
      await pause(20)
      expect([near.ends, far.ends]).toEqual([[undefined], [undefined]])
    })

    it('swallows what is sent into an end', async () => {
      const [near, far] = await connect()
      await far.channel.close()
      await near.ended()
      expect(near.channel.send(Buffer.from('anybody?'))).toBe(true)
      expect(far.channel.send(Buffer.from('anybody?'))).toBe(true)
      near.channel.abort(new Error('again'))
      await near.channel.close()
      expect(near.ends).toHaveLength(1)
    })

    it('opens a channel of its own for each dial, also of one peer at one moment', async () => {
      const nears = await Promise.all(Array.from({ length: 8 }, dial))
      const ears = nears.map((channel) => new Ear(channel))
      for (const [index, { channel }] of ears.entries()) channel.send(Buffer.from(`${index}`))
      const fars: Ear[] = []
      for (let count = 0; count < ears.length; count += 1) fars.push(new Ear(await accepted()))
      for (const far of fars) await far.until(() => far.bytes === 1)
      expect(fars.map(({ text }) => text).toSorted()).toEqual(ears.map((_, index) => `${index}`))
      await ears[0]?.channel.close()
      await ears[0]?.ended()
      ears[1]?.channel.send(Buffer.from('+'))
      const second = fars.find(({ text }) => text === '1')
      await second?.until(() => second.bytes === 2)
      expect(second?.ends).toEqual([])
    })

    it('ends the channels of a member that leaves', async () => {
      const [near, far] = await connect()
      const before = address()
      await pair.listener[Symbol.asyncDispose]()
      await near.ended()
      await far.ended()
      await expect(pair.dialler.dial(before, soon())).rejects.toMatchObject({
        code: 'PEER_UNREACHABLE',
        retryable: true,
      })
    })

    it('says that nobody listens there', async () => {
      await expect(pair.dialler.dial(pair.nowhere, soon())).rejects.toMatchObject({
        code: 'PEER_UNREACHABLE',
        message: expect.stringContaining(`${pair.nowhere} cannot be reached`) as unknown,
      })
    })

    it('says which text is no address', async () => {
      for (const text of ['', 'geese', '/ip4/300.1.1.1/tcp/1', 'memory:', 'http://x:1']) {
        await expect(pair.dialler.dial(text, soon())).rejects.toMatchObject({
          code: 'INVALID_ADDRESS',
          message: expect.stringContaining(`"${text}" is no address`) as unknown,
        })
      }
    })

    it('gives up a dial when it is told to', async () => {
      const late = { signal: AbortSignal.abort(new DOMException('late', 'TimeoutError')) }
      await expect(pair.dialler.dial(address(), late)).rejects.toMatchObject({ code: 'TIMED_OUT' })
      const reason = new Error('changed my mind')
      const stopped = { signal: AbortSignal.abort(reason) }
      await expect(pair.dialler.dial(address(), stopped)).rejects.toBe(reason)
    })
  })
}
