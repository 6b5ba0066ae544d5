import { describe, expect, it } from 'vitest'
import { FrameReader } from '../src/frames.ts'
import { Outbox } from '../src/outbox.ts'
import type { Channel } from '../src/transport.ts'
import { FakeClock } from './fake-clock.ts'

/** A channel that is full when the test says so. */
class Tap implements Channel {
  readonly peer = 'bob'
  readonly sent: Uint8Array[] = []
  isFull = false

  send(bytes: Uint8Array): boolean {
    this.sent.push(bytes)
    return !this.isFull
  }
  listen(): void {}
  close(): Promise<void> {
    return Promise.resolve()
  }
  abort(): void {}

  /** The messages of each send. */
  get pieces(): unknown[][] {
    return this.sent.map((bytes) => {
      const bodies: unknown[] = []
      new FrameReader((body) => bodies.push(body)).push(bytes)
      return bodies
    })
  }
}

function open() {
  const tap = new Tap()
  const told = { writable: 0 }
  const clock = new FakeClock()
  const outbox = new Outbox(tap, clock, () => {
    told.writable += 1
  })
  return { tap, told, clock, outbox }
}

const turn = () => new Promise(setImmediate)

describe('an outbox', () => {
  it('sends what one turn wrote in one piece, and nothing before its end', async () => {
    const { tap, outbox } = open()
    outbox.write({ a: 1 })
    outbox.write({ a: 2 })
    expect(tap.sent).toEqual([])
    await turn()
    outbox.write({ a: 3 })
    await turn()
    await turn()
    expect(tap.pieces).toEqual([[{ a: 1 }, { a: 2 }], [{ a: 3 }]])
  })

  it('sends what nobody waits for with the next that somebody waits for, and by itself 20 ms later', async () => {
    const { tap, clock, outbox } = open()
    outbox.write({ a: 1 }, 'later')
    await turn()
    outbox.write({ a: 2 }, 'later')
    outbox.write({ a: 3 })
    await turn()
    outbox.write({ a: 4 }, 'later')
    await clock.advance(19)
    const before = tap.pieces
    await clock.advance(1)
    expect(before).toEqual([[{ a: 1 }, { a: 2 }, { a: 3 }]])
    expect(tap.pieces).toEqual([...before, [{ a: 4 }]])
    expect(clock.pending).toBe(0)
  })

  it('keeps what is written while the channel is full, and sends it when there is room', async () => {
    const { tap, outbox } = open()
    tap.isFull = true
    outbox.write({ a: 1 })
    await turn()
    outbox.write({ a: 2 })
    await turn()
    outbox.write({ a: 3 })
    await turn()
    expect(tap.pieces).toEqual([[{ a: 1 }]])
    tap.isFull = false
    outbox.drained()
    expect(tap.pieces).toEqual([[{ a: 1 }], [{ a: 2 }, { a: 3 }]])
  })

  it('tells once that there is room again, and only who asked in vain', async () => {
    const { tap, told, outbox } = open()
    tap.isFull = true
    outbox.write({ a: 1 })
    await turn()
    tap.isFull = false
    outbox.drained()
    expect(told.writable).toBe(0)
    tap.isFull = true
    outbox.write({ a: 2 })
    await turn()
    expect([outbox.writable, outbox.writable]).toEqual([false, false])
    outbox.write({ a: 3 })
    outbox.drained()
    expect(told.writable).toBe(0)
    tap.isFull = false
    outbox.drained()
    outbox.drained()
    expect(told.writable).toBe(1)
    expect(outbox.writable).toBe(true)
  })

  it('is not writable above a megabyte in line, and says so when that has left', async () => {
    const { told, outbox } = open()
    outbox.write({ text: 'x'.repeat(1024 * 1024) })
    expect(outbox.writable).toBe(false)
    await turn()
    expect([told.writable, outbox.writable]).toEqual([1, true])
  })

  it('says when more waits than anybody should keep', () => {
    const { tap, outbox } = open()
    tap.isFull = true
    const large = { text: 'x'.repeat(4_000_000) }
    for (let count = 0; count < 16; count += 1) outbox.write(large)
    expect(outbox.isOverfull).toBe(false)
    outbox.write(large)
    expect(outbox.isOverfull).toBe(true)
  })

  it('hands over everything at the end, also to a full channel', async () => {
    const { tap, outbox } = open()
    tap.isFull = true
    outbox.write({ a: 1 })
    await turn()
    outbox.write({ a: 2 })
    outbox.write({ a: 3 }, 'later')
    outbox.flushAll()
    expect(tap.pieces).toEqual([[{ a: 1 }], [{ a: 2 }, { a: 3 }]])
  })
})
