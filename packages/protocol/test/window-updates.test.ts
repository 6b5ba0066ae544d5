import type { Stream } from '@libp2p/interface'
import { multiaddrConnectionPair } from '@libp2p/utils'
import { yamux } from '@libp2p/yamux'
import { describe, expect, it, vi } from 'vitest'
import { updateWindowSeldom, WINDOW_BYTES } from '../src/window-updates.ts'

/** What Yamux calls a frame that gives the peer new room. */
const WINDOW_UPDATE = 1

/** Both ends of a stream, as the library makes them, and the room that the far end has given so far. */
async function streams() {
  const [near, far] = multiaddrConnectionPair()
  const muxers = [near, far].map((connection) => yamux()().createStreamMuxer(connection))
  const accepted = Promise.withResolvers<Stream>()
  muxers[1]?.addEventListener('stream', ({ detail }) => {
    accepted.resolve(detail)
  })
  const sender = await muxers[0]?.createStream()
  if (sender === undefined) throw new TypeError('no stream')
  const receiver = await accepted.promise
  // Its first word says that it is there.
  receiver.send(new Uint8Array(1))
  const given: number[] = []
  const sendFrame: unknown = Reflect.get(receiver, 'sendFrame')
  if (typeof sendFrame !== 'function') throw new TypeError('Yamux sends frames in another way now')
  Reflect.set(receiver, 'sendFrame', (header: { type: number; length: number }, data?: unknown) => {
    if (header.type === WINDOW_UPDATE) given.push(header.length)
    const isSent: unknown = Reflect.apply(sendFrame, receiver, [header, data])
    return isSent
  })
  let received = 0
  receiver.addEventListener('message', ({ data }) => {
    received += data.byteLength
  })
  const send = async (bytes: number) => {
    const wanted = received + bytes
    sender.send(new Uint8Array(bytes))
    await vi.waitFor(() => {
      expect(received).toBe(wanted)
    })
    return received
  }
  return { receiver, given, send }
}

describe('the window of a stream', () => {
  it('is as large as it may be from the start, and small messages cost no word about it', async () => {
    const { receiver, given, send } = await streams()
    updateWindowSeldom(receiver)
    for (let count = 0; count < 20; count += 1) await send(1000)
    expect(given).toEqual([WINDOW_BYTES - 256 * 1024])
  })

  it('is opened again when half of it is used up', async () => {
    const { receiver, given, send } = await streams()
    updateWindowSeldom(receiver)
    for (let count = 0; count < 9; count += 1) await send(WINDOW_BYTES / 8)
    expect(given.slice(1)).toEqual([WINDOW_BYTES / 2, WINDOW_BYTES / 2])
  })

  it('lets through more than fits, however fast it comes', async () => {
    const { receiver, send } = await streams()
    updateWindowSeldom(receiver)
    const bytes = 3.5 * WINDOW_BYTES
    expect(await send(bytes)).toBe(bytes)
  })

  it('is left alone where the stream is none of Yamux', () => {
    const [near] = multiaddrConnectionPair()
    const other = Object.assign(near, { sendWindowUpdate: 'other' })
    updateWindowSeldom(other)
    expect(other.sendWindowUpdate).toBe('other')
  })
})
