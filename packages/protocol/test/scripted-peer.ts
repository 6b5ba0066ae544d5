import { expect } from 'vitest'
import { FrameReader, FrameWriter } from '../src/frames.ts'
import { createMemoryNetwork } from '../src/memory-transport.ts'
import type { Channel } from '../src/transport.ts'
import { FakeClock, settle } from './fake-clock.ts'
import { CLIENT, NODE, openSide } from './session-contract.ts'
import { Ear } from './transport-contract.ts'

/** A channel with both ends in hand, on a clock that stands still. */
export async function world() {
  const clock = new FakeClock()
  const network = createMemoryNetwork()
  const [ada, bob] = [network.transport('ada'), network.transport('bob')]
  const accepted = new Promise<Channel>((resolve) => {
    bob.accept(resolve)
  })
  const near = await ada.dial('memory:bob', { signal: AbortSignal.timeout(10_000) })
  const far = await accepted
  return { clock, network, near, far }
}

/** A session of ours, and a peer that says what a test wants. */
export async function scripted(hello: object = { type: 'hello', version: 2, ...NODE }) {
  const { clock, network, near, far } = await world()
  const opening = openSide(near, { hello: CLIENT, clock })
  opening.catch(() => {})
  const heard: unknown[] = []
  const reader = new FrameReader((body) => heard.push(body))
  const ear = new Ear(far)
  const say = async (...messages: readonly object[]) => {
    const writer = new FrameWriter()
    for (const message of messages) writer.write(message)
    for (const piece of writer.take()) far.send(piece)
    await settle()
  }
  /** What we said to the peer since the last time. */
  const listen = async () => {
    await settle()
    for (const piece of ear.pieces.splice(0)) reader.push(piece)
    return heard.splice(0)
  }
  await say(hello)
  return { clock, network, far, ear, say, listen, opening }
}

/** What a goodbye of that code looks like. */
export const goodbye = (code: string): unknown =>
  expect.objectContaining({ type: 'goodbye', code, message: expect.any(String) as unknown })
